/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace --also: events that are no drops, as lines between those of drops and as totals below theirs. */
#pragma once

#include "cmd/trace_look.h"
#include "source/events.h"

struct trace_also;

/* "resets,polls" as bits of enum event_group. 0, or STATUS_ERROR after one line on stderr. */
int trace_also_parse(const char *list, unsigned int *ret) __attribute__((warn_unused_result));

/* Attaches the probes; says on stderr what this kernel lacks. 0, or STATUS_ERROR after one line there. */
int trace_also_attach(const struct events_options *options, struct trace_also **ret)
	__attribute__((warn_unused_result));
void trace_also_detach(struct trace_also *also); /* NULL is none */

/* Takes over the samples that wait; the processes behind their sockets are asked for. How many wait now for their lines. */
size_t trace_also_take(struct trace_also *also, struct holders *holders);

/* Appends the lines of those that happened up to that time (CLOCK_MONOTONIC), at most so many. How many there were. */
uint64_t trace_also_show(struct trace_also *also, uint64_t until_ns, uint64_t most, const struct trace_look *look,
			 struct text *ret);

/* Those that wait get no lines. */
void trace_also_leave(struct trace_also *also);

/* Stops the probes and sums up. Good until trace_also_detach(). */
const struct trace_event_totals *trace_also_sum(struct trace_also *also, struct kernel_names *names);
