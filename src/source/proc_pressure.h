/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pressure stall information, of the host or of a control group. */
#pragma once

#include "base/parse.h"

/* Time in which some, and in which all tasks waited; false means that the file does not tell it. */
struct pressure {
	uint64_t some_ns, full_ns;
	bool has_some, has_full;
};

/* A whole pressure file. 0, or -EBADMSG when no line of it was understood. */
int pressure_parse(struct slice text, struct pressure *ret) __attribute__((warn_unused_result));
