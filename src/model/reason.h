/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drop reasons: what the kernel says when it frees a packet that was not delivered, as a table (reasons.def). By name
 * only: the numbers belong to the running kernel.
 */
#pragma once

#include "model/cause.h"

#include <stddef.h>

enum reason_harm {
	REASON_LOSS,	 /* somebody misses that packet */
	REASON_HARMLESS, /* nobody does */
	REASON_EITHER,	 /* that depends on whose packet it was */
};

struct reason {
	const char *name; /* without SKB_DROP_REASON_: "NO_SOCKET"; subsystems' as a whole: "RX_DROP_U_REPLAY" */
	enum domain domain;
	enum reason_harm harm;
	enum cause cause, also; /* what it points to first and next; CAUSE_NONE */
	const char *meaning;	/* one line */
};

/* By name, with or without the kernel's prefix, in upper or lower case; NULL when there is none. */
const struct reason *reason_find(const char *name);

/* All rows. `index` from 0; NULL past the last. */
const struct reason *reason_at(size_t index);
