/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of all CPUs together. */
#include "cmd/trace_sum.h"

#include "cmd/trace_look.h"

#include "base/alloc.h"

#include <string.h>

#define ROWS_MAX 4096
#define FLOWS_SHOWN 20

struct summary {
	struct trace_sum *sum;
	struct kernel_names *names;
};

struct trace_total *trace_sum_row(struct trace_sum *sum, const char *reason, const char *meaning)
{
	struct trace_total *row;

	vec_each(&sum->rows, row) {
		if (strcmp(row->reason, reason) == 0)
			return row;
	}
	row = vec_add(&sum->rows, ROWS_MAX);
	if (row)
		*row = (struct trace_total){ .reason = reason, .meaning = meaning };
	return row;
}

static void want_place(void *argument, size_t index, const struct drop_slot *slot)
{
	struct summary *summary = argument;

	(void)index;
	kernel_place_want(summary->names, slot->key.place);
}

static const char *reason_name(struct summary *summary, uint32_t number)
{
	const char *reason = kernel_reason_name(summary->names, number);

	return reason ? reason : "(no reason)";
}

static void add_slot(void *argument, size_t index, const struct drop_slot *slot)
{
	struct summary *summary = argument;
	const char *reason = reason_name(summary, slot->key.reason);
	const struct drop_meaning meaning = drop_meaning_of(kernel_place_name(summary->names, slot->key.place), reason);
	struct trace_total *row =
		trace_sum_row(summary->sum, reason, meaning.known ? meaning.known->meaning : meaning.meaning);

	(void)index;
	if (!row)
		return;
	row->skbs += slot->skbs;
	row->segments += slot->segments;
	row->wanted_skbs += slot->wanted;
	row->harmless_skbs += meaning.harm == REASON_HARMLESS ? slot->skbs : 0;
	summary->sum->totals.wanted_skbs += slot->wanted;
}

static void add_flow(struct summary *summary, const struct drop_flow *flow)
{
	struct trace_flow *row = vec_add(&summary->sum->flows, FLOWS_SHOWN);

	if (!row)
		return;
	row->skbs = flow->skbs;
	row->segments = flow->segments;
	row->reason = reason_name(summary, flow->key.reason);
	row->netns_inode = flow->key.netns;
	(void)trace_flow_of(&flow->key, &row->flow);
}

/* Those that lost most; of the others their number. */
static void add_flows(struct summary *summary, const struct drops *drops)
{
	CLEANUP_FREE struct drop_flow *flows = NULL;
	size_t count = drops_flows(drops, &flows);

	for (size_t i = 0; i < count && i < FLOWS_SHOWN; i++)
		add_flow(summary, &flows[i]);
	summary->sum->totals.all_flows = count;
}

static int most_first(const void *left, const void *right)
{
	const struct trace_total *a = left, *b = right;

	if (a->skbs != b->skbs)
		return a->skbs > b->skbs ? -1 : 1;
	return strcmp(a->reason, b->reason);
}

void trace_sum_rows(struct trace_sum *sum)
{
	vec_sort(&sum->rows, most_first);
	sum->totals.rows = sum->rows.data;
	sum->totals.count = sum->rows.count;
}

void trace_sum(struct trace_sum *sum, const struct drops *drops, struct kernel_names *names)
{
	struct summary summary = { sum, names };
	struct trace_totals *totals = &sum->totals;
	struct drops_totals counts;

	drops_each(drops, want_place, &summary);
	(void)kernel_places_find(names); /* what is not found has no name */
	drops_each(drops, add_slot, &summary);
	add_flows(&summary, drops);
	drops_totals(drops, &counts);
	trace_sum_rows(sum);
	totals->flows = sum->flows.data;
	totals->flow_count = sum->flows.count;
	totals->flowless = counts.flow_skbs_none;
	totals->flows_evicted = counts.flow_skbs_evicted;
	totals->skbs = counts.skbs;
	totals->segments = counts.segments;
	totals->missed = counts.missed;
	totals->keyless = counts.keyless_skbs;
	totals->lost = counts.samples_lost;
	totals->over_rate += counts.samples_left;
}

void trace_sum_free(struct trace_sum *sum)
{
	vec_free(&sum->rows);
	vec_free(&sum->flows);
}
