/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loss beyond this host, seen by pings and traces that somebody sent (tickets only). A hop of a trace that does not answer
 * while later ones do limits its answers, or does not care: it forwards well. What is lost at a hop and at all that answer
 * behind it, up to the last, begins there. What this host lost itself is taken off.
 */
#include "diagnose/detection.h"
#include "diagnose/judge.h"
#include "model/verdict.h"

#include "base/alloc.h"

#include <string.h>

#define LOST_SHARE 0.005 /* as HARM_DOMAIN(PATH): the loss must be above it, not by chance */
#define CONFIDENT 1.96	 /* standard deviations of 95 % */
#define DIFFERENT 2.58	 /* of 99 %: hops are many */
#define LOST_MANY 10	 /* as HARM_DOMAIN(PATH): few may be of a moment */
#define LOST_LEAST 2	 /* one may be the first, that waited for a neighbour to be found */

struct sum {
	uint64_t sent, answered, lost, refused;
};

static struct sum sum_of(const struct detection *detection, uint32_t object)
{
	const struct series *series = detection->series;

	return (struct sum){ series_increase(series, C_PROBE_SENT, object),
			     series_increase(series, C_PROBE_ANSWERED, object),
			     series_increase(series, C_PROBE_LOST, object),
			     series_increase(series, C_PROBE_REFUSED, object) };
}

static double square(double value)
{
	return value * value;
}

/* Whether so many of so many are more than the everyday share, beyond chance (Wilson's interval, without a square root). */
static bool is_loss(uint64_t lost, uint64_t sent)
{
	double share = sent ? (double)lost / (double)sent : 0, variance = LOST_SHARE * (1 - LOST_SHARE);

	return lost >= LOST_LEAST && share > LOST_SHARE &&
	       square(share - LOST_SHARE) * (double)sent >= square(CONFIDENT) * variance;
}

/* Whether the one lost a lower share than the other, beyond chance. */
static bool is_lower(const struct sum *low, const struct sum *high)
{
	double a = (double)low->sent, b = (double)high->sent, all = a + b, pooled, difference;

	if (!low->sent || !high->sent)
		return false;
	pooled = (double)(low->lost + high->lost) / all;
	difference = (double)high->lost / b - (double)low->lost / a;
	return difference > 0 && square(difference) >= square(DIFFERENT) * pooled * (1 - pooled) * (1 / a + 1 / b);
}

/* ---- what this host lost ---- */

/*
 * How many of so many probes one loss of this host explains at most. In the window all that it lost may have been probes; of
 * what was lost since boot they got their share.
 */
static uint64_t explained_by(const struct detection *detection, const struct finding *finding, uint64_t sent)
{
	double share = finding_share(finding);

	if (cause_get(finding->cause)->class != CAUSE_LOSS || cause_get(finding->cause)->domain == DOMAIN_PATH ||
	    !finding_is_harmful(detection->series, finding))
		return 0;
	if (!finding_is_since_boot(finding) || share < 0)
		return finding->packets;
	return (uint64_t)(share * (double)sent + 0.5);
}

static uint64_t lost_here(const struct detection *detection, uint64_t sent)
{
	struct finding **slot;
	uint64_t sum = 0;

	vec_each(&detection->found->list, slot)
		sum += explained_by(detection, *slot, sent);
	return sum;
}

/* Whether anything tells what this host lost: else a ping that got no answer may have been lost on it. */
static bool host_is_known(const struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_PACKETS, i, cell)
		return true;
	return false;
}

/* ---- findings ---- */

static struct finding *add_finding(struct detection *detection, enum cause cause, uint32_t object,
				   const struct sum *sum)
{
	uint64_t here = lost_here(detection, sum->sent);
	struct finding *finding;

	if (here >= sum->lost || !is_loss(sum->lost - here, sum->sent))
		return NULL;
	finding = detect_add(detection, cause, object, UNIT_PACKETS, DIRECTION_EGRESS);
	finding->packets = sum->lost - here;
	finding->at_least = here != 0;
	finding->passed = sum->answered + sum->refused + here;
	finding->passed_counter = C_PROBE_ANSWERED;
	finding->passed_object = object;
	return finding;
}

