/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples wait here until the drops of the same time have been read, so that lines come in the order of time. */
#include "cmd/trace_also.h"

#include "cmd/command.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <errno.h>
#include <string.h>

#define BATCH_MAX 4096
#define ROWS_MAX 4096

/* A total with the text that it owns. */
struct row {
	struct trace_event_total total;
	char *detail;
};

struct trace_also {
	struct events *events;
	VEC(struct event_sample) batch;
	size_t shown; /* of the batch: those that have their lines */
	VEC(struct row) rows;
	VEC(struct trace_event_total) totals;
	struct trace_event_totals sum;
};

/* ---- what is asked for ---- */

int trace_also_parse(const char *list, unsigned int *ret)
{
	unsigned int groups = 0;

	for (const char *at = list;;) {
		size_t length = strcspn(at, ",");
		unsigned int found = event_group_find(at, length);

		if (!found)
			return complain("--also: '%.*s' is none of %s", (int)length, at, event_group_names());
		groups |= found;
		if (!at[length])
			break;
		at += length + 1;
	}
	*ret = groups;
	return 0;
}

static void say_lacking(void *argument, const char *tracepoint, int error)
{
	(void)argument;
	if (error == ENOENT)
		complain("--also: this kernel has no %s", tracepoint);
	else
		complain("--also: cannot watch %s: %s", tracepoint, strerror(error));
}

int trace_also_attach(const struct events_options *options, struct trace_also **ret)
{
	struct trace_also *also = NEW(struct trace_also);
	struct events_options telling = *options;
	int error;

	telling.lacks = say_lacking;
	error = events_attach(&telling, &also->events);
	if (error) {
		free(also);
		return complain("--also needs BPF programs, and they cannot be loaded: %s", strerror(-error));
	}
	*ret = also;
	return 0;
}

void trace_also_detach(struct trace_also *also)
{
	struct row *row;

	if (!also)
		return;
	events_detach(also->events);
	vec_each(&also->rows, row)
		free(row->detail);
	vec_free(&also->rows);
	vec_free(&also->totals);
	vec_free(&also->batch);
	free(also);
}

/* ---- lines ---- */

static void take_sample(void *argument, const struct event_sample *sample)
{
	struct trace_also *also = argument;
	struct event_sample *slot = vec_add(&also->batch, BATCH_MAX);

	if (slot)
		*slot = *sample;
	else
		also->sum.over_rate++;
}

static int by_time(const void *left, const void *right)
{
	const struct event_sample *a = left, *b = right;

	return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

/* What has its line goes, the rest moves up. */
static void forget_shown(struct trace_also *also)
{
	also->batch.count -= also->shown;
	if (also->shown)
		memmove(also->batch.data, also->batch.data + also->shown,
			also->batch.count * sizeof(*also->batch.data));
	also->shown = 0;
}

size_t trace_also_take(struct trace_also *also, struct holders *holders)
{
	const struct event_sample *sample;

	forget_shown(also);
	(void)events_poll(also->events, take_sample, also);
	vec_sort(&also->batch, by_time);
	vec_each(&also->batch, sample)
		holders_want(holders, sample->socket_inode);
	return also->batch.count;
}

static void show(const struct event_sample *sample, const struct trace_look *look, struct text *ret)
{
	const struct event_row *row = event_row((enum event_kind)sample->key.kind);
	struct trace_spot spot = {
		.netns = sample->key.netns,
		.ifindex = sample->key.ifindex,
		.cpu = sample->cpu,
		.device = sample->device,
		.socket_inode = sample->socket_inode,
		.cgroup = sample->cgroup,
	};
	CLEANUP_TEXT struct text cgroup = { 0 }, detail = { 0 };
	struct trace_event event = {
		.time_ns = sample->time_ns + look->wall_offset_ns,
		.id = row->id,
		.label = row->label,
		.state = event_state(&sample->key),
		.packets = sample->packets,
	};

	event_detail(&sample->key, look->names, &detail);
	event.detail = text_string(&detail);
	event.has_flow = trace_flow_of(&sample->flow, &event.flow);
	if (event_is_of_caller(&sample->key, look->names)) {
		spot.comm = sample->comm;
		spot.pid = (int)sample->pid;
	}
	trace_look_at(look, &spot, &cgroup, &event.at);
	if (look->json)
		render_trace_event_json(&event, look->redact_key, ret);
	else
		render_trace_event_text(&event, &look->style, look->redact_key, ret);
}

uint64_t trace_also_show(struct trace_also *also, uint64_t until_ns, uint64_t most, const struct trace_look *look,
			 struct text *ret)
{
	uint64_t count = 0;

	while (also->shown < also->batch.count && count < most && also->batch.data[also->shown].time_ns <= until_ns) {
		show(&also->batch.data[also->shown++], look, ret);
		count++;
	}
	also->sum.shown += count;
	return count;
}

void trace_also_leave(struct trace_also *also)
{
	vec_clear(&also->batch);
	also->shown = 0;
}

/* ---- totals ---- */

struct summary {
	struct trace_also *also;
	struct kernel_names *names;
};

static struct row *row_of(struct trace_also *also, const struct event_row *kind, const char *detail, const char *state)
{
	struct row *row;

	vec_each(&also->rows, row) {
		if (row->total.id == kind->id && strcmp(row->detail, detail) == 0 &&
		    strcmp(row->total.state, state) == 0)
			return row;
	}
	row = vec_add(&also->rows, ROWS_MAX);
	if (!row)
		return NULL;
	row->detail = mem_strdup(detail);
	row->total = (struct trace_event_total){
		.id = kind->id, .label = kind->label, .detail = row->detail, .state = state, .meaning = kind->meaning
	};
	return row;
}

static void add_count(void *argument, const struct event_key *key, const struct event_count *count)
{
	const struct summary *summary = argument;
	CLEANUP_TEXT struct text detail = { 0 };
	struct row *row;

	event_detail(key, summary->names, &detail);
	row = row_of(summary->also, event_row((enum event_kind)key->kind), text_string(&detail), event_state(key));
	if (!row)
		return;
	row->total.events += count->events;
	row->total.packets += count->packets;
	row->total.wanted += count->wanted;
	row->total.wanted_packets += count->wanted_packets;
}

static int most_first(const void *left, const void *right)
{
	const struct trace_event_total *a = left, *b = right;

	if (a->events != b->events)
		return a->events > b->events ? -1 : 1;
	return strcmp(a->id, b->id);
}

const struct trace_event_totals *trace_also_sum(struct trace_also *also, struct kernel_names *names)
{
	struct summary summary = { also, names };
	struct events_totals totals;
	const struct row *row;

	events_stop(also->events);
	events_each(also->events, add_count, &summary);
	events_totals(also->events, &totals);
	vec_each(&also->rows, row) {
		struct trace_event_total *total = vec_add(&also->totals, ROWS_MAX);

		if (total)
			*total = row->total;
	}
	vec_sort(&also->totals, most_first);
	also->sum.rows = also->totals.data;
	also->sum.count = also->totals.count;
	also->sum.over_rate += also->batch.count - also->shown + totals.samples_left;
	also->sum.lost = totals.samples_lost;
	also->sum.missed = totals.missed;
	also->sum.keyless = totals.keyless;
	return &also->sum;
}
