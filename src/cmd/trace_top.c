/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of all CPUs together by reason, place, namespace and device; rates by the difference to the table before. */
#include "cmd/trace_top.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/vec.h"

#include <string.h>

#define ROWS_MAX 20000
#define DEVICES_MAX 20000

struct device {
	uint32_t netns, ifindex;
	char name[DROP_DEVICE];
};

struct row {
	uint64_t place;
	uint32_t reason, netns, ifindex;
	uint64_t skbs, before;
};

struct trace_top {
	VEC(struct row) rows;
	VEC(struct device) devices;
	uint64_t last_ns;
};

struct trace_top *trace_top_new(void)
{
	struct trace_top *top = NEW(struct trace_top);

	top->last_ns = clock_monotonic_ns();
	return top;
}

void trace_top_free(struct trace_top *top)
{
	if (!top)
		return;
	vec_free(&top->rows);
	vec_free(&top->devices);
	free(top);
}

static const char *device_name(const struct trace_top *top, uint32_t netns, uint32_t ifindex)
{
	const struct device *device;

	vec_each(&top->devices, device) {
		if (device->netns == netns && device->ifindex == ifindex)
			return device->name;
	}
	return "";
}

void trace_top_learn(struct trace_top *top, const struct drop_sample *sample)
{
	struct device *device;

	if (!*sample->device || *device_name(top, sample->key.netns, sample->key.ifindex))
		return;
	device = vec_add(&top->devices, DEVICES_MAX);
	if (!device)
		return;
	device->netns = sample->key.netns;
	device->ifindex = sample->key.ifindex;
	memcpy(device->name, sample->device, sizeof(device->name));
	device->name[sizeof(device->name) - 1] = 0;
}

static void add_slot(void *argument, size_t index, const struct drop_slot *slot)
{
	struct trace_top *top = argument;
	struct row *row;

	(void)index;
	vec_each(&top->rows, row) {
		if (row->place == slot->key.place && row->reason == slot->key.reason && row->netns == slot->key.netns &&
		    row->ifindex == slot->key.ifindex) {
			row->skbs += slot->skbs;
			return;
		}
	}
	row = vec_add(&top->rows, ROWS_MAX);
	if (row)
		*row = (struct row){ slot->key.place,	slot->key.reason, slot->key.netns,
				     slot->key.ifindex, slot->skbs,	  0 };
}

static int fastest_first(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	uint64_t x = a->skbs - a->before, y = b->skbs - b->before;

	if (x != y)
		return x > y ? -1 : 1;
	return (a->skbs < b->skbs) - (a->skbs > b->skbs);
}

void trace_top_add(struct trace_top *top, const struct drops *drops, struct kernel_names *names,
		   const struct netns_list *netns, bool all, const struct style *style, struct text *ret)
{
	uint64_t now_ns = clock_monotonic_ns();
	double seconds = (double)(now_ns - top->last_ns) / (double)NS_PER_S;
	struct row *row;

	vec_each(&top->rows, row) {
		row->before = row->skbs;
		row->skbs = 0;
	}
	drops_each(drops, add_slot, top);
	vec_each(&top->rows, row)
		kernel_place_want(names, row->place);
	(void)kernel_places_find(names);
	vec_sort(&top->rows, fastest_first);
	render_trace_top_begin(style, ret);
	vec_each(&top->rows, row) {
		const char *reason = kernel_reason_name(names, row->reason),
			   *place = kernel_place_name(names, row->place);
		const struct drop_meaning meaning = drop_meaning_of(place, reason);
		const struct netns *found = netns_find(netns, row->netns);
		const struct trace_kind kind = {
			.reason = reason ? reason : "",
			.place = place,
			.meaning = &meaning,
			.netns = found && found->name ? found->name : "",
			.netns_inode = row->netns,
			.home = found && found->home,
			.device = device_name(top, row->netns, row->ifindex),
			.skbs = row->skbs,
			.rate = seconds > 0 ? (double)(row->skbs - row->before) / seconds : 0,
		};

		if (all || meaning.harm != REASON_HARMLESS)
			render_trace_top_row(&kind, style, ret);
	}
	top->last_ns = now_ns;
}
