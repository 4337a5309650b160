/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pings, traces and iperf have in common: somebody sent packets to a place and counted which came through. */
#pragma once

#include "evidence/ticket_parts.h"

struct probe_count {
	uint64_t sent, answered, refused;
};

/* A place that was probed, called that; each output's anew, for nobody's second ping goes on where the first ended. */
struct object *probe_object(struct block *block, const char *called, struct slice address);

/* The destination that a command names: its last word that is neither an option nor a number; empty when none. */
struct slice probe_destination(const struct ticket_command *command);

void probe_tell(struct block *block, const struct object *object, const struct probe_count *count);

/* ping, fping (ticket_ping.c) */
bool ping_made_by(const struct ticket_command *command);
bool ping_begins(struct slice line);
bool ping_take(struct block *block, struct slice line);
void ping_end(struct block *block);

/*
 * Lines of it in other languages (ticket_ping_foreign.c): the summary, an answer, an error in place of one. *ret_milliseconds:
 * how long it took; 0 where that is not told.
 */
bool ping_foreign_summary(struct slice line, struct probe_count *ret, uint64_t *ret_milliseconds);
bool ping_foreign_answer(struct slice line);
bool ping_foreign_refusal(struct slice line);

/* iperf, iperf3 (ticket_iperf.c) */
bool iperf_made_by(const struct ticket_command *command);
bool iperf_begins(struct slice line);
bool iperf_take(struct block *block, struct slice line);
void iperf_end(struct block *block);
