/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers of tc's text (ticket_tc.c) and of its JSON (ticket_tc_json.c) share. */
#pragma once

#include "evidence/ticket_parts.h"

struct qdisc_counters;

/* "qdisc htb 1: dev eth0 root …", "class htb 1:10 parent 1:1 …"; `what` is the first word. */
bool tc_is_heading(const struct slice *words, size_t count, const char *what);

/* The qdisc or class of a heading is at hand (block->object), or none when it is one that is left out. */
bool tc_take_heading(struct block *block, const struct slice *words, size_t count);

/* What that object counts. */
const struct qdisc_counters *tc_counters_of(const struct object *object);
counter_id tc_option_counter(const struct object *object, const char *word);
counter_id tc_extended_counter(const struct object *object, const char *word);

/* "1.5Mbit" in bytes per second. */
bool tc_rate(struct slice word, uint64_t *ret);

/* The number before or behind a word: "(dropped 213," has that of "dropped" behind it. */
bool tc_number_beside(const struct slice *words, size_t count, const char *word, bool before, uint64_t *ret);

bool tc_take(struct block *block, struct slice line);

bool tc_json_begins(struct slice line);
bool tc_json_take(struct block *block, struct slice line);
void tc_json_end(struct block *block);
