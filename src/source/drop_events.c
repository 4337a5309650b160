/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's drop events as counters: an object for each kind of drop (reason, place, namespace, device, protocol,
 * direction). The probe is attached at the first reading and stays until the process ends, so that two windows of one
 * watch have nothing between them. What it counts begins with it: a kind that was not there at the window's first
 * reading had counted nothing.
 */
#include "source/drop_single.h"
#include "source/drops.h"
#include "source/kernel_names.h"
#include "source/procfs.h"
#include "source/stack.h"

#include "model/place.h"
#include "model/series.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MAX 20000
#define EARLY_MAX 256

/* One kind of drop, all CPUs together. */
struct row {
	struct drop_key key;
	uint32_t object; /* in the window's registry */
	uint64_t skbs, segments;
	uint64_t before; /* skbs of the reading before */
	uint64_t edge;	 /* skbs that fell while other sources were read for the first or the last time in a window */
	size_t stack_count;
	uint64_t stack[DROP_STACK]; /* of its first packet */
	bool bare;		    /* that is a TCP segment that only acknowledges */
	bool named;
};

static struct {
	struct drops *drops;
	struct kernel_names *names;
	int error; /* why there is no probe */
	const char *why;
	bool tried, events;
	uint32_t *row_of; /* by slot: row + 1 */
	VEC(struct row) rows;
	VEC(struct drop_sample) early; /* that fell between the counts and the samples of a reading */
} live;

struct reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	bool first;	     /* of its window */
	uint64_t counted_ns; /* what had fallen by then is in the counts */
};

/* ---- kinds ---- */

static const char *protocol_name(const struct drop_key *key)
{
	static const struct {
		uint8_t protocol;
		const char *name;
	} names[] = {
		{ 1, "icmp" }, { 2, "igmp" }, { 4, "ipip" }, { 6, "tcp" },     { 17, "udp" },	{ 41, "ipv6" },
		{ 47, "gre" }, { 50, "esp" }, { 51, "ah" },  { 58, "icmpv6" }, { 132, "sctp" }, { 136, "udplite" },
	};

	if (key->ethertype == 0x0806)
		return "arp";
	for (size_t i = 0; i < ARRAY_SIZE(names) && (key->ethertype == 0x0800 || key->ethertype == 0x86dd); i++) {
		if (names[i].protocol == key->protocol)
			return names[i].name;
	}
	return NULL;
}

static struct object_key object_key_of(const struct drop_key *key)
{
	uint64_t rest = (uint64_t)key->reason << 32 | key->ifindex;

	rest = (rest ^ rest >> 29) * UINT64_C(0x9e3779b97f4a7c15);
	rest ^= (uint64_t)key->ethertype << 16 | (uint64_t)key->protocol << 8 | key->direction;
	return (struct object_key){ OBJECT_DROP, key->netns, key->place, rest * UINT64_C(0xc2b2ae3d27d4eb4f) };
}

/* Of the thing with that key in the namespace that has that number now: the last of those that were seen with it. */
static uint32_t id_of(const struct objects *objects, struct object_key key)
{
	uint64_t inode = key.netns;
	uint32_t id = OBJECT_HOST_ID;

	for (uint64_t holder = 0; inode; holder++) {
		const struct object *object;

		key.netns = object_netns_key(inode, holder);
		object = object_find(objects, key);
		if (!object)
			break;
		id = object->id;
	}
	return id;
}

/* What the row is called, as far as it is known by now. */
static void row_name(struct row *row, struct object *object)
{
	const char *reason = kernel_reason_of(live.names, &row->key);
	const char *place = kernel_place_name(live.names, row->key.place);
	const struct drop_meaning meaning = drop_meaning_of(place, reason);
	const char *frames[DROP_STACK];

	for (size_t i = 0; i < row->stack_count; i++)
		frames[i] = kernel_place_name(live.names, row->stack[i]);
	if (reason)
		object_label(object, LABEL_REASON, reason);
	else if (row->key.reason)
		object_labelf(object, LABEL_REASON, "%u", row->key.reason);
	object_label(object, LABEL_PLACE, *place ? place : NULL);
	if (reason && strcmp(reason, "NETFILTER_DROP") == 0)
		object_label(object, LABEL_HOOK, stack_hook(frames, row->stack_count));
	object_labelf(object, LABEL_NAME, "%s%s%s", reason ? reason : "drop", *place ? " at " : "", place);
	object_label(object, LABEL_PROTOCOL, protocol_name(&row->key));
	object_label(object, LABEL_KIND, row->bare ? "acknowledgement" : NULL);
	object_label(object, LABEL_WAY,
		     drop_way(&meaning, row->key.direction == DROP_LEAVING	       ? "leaving"
					: row->key.direction != DROP_DIRECTION_UNKNOWN ? "arriving"
										       : NULL));
	if (live.events)
		drop_single_label(object, kernel_place(live.names, row->key.place), frames, row->stack_count);
	row->named = *place;
}

