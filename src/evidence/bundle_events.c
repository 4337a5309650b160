/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dropped packets one by one: what their headers say, as far as a line of a trace shows it. Nothing of their content comes
 * in here, and what is read is checked like everything else: a packet that no writer makes is left out.
 */
#include "evidence/bundle_json.h"
#include "evidence/bundle_parts.h"
#include "evidence/redact.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>

static const char *const families[] = { "", "ipv4", "ipv6", "arp" };

/* ---- writing ---- */

static void set(json_t *json, const char *name, json_t *value)
{
	(void)json_object_set_new(json, name, value);
}

static void set_number(json_t *json, const char *name, uint64_t number)
{
	if (number)
		set(json, name, json_integer((json_int_t)number));
}

static void set_pair(json_t *json, const char *name, unsigned int a, unsigned int b)
{
	json_t *pair = json_array();

	(void)json_array_append_new(pair, json_integer(a));
	(void)json_array_append_new(pair, json_integer(b));
	set(json, name, pair);
}

static void set_text(json_t *json, const char *name, const struct redactor *redactor, enum object_kind kind,
		     enum label label, const char *text)
{
	CLEANUP_TEXT struct text other = { 0 };

	if (!*text)
		return;
	if (redactor)
		redact_label(redactor, kind, label, text, &other);
	set(json, name, string_or_bytes(redactor ? text_string(&other) : text));
}

static void set_address(json_t *json, const char *name, const struct redactor *redactor, enum packet_family family,
			const uint8_t address[16])
{
	CLEANUP_TEXT struct text other = { 0 };
	char shown[INET6_ADDRSTRLEN] = "";

	inet_ntop(family == PACKET_FAMILY_IPV6 ? AF_INET6 : AF_INET, address, shown, sizeof(shown));
	if (redactor)
		redact_addresses(redactor, shown, &other);
	set(json, name, json_string(redactor ? text_string(&other) : shown));
}

static json_t *flow_json(const struct packet_flow *flow, const struct redactor *redactor)
{
	json_t *json = json_object();

	set_number(json, "ethertype", flow->ethertype);
	if (flow->family == PACKET_NO_FAMILY)
		return json;
	set(json, "family", json_string(families[flow->family]));
	set_number(json, "layer", flow->layer);
	set_address(json, "source", redactor, flow->family, flow->source);
	set_address(json, "destination", redactor, flow->family, flow->destination);
	set_number(json, "protocol", flow->protocol);
	if (flow->has_ports)
		set_pair(json, "ports", flow->source_port, flow->destination_port);
	if (flow->has_icmp)
		set_pair(json, "icmp", flow->icmp_type, flow->icmp_code);
	if (flow->has_tcp_flags)
		set(json, "tcp_flags", json_integer(flow->tcp_flags));
	set_number(json, "arp", flow->arp_operation);
	set_number(json, "ttl", flow->ttl);
	if (flow->fragment_offset || flow->more_fragments)
		set_pair(json, "fragment", flow->fragment_offset, flow->more_fragments);
	if (flow->has_tunnel_id)
		set(json, "tunnel_id", json_integer(flow->tunnel_id));
	return json;
}

/* Each header's name; one that has a number of its own as [name, number]. */
static json_t *layers_json(const struct packet *packet)
{
	json_t *layers = json_array();

	for (unsigned int i = 0; i < packet->count; i++) {
		const struct packet_layer *layer = &packet->layers[i];
		json_t *name = json_string(packet_kind_name(layer->kind));

		if (layer->has_id) {
			json_t *pair = json_array();

			(void)json_array_append_new(pair, name);
			(void)json_array_append_new(pair, json_integer(layer->id));
			name = pair;
		}
		(void)json_array_append_new(layers, name);
	}
	return layers;
}