static void add_evidence(const struct detection *detection, struct finding *finding, uint32_t object, const char *note)
{
	finding_evidence(finding, detection->series, C_PROBE_SENT, object, note);
	finding_evidence(finding, detection->series, C_PROBE_LOST, object, NULL);
	if (series_increase(detection->series, C_PROBE_REFUSED, object))
		finding_evidence(finding, detection->series, C_PROBE_REFUSED, object, "answered by an error: not lost");
}

/* ---- pings ---- */

static bool is_hop(const struct detection *detection, uint32_t object)
{
	return series_cell(detection->series, C_PROBE_HOP, object) != NULL;
}

static const char *called(const struct detection *detection, uint32_t object)
{
	return object_text(object_get(detection->objects, object), LABEL_NAME);
}

/* One output about a destination. */
struct run {
	uint32_t netns, object;
	uint64_t name; /* hash */
};

struct runs {
	VEC(struct run) list; /* those of one destination one after the other */
};

static int compare_runs(const void *left, const void *right)
{
	const struct run *a = left, *b = right;

	if (a->netns != b->netns)
		return a->netns < b->netns ? -1 : 1;
	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

static void collect_runs(const struct detection *detection, struct runs *ret)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_PROBE_SENT, i, cell) {
		struct run *run = is_hop(detection, cell->object) ? NULL : vec_add(&ret->list, OBJECTS_MAX);

		if (run)
			*run = (struct run){ object_get(detection->objects, cell->object)->netns, cell->object,
					     object_hash(called(detection, cell->object)) };
	}
	vec_sort(&ret->list, compare_runs);
}

/* How many from there on are about the same destination; *ret: what they sent and lost together, *ret_losing: one that lost. */
static size_t sum_runs(const struct detection *detection, const struct run *runs, size_t count, struct sum *ret,
		       uint32_t *ret_losing)
{
	size_t i;

	*ret = (struct sum){ 0 };
	*ret_losing = OBJECT_HOST_ID;
	for (i = 0; i < count && runs[i].netns == runs[0].netns && runs[i].name == runs[0].name; i++) {
		struct sum one = sum_of(detection, runs[i].object);

		ret->sent += one.sent;
		ret->answered += one.answered;
		ret->lost += one.lost;
		ret->refused += one.refused;
		if (one.lost && !*ret_losing)
			*ret_losing = runs[i].object;
	}
	return i;
}

static void judge_destination(struct detection *detection, uint32_t losing, const struct sum *all)
{
	struct finding *finding;

	if (!all->lost)
		return;
	finding = add_finding(detection, all->answered ? CAUSE_REMOTE_LOSS : CAUSE_PEER_NOT_ANSWERING, losing, all);
	if (!finding)
		return;
	finding->confidence = host_is_known(detection) && all->answered ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
	finding->detail = mem_strdup(all->answered ? "where on the way it was lost a ping cannot tell: mtr may"
						   : "none was answered; a host that answers no pings looks the same");
	add_evidence(detection, finding, losing, "sent there");
}

static void judge_destinations(struct detection *detection)
{
	struct runs runs = { 0 };
	size_t length;

	collect_runs(detection, &runs);
	for (size_t i = 0; i < runs.list.count; i += length) {
		uint32_t losing;
		struct sum all;

		length = sum_runs(detection, &runs.list.data[i], runs.list.count - i, &all, &losing);
		judge_destination(detection, losing, &all);
	}
	vec_free(&runs.list);
}

/* ---- traces ---- */

#define HOPS_MAX 256

struct trace {
	uint32_t hops[HOPS_MAX];
	struct sum sums[HOPS_MAX];
	size_t count;
};