/*
 * Of the namespace with that inode number. One that this process cannot see, because it is a container's own or the
 * processes there are hidden from it, is an object of which no more than the number is known.
 */
static uint32_t netns_id(struct objects *objects, uint32_t inode)
{
	const struct object_key key = { OBJECT_NETNS, object_netns_key(inode, 0), 0, 0 };
	uint32_t id = id_of(objects, (struct object_key){ OBJECT_NETNS, inode, 0, 0 });
	const struct object *unseen = id == OBJECT_HOST_ID && inode ? object_intern(objects, key, NULL) : NULL;

	return unseen ? unseen->id : id;
}

/* Namespace and device may have been found after their first drop. */
static void row_relate(struct objects *objects, const struct row *row, struct object *object)
{
	if (!object->netns)
		object->netns = netns_id(objects, row->key.netns);
	if (!object->link && row->key.ifindex)
		object->link = id_of(objects, (struct object_key){ OBJECT_LINK, row->key.netns, row->key.ifindex, 0 });
}

/* Its object in the window's registry. In a later window of the same watch that is another one. */
static void row_intern(const struct reading *reading, struct row *row)
{
	struct objects *objects = reading->context->objects;
	bool is_new;
	struct object *object = object_intern(objects, object_key_of(&row->key), &is_new);

	if (!object) {
		reading->snapshot->truncated = true;
		row->object = OBJECT_HOST_ID;
		return;
	}
	row->object = object->id;
	object->born |= is_new && !reading->first;
	row_relate(objects, row, object);
	row_name(row, object);
}

static uint32_t row_find(const struct drop_key *key)
{
	for (uint32_t i = 0; i < live.rows.count; i++) {
		if (memcmp(&live.rows.data[i].key, key, sizeof(*key)) == 0)
			return i + 1;
	}
	return 0;
}

/* Each slot's row is looked up once. */
static void add_slot(void *argument, size_t index, const struct drop_slot *slot)
{
	const struct reading *reading = argument;
	struct row *row;

	if (!live.row_of[index]) {
		live.row_of[index] = row_find(&slot->key);
		if (!live.row_of[index]) {
			row = vec_add(&live.rows, ROWS_MAX);
			if (!row) {
				reading->snapshot->truncated = true;
				return;
			}
			row->key = slot->key;
			kernel_place_want(live.names, slot->key.place);
			row_intern(reading, row);
			live.row_of[index] = (uint32_t)live.rows.count;
		}
	}
	row = &live.rows.data[live.row_of[index] - 1];
	row->skbs += slot->skbs;
	row->segments += slot->segments;
}

#define FIN_SYN_RST 7

/* True for a TCP segment without data that neither begins nor ends a connection. */
static bool is_acknowledgement(const struct drop_sample *sample)
{
	const uint8_t *ip = sample->bytes, *tcp;
	bool ipv6 = sample->key.ethertype == 0x86dd;
	size_t header = ipv6 ? 40 : (size_t)(ip[0] & 15) * 4, length;

	if (sample->key.protocol != IPPROTO_TCP || (!ipv6 && sample->key.ethertype != 0x0800) ||
	    sample->byte_count < header + 14)
		return false;
	tcp = ip + header;
	length = ipv6 ? header + (size_t)(ip[4] << 8 | ip[5]) : (size_t)(ip[2] << 8 | ip[3]);
	return length == header + (size_t)(tcp[12] >> 4) * 4 && !(tcp[13] & FIN_SYN_RST);
}

static void learn_stack(struct row *row, const struct drop_sample *sample)
{
	if (row->stack_count || sample->stack_bytes <= 0)
		return;
	row->bare = is_acknowledgement(sample);
	row->stack_count = (size_t)sample->stack_bytes / sizeof(sample->stack[0]);
	memcpy(row->stack, sample->stack, row->stack_count * sizeof(row->stack[0]));
	for (size_t i = 0; i < row->stack_count; i++)
		kernel_place_want(live.names, row->stack[i]);
	row->named = false;
}

