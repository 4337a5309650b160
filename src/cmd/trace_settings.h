/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user asks of a trace, live or of a recording. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct trace_settings {
	uint64_t duration_ns, count, rate, speed;
	const char *netns, *interface, *filter, *pcapng, *colour, *also, *from;
	bool json, all, stack, redact, totals, flows, top;
};
