/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop trace for programs: a JSON document a line, "drop" each and "totals" at the end. */
#include "render/trace.h"

#include "render/json_part.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static json_t *line_begin(const char *type, uint64_t time_ns)
{
	char time[CLOCK_RFC3339_SIZE];
	json_t *json = json_object();

	clock_rfc3339(time_ns, time);
	json_set(json, "schema", json_string("wheredrop.trace/1"));
	json_set(json, "type", json_string(type));
	json_set(json, "time", json_string(time));
	return json;
}

static const char *harm_name(enum reason_harm harm)
{
	return harm == REASON_LOSS ? "loss" : harm == REASON_HARMLESS ? "harmless" : "either";
}

static json_t *address(const struct packet_flow *flow, const uint8_t *bytes, const uint8_t *redact_key)
{
	CLEANUP_TEXT struct text text = { 0 };

	packet_address_print(flow->family, bytes, redact_key, &text);
	return json_text(text_string(&text));
}

static json_t *flow_json(const struct packet_flow *flow, const uint8_t *redact_key)
{
	static const char *const families[] = { "", "ipv4", "ipv6", "arp" };
	const char *protocol = packet_protocol_name(flow->protocol);
	json_t *json = json_object();

	json_set(json, "ethertype", json_count(flow->ethertype));
	json_set(json, "family", json_known(families[flow->family]));
	if (flow->family == PACKET_NO_FAMILY)
		return json;
	json_set(json, "source", address(flow, flow->source, redact_key));
	json_set(json, "destination", address(flow, flow->destination, redact_key));
	json_set(json, "protocol", json_known(protocol));
	json_set(json, "protocol_number", json_count(flow->protocol));
	if (flow->has_ports) {
		json_set(json, "source_port", json_count(flow->source_port));
		json_set(json, "destination_port", json_count(flow->destination_port));
	}
	if (flow->has_icmp) {
		json_set(json, "icmp_type", json_count(flow->icmp_type));
		json_set(json, "icmp_code", json_count(flow->icmp_code));
	}
	if (flow->has_tcp_flags)
		json_set(json, "tcp_flags", json_count(flow->tcp_flags));
	json_set(json, "ttl", json_count(flow->ttl));
	if (flow->has_tunnel_id)
		json_set(json, "tunnel_id", json_count(flow->tunnel_id));
	return json;
}

static void set_where(json_t *json, const struct trace_whereabouts *at)
{
	json_set(json, "netns", json_known(at->netns));
	json_set(json, "netns_inode", at->netns_inode ? json_count(at->netns_inode) : json_null());
	json_set(json, "ifname", json_known(at->device));
	json_set(json, "ifindex", at->ifindex ? json_count(at->ifindex) : json_null());
	json_set(json, "cpu", json_count(at->cpu));
}

static void set_process(json_t *json, const struct trace_whereabouts *at)
{
	json_set(json, "pid", at->pid ? json_integer(at->pid) : json_null());
	json_set(json, "comm", json_known(at->comm));
	json_set(json, "socket_inode", at->socket_inode ? json_count(at->socket_inode) : json_null());
	json_set(json, "container", json_known(at->container));
	json_set(json, "cgroup", json_known(at->cgroup));
}

static void set_stack(json_t *json, const struct trace_drop *drop)
{
	json_t *frames = json_array();

	for (size_t i = 0; i < drop->frame_count; i++)
		(void)json_array_append_new(frames, json_text(drop->frames[i]));
	json_set(json, "stack", frames);
}

void render_trace_json(const struct trace_drop *drop, const uint8_t *redact_key, struct text *ret)
{
	json_t *json = line_begin("drop", drop->time_ns);

	json_set(json, "reason", json_known(drop->reason));
	json_set(json, "place", json_known(drop->place));
	json_set(json, "where", json_string(domain_id(drop->meaning->domain)));
	json_set(json, "harm", json_string(harm_name(drop->meaning->harm)));
	json_set(json, "meaning", json_text(drop->meaning->meaning));
	set_where(json, &drop->at);
	json_set(json, "direction", json_known(drop->way));
	json_set(json, "bytes", json_count(drop->length));
	json_set(json, "segments", json_count(drop->segments));
	json_set(json, "packet", flow_json(&drop->packet->outer, redact_key));
	json_set(json, "inner", drop->packet->tunnelled ? flow_json(&drop->packet->inner, redact_key) : json_null());
	json_set(json, "headers", json_string(packet_state_name(drop->packet->state)));
	set_process(json, &drop->at);
	if (drop->frame_count)
		set_stack(json, drop);
	json_finish_line(json, ret);
}