static bool has_stack_of(const struct row *row, const struct drop_sample *sample)
{
	return row->stack_count && sample->stack_bytes == (int32_t)(row->stack_count * sizeof(row->stack[0])) &&
	       memcmp(sample->stack, row->stack, row->stack_count * sizeof(row->stack[0])) == 0;
}

/* None that the counts, where these are the last, do not hold: there would be more packets than there are in all. */
static void keep_event(const struct reading *reading, const struct row *row, const struct drop_sample *sample)
{
	const struct source_context *context = reading->context;
	const struct object *object = object_get(context->objects, row->object);
	bool elsewhere = row->key.netns != objects_home(context->objects);
	struct drop_event *event;

	if (!context->events || !row->object || (context->last && sample->time_ns > reading->counted_ns) ||
	    (context->events_netns && row->key.netns != context->events_netns))
		return;
	event = vec_add(&reading->snapshot->events, SNAPSHOT_EVENTS_MAX);
	if (event)
		drop_single_event(sample, object, elsewhere ? object_netns(context->objects, object) : NULL,
				  has_stack_of(row, sample), event);
}

/* The first packet of a kind brings the stack. False where the kind was not counted yet. */
static bool take(const struct reading *reading, const struct drop_sample *sample)
{
	size_t slot = drops_slot_of(live.drops, sample);
	uint32_t index = slot < drops_slots(live.drops) ? live.row_of[slot] : 0;
	struct row *row = index ? &live.rows.data[index - 1] : NULL;

	if (!row)
		return false;
	learn_stack(row, sample);
	keep_event(reading, row, sample);
	return true;
}

static void take_sample(void *argument, const struct drop_sample *sample)
{
	struct drop_sample *early = take(argument, sample) ? NULL : vec_add(&live.early, EARLY_MAX);

	if (early)
		*early = *sample;
}

static void take_samples(const struct reading *reading)
{
	const struct drop_sample *sample;

	vec_each(&live.early, sample)
		(void)take(reading, sample);
	vec_clear(&live.early);
	(void)drops_poll(live.drops, 0, take_sample, (void *)reading);
}

/* ---- flows that netfilter dropped: by them a rule is found that does not count ---- */

#define FLOWS_KEPT 64

static void label_endpoint(struct object *object, enum label label, const struct drop_flow *flow,
			   const uint8_t *address, uint16_t port)
{
	bool ipv6 = flow->key.ethertype == 0x86dd;
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(ipv6 ? AF_INET6 : AF_INET, address, text, sizeof(text)))
		return;
	if (flow->key.source_port || flow->key.destination_port)
		object_labelf(object, label, ipv6 ? "[%s]:%u" : "%s:%u", text, ntohs(port));
	else
		object_label(object, label, text);
}

