/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet's way with what was lost at each place of it, in words: the same in every format. */
#pragma once

#include "render/answer.h"

/* One place on the packet's way. */
enum way_mark {
	WAY_CLEAN,
	WAY_LOST,   /* harmful loss */
	WAY_REASON, /* nothing was lost here, but the reason for the loss is here */
	WAY_UNSEEN, /* not observed, or not wholly */
};

struct way_row {
	enum domain domain;
	enum way_mark mark;
	char *count; /* "1,234", "0", "?" */
	char *note;
};

/* All places in the packet's order; free with way_rows_free(). */
void way_rows(const struct answer *answer, struct way_row rows[DOMAIN_COUNT]);
void way_rows_free(struct way_row rows[DOMAIN_COUNT]);

/* What stands before a place of the way on a terminal. */
const char *way_sign(enum way_mark mark, bool unicode);