static json_t *event_json(const struct drop_event *event, const struct redactor *redactor)
{
	const struct packet *packet = &event->packet;
	json_t *json = json_object();

	set(json, "time_ns", json_integer((json_int_t)event->time_ns));
	set(json, "drop", json_integer(event->object));
	set_number(json, "cpu", event->cpu);
	set_text(json, "device", redactor, OBJECT_LINK, LABEL_NAME, event->device);
	set_number(json, "ifindex", event->ifindex);
	set_number(json, "bytes", event->length);
	set_number(json, "segments", event->segments);
	set_number(json, "pid", (uint64_t)event->pid);
	set_text(json, "comm", redactor, OBJECT_PROCESS, LABEL_COMM, event->comm);
	set_number(json, "socket_inode", event->socket_inode);
	set_text(json, "cgroup", redactor, OBJECT_PROCESS, LABEL_CGROUP, event->cgroup);
	set_text(json, "container", redactor, OBJECT_PROCESS, LABEL_CONTAINER, event->container);
	set(json, "headers", json_string(packet_state_name(packet->state)));
	set(json, "layers", layers_json(packet));
	set(json, "packet", flow_json(&packet->outer, redactor));
	if (packet->tunnelled)
		set(json, "inner", flow_json(&packet->inner, redactor));
	return json;
}

void bundle_events_put(const struct snapshot *snapshot, const struct redactor *redactor, struct text *ret)
{
	const struct drop_event *event;
	json_t *list;
	char *dumped;

	if (!snapshot->has_events)
		return;
	list = json_array();
	vec_each(&snapshot->events, event)
		(void)json_array_append_new(list, event_json(event, redactor));
	dumped = json_dumps(list, JSON_COMPACT);
	if (dumped)
		text_addf(ret, ",\"events\":%s", dumped);
	free(dumped);
	json_decref(list);
}

/* ---- reading: false for what no writer makes ---- */

static uint64_t number_within(const json_t *value, uint64_t most)
{
	json_int_t number = json_integer_value(value);

	return number > 0 && (uint64_t)number <= most ? (uint64_t)number : 0;
}

static uint64_t limited(const json_t *json, const char *name, uint64_t most)
{
	return number_within(json_object_get(json, name), most);
}

static void name_of(const json_t *json, const char *name, char ret[DROP_EVENT_NAME])
{
	CLEANUP_FREE char *text = text_of(json_object_get(json, name));

	if (text)
		memcpy(ret, text, strnlen(text, DROP_EVENT_NAME - 1));
}

/* "" where it is not there, or there are more of them than are kept. */
static const char *kept_or_none(const json_t *json, const char *name)
{
	CLEANUP_FREE char *text = text_of(json_object_get(json, name));
	const char *copy = text ? text_intern(text) : "";

	return text && strcmp(copy, text) != 0 ? "" : copy;
}

static bool take_address(const json_t *json, const char *name, enum packet_family family, uint8_t ret[16])
{
	const char *text = json_string_value(json_object_get(json, name));

	return text && inet_pton(family == PACKET_FAMILY_IPV6 ? AF_INET6 : AF_INET, text, ret) == 1;
}

static enum packet_family family_of(const json_t *json)
{
	const char *name = json_string_value(json_object_get(json, "family"));

	for (size_t i = 1; name && i < ARRAY_SIZE(families); i++) {
		if (strcmp(families[i], name) == 0)
			return (enum packet_family)i;
	}
	return PACKET_NO_FAMILY;
}

/* Whether there are both numbers of [a, b]. */
static bool take_pair(const json_t *json, const char *name, uint64_t most, uint64_t ret[2])
{
	const json_t *pair = json_object_get(json, name);

	ret[0] = number_within(json_array_get(pair, 0), most);
	ret[1] = number_within(json_array_get(pair, 1), most);
	return json_array_size(pair) == 2;
}

static bool take_flow(const json_t *json, unsigned int layers, struct packet_flow *ret)
{
	uint64_t pair[2];

	*ret = (struct packet_flow){
		.ethertype = (uint16_t)limited(json, "ethertype", UINT16_MAX),
		.family = family_of(json),
		.layer = (unsigned int)limited(json, "layer", layers ? layers - 1 : 0),
		.protocol = (uint8_t)limited(json, "protocol", UINT8_MAX),
		.tcp_flags = (uint8_t)limited(json, "tcp_flags", UINT8_MAX),
		.has_tcp_flags = json_object_get(json, "tcp_flags"),
		.arp_operation = (uint16_t)limited(json, "arp", UINT16_MAX),
		.ttl = (uint8_t)limited(json, "ttl", UINT8_MAX),
		.tunnel_id = (uint32_t)limited(json, "tunnel_id", UINT32_MAX),
		.has_tunnel_id = json_object_get(json, "tunnel_id"),
	};
	if (!json_is_object(json))
		return false;
	if (ret->family == PACKET_NO_FAMILY)
		return true;
	ret->has_ports = take_pair(json, "ports", UINT16_MAX, pair);
	ret->source_port = (uint16_t)pair[0];
	ret->destination_port = (uint16_t)pair[1];
	ret->has_icmp = take_pair(json, "icmp", UINT8_MAX, pair);
	ret->icmp_type = (uint8_t)pair[0];
	ret->icmp_code = (uint8_t)pair[1];
	(void)take_pair(json, "fragment", UINT16_MAX, pair);
	ret->fragment_offset = (uint16_t)pair[0];
	ret->more_fragments = pair[1];
	return take_address(json, "source", ret->family, ret->source) &&
	       take_address(json, "destination", ret->family, ret->destination);
}