static uint64_t flow_hash(const struct drop_flow_key *key)
{
	const uint8_t *bytes = (const uint8_t *)key;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static void emit_flow(const struct reading *reading, const struct drop_flow *flow)
{
	struct objects *objects = reading->context->objects;
	const struct drop_key as_key = { .ethertype = flow->key.ethertype, .protocol = flow->key.protocol };
	const struct object_key key = { OBJECT_FLOW, flow->key.netns, flow_hash(&flow->key), flow->key.reason };
	bool is_new;
	struct object *object = object_intern(objects, key, &is_new);

	if (!object)
		return;
	if (is_new) {
		object->born = !reading->first;
		label_endpoint(object, LABEL_SOURCE, flow, flow->key.source, flow->key.source_port);
		label_endpoint(object, LABEL_DESTINATION, flow, flow->key.destination, flow->key.destination_port);
		object_label(object, LABEL_PROTOCOL, protocol_name(&as_key));
		object_labelf(object, LABEL_KIND, "%u", flow->key.protocol);
		object_label(object, LABEL_REASON, "NETFILTER_DROP");
		object_labelf(object, LABEL_NAME, "%s > %s", object_text(object, LABEL_SOURCE),
			      object_text(object, LABEL_DESTINATION));
	}
	object->netns = netns_id(objects, flow->key.netns);
	snapshot_add(reading->snapshot, C_DROP_FLOW, object, flow->skbs);
}

/* At both ends of a window: those that lost most. */
static void emit_flows(const struct reading *reading)
{
	CLEANUP_FREE struct drop_flow *flows = NULL;
	uint32_t netfilter = 0;
	size_t count, emitted = 0;

	if (reading->context->between || !kernel_reason_number(live.names, "NETFILTER_DROP", &netfilter))
		return;
	count = drops_flows(live.drops, &flows);
	for (size_t i = 0; i < count && emitted < FLOWS_KEPT; i++) {
		if (flows[i].key.reason != netfilter)
			continue;
		emit_flow(reading, &flows[i]);
		emitted++;
	}
}

/* That takes so long that what is read meanwhile would be out of date. */
static void look_up_places(const struct reading *reading)
{
	struct row *row;

	if (!reading->context->last)
		return;
	(void)kernel_places_find(live.names); /* what is not found stays without a name */
	vec_each(&live.rows, row) {
		if (!row->named && row->object)
			row_name(row, object_get(reading->context->objects, row->object));
	}
}

static void count(const struct reading *reading)
{
	struct row *row;

	vec_each(&live.rows, row) {
		row->before = row->skbs;
		row->skbs = row->segments = 0;
	}
	drops_each(live.drops, add_slot, (void *)reading);
	vec_each(&live.rows, row)
		row->edge += reading->context->edge ? row->skbs - row->before : 0;
}

static void emit(struct reading *reading)
{
	struct objects *objects = reading->context->objects;
	const struct object *host = procfs_host(reading->context);
	struct drops_totals totals;
	struct row *row;

	reading->counted_ns = clock_monotonic_ns();
	count(reading);
	reading->snapshot->has_events |= reading->context->events;
	take_samples(reading);
	look_up_places(reading);
	vec_each(&live.rows, row) {
		if (!row->object)
			continue;
		row_relate(objects, row, object_get(objects, row->object));
		snapshot_add(reading->snapshot, C_DROP_SKBS, object_get(objects, row->object), row->skbs);
		snapshot_add(reading->snapshot, C_DROP_SEGMENTS, object_get(objects, row->object), row->segments);
		snapshot_add(reading->snapshot, C_DROP_EDGE, object_get(objects, row->object), row->edge);
	}
	emit_flows(reading);
	drops_totals(live.drops, &totals);
	snapshot_add(reading->snapshot, C_DROP_MISSED, host, totals.missed);
	snapshot_add(reading->snapshot, C_DROP_KEYLESS, host, totals.keyless_skbs);
}

#define EVENTS_PER_SECOND 20   /* of each CPU */
#define EVENTS_OF_ALL_CPUS 320 /* at most: a recording may take days */

/* The first sample of each kind is enough for all but those who want to see single packets. */
static uint32_t samples_wanted(bool events)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!events)
		return 0;
	if (cpus <= EVENTS_OF_ALL_CPUS / EVENTS_PER_SECOND)
		return EVENTS_PER_SECOND;
	return cpus < EVENTS_OF_ALL_CPUS ? (uint32_t)(EVENTS_OF_ALL_CPUS / cpus) : 1;
}

static int probe_attach(bool events, uint64_t events_netns)
{
	const struct drops_options options = {
		.netns = events ? (uint32_t)events_netns : 0,
		.firsts = true,
		.flows = true,
		.samples_per_second = samples_wanted(events),
	};

	if (live.tried)
		return live.error;
	live.tried = true;
	live.events = events;
	live.error = drops_attach(&options, &live.drops, &live.why);
	if (live.error)
		return live.error;
	live.names = kernel_names_new();
	live.row_of = mem_new(drops_slots(live.drops), sizeof(*live.row_of));
	return 0;
}

static void drops_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct object *host = procfs_host(context);
	const struct observation *before =
		context->series ? series_observation(context->series, SOURCE_DROPS, OBJECT_HOST_ID) : NULL;
	struct reading reading = { context, snapshot, !(before && before->readings), 0 };
	struct row *row;
	int error;

	if (*context->sysroot) {
		snapshot_missed(snapshot, SOURCE_DROPS, host, -ENOSYS, "a recorded file tree does not hold them");
		return;
	}
	error = probe_attach(context->events, context->events_netns);
	if (error) {
		snapshot_missed(snapshot, SOURCE_DROPS, host, error, live.why);
		return;
	}
	for (row = live.rows.data; reading.first && row < live.rows.data + live.rows.count; row++)
		row_intern(&reading, row);
	emit(&reading);
	if (drops_way(live.drops) == DROPS_PERF)
		snapshot_covered_partly(
			snapshot, SOURCE_DROPS, host,
			"BPF is refused: perf events tell why and where in the code, not whose packets");
	else
		snapshot_covered(snapshot, SOURCE_DROPS, host);
}

const struct source source_drops = { SOURCE_DROPS, SCOPE_HOST, COST_CHEAP, drops_read };