/* The socket or the device tells the flow of an event: what stands in the packet besides is not known. */
static json_t *ends_json(const struct packet_flow *flow, const uint8_t *redact_key)
{
	json_t *json = flow_json(flow, redact_key);

	json_object_del(json, "ttl");
	return json;
}

void render_trace_event_json(const struct trace_event *event, const uint8_t *redact_key, struct text *ret)
{
	json_t *json = line_begin("event", event->time_ns);

	json_set(json, "event", json_string(event->id));
	json_set(json, "detail", json_known(event->detail));
	json_set(json, "state", json_known(event->state));
	set_where(json, &event->at);
	json_set(json, "packets", json_count(event->packets));
	json_set(json, "flow", event->has_flow ? ends_json(&event->flow, redact_key) : json_null());
	set_process(json, &event->at);
	json_finish_line(json, ret);
}

static void set_events(json_t *json, const struct trace_event_totals *totals)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < totals->count; i++) {
		const struct trace_event_total *total = &totals->rows[i];
		json_t *row = json_object();

		json_set(row, "event", json_string(total->id));
		json_set(row, "detail", json_known(total->detail));
		json_set(row, "state", json_known(total->state));
		json_set(row, "events", json_count(total->events));
		json_set(row, "packets", json_count(total->packets));
		json_set(row, "wanted", json_count(total->wanted));
		json_set(row, "wanted_packets", json_count(total->wanted_packets));
		json_set(row, "meaning", json_text(total->meaning));
		(void)json_array_append_new(rows, row);
	}
	json_set(json, "events", rows);
	json_set(json, "events_shown", json_count(totals->shown));
	json_set(json, "events_over_rate", json_count(totals->over_rate));
	json_set(json, "events_lost", json_count(totals->lost));
	json_set(json, "events_missed", json_count(totals->missed));
	json_set(json, "events_keyless", json_count(totals->keyless));
}

static json_t *flows_json(const struct trace_totals *totals, const uint8_t *redact_key)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < totals->flow_count; i++) {
		const struct trace_flow *flow = &totals->flows[i];
		json_t *row = flow_json(&flow->flow, redact_key);

		json_set(row, "reason", json_text(flow->reason));
		json_set(row, "netns_inode", flow->netns_inode ? json_count(flow->netns_inode) : json_null());
		json_set(row, "skbs", json_count(flow->skbs));
		json_set(row, "segments", json_count(flow->segments));
		(void)json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *recording_json(const struct trace_recording *recording)
{
	json_t *json = json_object();

	json_set(json, "cut", json_known(recording->cut));
	json_set(json, "single_packets", json_boolean(recording->single_packets));
	json_set(json, "so_far", json_boolean(recording->so_far));
	return json;
}

void render_trace_totals_json(const struct trace_totals *totals, const uint8_t *redact_key, struct text *ret)
{
	json_t *json = json_object(), *rows = json_array();

	for (size_t i = 0; i < totals->count; i++) {
		const struct trace_total *total = &totals->rows[i];
		json_t *row = json_object();

		json_set(row, "reason", json_text(total->reason));
		json_set(row, "skbs", json_count(total->skbs));
		json_set(row, "segments", json_count(total->segments));
		json_set(row, "wanted", json_count(total->wanted_skbs));
		json_set(row, "harmless", json_count(total->harmless_skbs));
		json_set(row, "meaning", json_text(total->meaning));
		(void)json_array_append_new(rows, row);
	}
	json_set(json, "schema", json_string("wheredrop.trace/1"));
	json_set(json, "type", json_string("totals"));
	json_set(json, "seconds", json_real(totals->seconds));
	json_set(json, "skbs", json_count(totals->skbs + totals->missed));
	json_set(json, "segments", json_count(totals->segments));
	json_set(json, "wanted", json_count(totals->wanted_skbs));
	json_set(json, "shown", json_count(totals->shown));
	json_set(json, "harmless_not_shown", json_count(totals->harmless));
	json_set(json, "filtered_out", json_count(totals->unwanted));
	json_set(json, "over_rate", json_count(totals->over_rate));
	json_set(json, "samples_lost", json_count(totals->lost));
	json_set(json, "missed", json_count(totals->missed));
	json_set(json, "keyless", json_count(totals->keyless));
	json_set(json, "without_packets", json_known(totals->without_packets));
	json_set(json, "reasons", rows);
	if (totals->has_flows) {
		json_set(json, "flows", flows_json(totals, redact_key));
		json_set(json, "flows_in_all", json_count(totals->all_flows));
		json_set(json, "flowless", json_count(totals->flowless));
		json_set(json, "flows_evicted", json_count(totals->flows_evicted));
	}
	if (totals->events)
		set_events(json, totals->events);
	if (totals->recording)
		json_set(json, "recording", recording_json(totals->recording));
	json_finish_line(json, ret);
}