static bool take_layer(const json_t *json, struct packet_layer *ret)
{
	const json_t *named = json_is_array(json) ? json_array_get(json, 0) : json;
	const char *name = json_string_value(named);
	enum packet_kind kind = 0;

	while (name && kind < PACKET_KINDS && strcmp(packet_kind_name(kind), name) != 0)
		kind++;
	*ret = (struct packet_layer){
		.kind = kind,
		.id = (uint32_t)number_within(json_array_get(json, 1), UINT32_MAX),
		.has_id = json_is_array(json),
	};
	return name && kind < PACKET_KINDS;
}

static bool take_packet(const json_t *json, struct packet *ret)
{
	const char *state = json_string_value(json_object_get(json, "headers"));
	const json_t *layers = json_object_get(json, "layers"), *inner = json_object_get(json, "inner");

	while (state && ret->state < PACKET_STATES && strcmp(packet_state_name(ret->state), state) != 0)
		ret->state++;
	if (!state || ret->state == PACKET_STATES || json_array_size(layers) > PACKET_LAYERS)
		return false;
	for (; ret->count < json_array_size(layers); ret->count++) {
		if (!take_layer(json_array_get(layers, ret->count), &ret->layers[ret->count]))
			return false;
	}
	ret->tunnelled = inner;
	return take_flow(json_object_get(json, "packet"), ret->count, &ret->outer) &&
	       take_flow(inner ? inner : json_object_get(json, "packet"), ret->count, &ret->inner);
}

#define MOST_APART_NS (31 * 24 * 3600 * NS_PER_S) /* an event and its snapshot: as long as a window may be */

static bool take_event(const json_t *json, const struct snapshot *snapshot, struct drop_event *ret)
{
	*ret = (struct drop_event){
		.time_ns = limited(json, "time_ns", INT64_MAX / 2),
		.cpu = (uint32_t)limited(json, "cpu", UINT32_MAX),
		.ifindex = (uint32_t)limited(json, "ifindex", UINT32_MAX),
		.length = (uint32_t)limited(json, "bytes", UINT32_MAX),
		.segments = (uint32_t)limited(json, "segments", UINT32_MAX),
		.pid = (int)limited(json, "pid", INT_MAX),
		.socket_inode = limited(json, "socket_inode", INT64_MAX),
		.cgroup = kept_or_none(json, "cgroup"),
		.container = kept_or_none(json, "container"),
	};
	name_of(json, "comm", ret->comm);
	name_of(json, "device", ret->device);
	return ret->time_ns && ret->time_ns < snapshot->time_ns + MOST_APART_NS &&
	       ret->time_ns + MOST_APART_NS > snapshot->time_ns && take_packet(json, &ret->packet);
}

static int by_time(const void *left, const void *right)
{
	const struct drop_event *a = left, *b = right;

	return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

size_t bundle_events_take(const json_t *json, const uint32_t *ids, size_t id_count, struct snapshot *snapshot)
{
	const json_t *list = json_object_get(json, "events");
	size_t skipped = 0;

	snapshot->has_events = json_is_array(list);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		uint64_t number = limited(one, "drop", UINT32_MAX);
		uint32_t id = number < id_count ? ids[number] : BUNDLE_UNKNOWN;
		struct drop_event event, *slot = NULL;

		if (id != BUNDLE_UNKNOWN && object_get(snapshot->objects, id)->key.kind == OBJECT_DROP &&
		    take_event(one, snapshot, &event))
			slot = vec_add(&snapshot->events, SNAPSHOT_EVENTS_MAX);
		skipped += !slot;
		if (!slot)
			continue;
		*slot = event;
		slot->object = id;
	}
	vec_sort(&snapshot->events, by_time);
	return skipped;
}
