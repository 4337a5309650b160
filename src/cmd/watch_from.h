/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop watch --from: a recording as if it happened now. */
#pragma once

#include "cmd/watch_show.h"

struct watch_from {
	const char *path, *netns, *interface, *target;
	double speed; /* seconds of the recording in a second; 0: as fast as it goes */
};

/* Plays it to the end, or as long as the user wants. 0, or STATUS_ERROR after one line on stderr. */
int watch_from(const struct watch_from *wanted, struct show *show) __attribute__((warn_unused_result));