/* The hops of a trace by their place; those that never answered are left out, but *ret_silent_end tells of one at the end. */
static void trace_of(const struct detection *detection, uint32_t parent, struct trace *ret, bool *ret_silent_end)
{
	uint32_t by_place[HOPS_MAX] = { 0 };
	const struct cell *cell;
	size_t i;

	*ret = (struct trace){ 0 };
	*ret_silent_end = false;
	series_each(detection->series, C_PROBE_HOP, i, cell) {
		if (object_get(detection->objects, cell->object)->parent == parent && cell->last < HOPS_MAX)
			by_place[cell->last] = cell->object;
	}
	for (i = 0; i < HOPS_MAX; i++) {
		struct sum sum;

		if (!by_place[i])
			continue;
		sum = sum_of(detection, by_place[i]);
		*ret_silent_end = !sum.answered;
		if (!sum.answered)
			continue;
		ret->hops[ret->count] = by_place[i];
		ret->sums[ret->count++] = sum;
	}
}

/* The first hop from which on none loses less than the last one. */
static size_t where_it_begins(const struct trace *trace)
{
	size_t begin = trace->count - 1;

	for (size_t i = begin; i > 0; i--) {
		if (is_lower(&trace->sums[i - 1], &trace->sums[trace->count - 1]))
			break;
		if (trace->sums[i - 1].lost)
			begin = i - 1;
	}
	return begin;
}

/* Hops that lost more than the last one did: what they lost were answers. */
static void limits_answers(struct detection *detection, const struct trace *trace)
{
	const struct sum *end = &trace->sums[trace->count - 1];

	for (size_t i = 0; i + 1 < trace->count; i++) {
		struct finding *finding;

		if (!trace->sums[i].lost || (end->lost && !is_lower(end, &trace->sums[i])))
			continue;
		finding =
			detect_add(detection, CAUSE_ICMP_RATE_LIMITED, trace->hops[i], UNIT_PACKETS, DIRECTION_EGRESS);
		finding->packets = trace->sums[i].lost;
		finding->confidence = CONFIDENCE_LIKELY;
		finding->why_innocent = "hops behind it answered more: it forwards well and only answers seldom";
		add_evidence(detection, finding, trace->hops[i], "sent to that hop");
		add_evidence(detection, finding, trace->hops[trace->count - 1], "sent to the last hop");
	}
}

static void judge_trace(struct detection *detection, uint32_t parent)
{
	struct trace trace;
	struct finding *finding;
	bool silent_end;
	size_t begin, last;

	trace_of(detection, parent, &trace, &silent_end);
	if (!trace.count)
		return;
	limits_answers(detection, &trace);
	last = trace.count - 1;
	begin = where_it_begins(&trace);
	/* The last that answers is not where the trace was to: alone it may limit its answers as any other. */
	if (!is_loss(trace.sums[last].lost, trace.sums[last].sent) || (silent_end && begin == last))
		return;
	finding = add_finding(detection, CAUSE_PATH_HOP_LOSS, trace.hops[begin], &trace.sums[last]);
	if (!finding)
		return;
	finding->confidence = begin < last && finding->packets >= LOST_MANY ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
	finding->detail = begin < last
				  ? text_format("it goes on to the last hop, %s", called(detection, trace.hops[last]))
				  : mem_strdup("only the last hop that answers lost any");
	if (begin)
		add_evidence(detection, finding, trace.hops[begin - 1], "sent to the hop before");
	add_evidence(detection, finding, trace.hops[begin], "sent to the hop where it begins");
	if (begin < last)
		add_evidence(detection, finding, trace.hops[last], "sent to the last hop");
}

void detect_probes(struct detection *detection)
{
	const struct cell *cell;
	uint32_t before = OBJECT_HOST_ID;
	size_t i;

	judge_destinations(detection);
	series_each(detection->series, C_PROBE_HOP, i, cell) {
		uint32_t parent = object_get(detection->objects, cell->object)->parent;

		if (parent == before)
			continue; /* the next hop of the same trace */
		before = parent;
		judge_trace(detection, parent);
	}
}
