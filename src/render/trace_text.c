/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop trace for people. */
#include "render/trace.h"

#include "render/printable.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add_time(uint64_t time_ns, struct text *ret)
{
	char clock[CLOCK_TIME_SIZE];

	clock_time(time_ns, clock);
	text_addf(ret, "%s.%06" PRIu64 "  ", clock, time_ns / 1000 % 1000000);
}

static void add_where(const struct trace_whereabouts *at, const struct style *style, struct text *ret)
{
	if (*at->device) {
		text_add(ret, "  ");
		text_add_printable(ret, at->device, style->unicode);
	} else if (at->ifindex) {
		text_addf(ret, "  device %u", at->ifindex);
	}
	if (at->home || !at->netns_inode)
		return;
	text_add(ret, " in ");
	if (*at->netns)
		text_add_printable(ret, at->netns, style->unicode);
	else
		text_addf(ret, "namespace %u", at->netns_inode);
}

static void add_owner(const struct trace_whereabouts *at, const struct style *style, struct text *ret)
{
	if (at->pid) {
		text_add(ret, "  ");
		text_add_printable(ret, at->comm, style->unicode);
		text_addf(ret, "[%d]", at->pid);
	}
	if (*at->container) { /* its path is made of the same name */
		text_add(ret, "  container ");
		text_add_printable(ret, at->container, style->unicode);
	} else if (strlen(at->cgroup) > 1) { /* all are below the root */
		text_add(ret, "  ");
		text_add_printable(ret, at->cgroup, style->unicode);
	}
}

static void add_place(const struct trace_drop *drop, struct text *ret)
{
	if (*drop->place)
		text_addf(ret, "  %s+0x%" PRIx64, drop->place, drop->place_offset);
	else if (drop->address)
		text_addf(ret, "  0x%" PRIx64, drop->address);
}

void render_trace_text(const struct trace_drop *drop, const struct style *style, const uint8_t *redact_key,
		       struct text *ret)
{
	const char *red = style->colour && drop->meaning->harm == REASON_LOSS ? "\033[31m" : "";

	add_time(drop->time_ns, ret);
	text_addf(ret, "%s%-16s%s  ", red, *drop->reason ? drop->reason : "(no reason)", *red ? "\033[0m" : "");
	packet_print(drop->packet, redact_key, ret);
	if (drop->length)
		text_addf(ret, " %u bytes", drop->length);
	if (drop->segments > 1)
		text_addf(ret, " (%u segments)", drop->segments);
	add_where(&drop->at, style, ret);
	add_owner(&drop->at, style, ret);
	add_place(drop, ret);
	text_add(ret, "\n");
	for (size_t i = 0; i < drop->frame_count; i++)
		text_addf(ret, "\t\t%s\n", drop->frames[i]);
}

/* "NO_SOCKET, SYN_RECV", as far as there are any. */
static void add_detail(const char *detail, const char *state, struct text *ret)
{
	text_addf(ret, "%s%s%s", detail, *detail && *state ? ", " : "", state);
}

void render_trace_event_text(const struct trace_event *event, const struct style *style, const uint8_t *redact_key,
			     struct text *ret)
{
	const char *yellow = style->colour ? "\033[33m" : "";

	add_time(event->time_ns, ret);
	text_addf(ret, "%s%-16s%s", yellow, event->label, *yellow ? "\033[0m" : "");
	if (event->has_flow) {
		text_add(ret, "  ");
		packet_flow_print(&event->flow, redact_key, ret);
	}
	if (event->packets > 1)
		text_addf(ret, " (%u packets)", event->packets);
	add_where(&event->at, style, ret);
	add_owner(&event->at, style, ret);
	if (*event->detail || *event->state)
		text_add(ret, "  ");
	add_detail(event->detail, event->state, ret);
	text_add(ret, "\n");
}

void render_trace_top_begin(const struct style *style, struct text *ret)
{
	if (style->colour) /* from the top of an empty screen */
		text_add(ret, "\033[H\033[2J");
	text_addf(ret, "%10s %12s  %-22s %s\n", "packets/s", "packets", "reason", "where");
}

void render_trace_top_row(const struct trace_kind *kind, const struct style *style, struct text *ret)
{
	text_addf(ret, "%10.0f %12" PRIu64 "  %-22s %s", kind->rate, kind->skbs,
		  *kind->reason ? kind->reason : "(no reason)", *kind->place ? kind->place : "?");
	if (*kind->device) {
		text_add(ret, ", ");
		text_add_printable(ret, kind->device, style->unicode);
	}
	if (!kind->home && *kind->netns) {
		text_add(ret, " in ");
		text_add_printable(ret, kind->netns, style->unicode);
	} else if (!kind->home && kind->netns_inode) {
		text_addf(ret, " in namespace %u", kind->netns_inode);
	}
	text_addf(ret, ": %s\n", kind->meaning->meaning);
}

/* "12 had ..., " only where there were any. */
static void add_part(struct text *ret, uint64_t number, const char *words)
{
	if (number)
		text_addf(ret, "%s%" PRIu64 " %s", ret->length ? ", " : "", number, words);
}

static void add_rows(const struct trace_totals *totals, struct text *ret)
{
	text_addf(ret, "%12s %12s %s %-26s %s\n", "packets", "segments", totals->filtered ? "     wanted " : "",
		  "reason", "");
	for (size_t i = 0; i < totals->count; i++) {
		const struct trace_total *row = &totals->rows[i];

		text_addf(ret, "%12" PRIu64 " %12" PRIu64 " ", row->skbs, row->segments);
		if (totals->filtered)
			text_addf(ret, "%11" PRIu64 " ", row->wanted_skbs);
		text_addf(ret, " %-26s %s\n", row->reason, row->meaning);
	}
}

static void add_flows(const struct trace_totals *totals, const uint8_t *redact_key, struct text *ret)
{
	uint64_t shown = 0;

	text_addf(ret, "%12s %12s  flow\n", "packets", "segments");
	for (size_t i = 0; i < totals->flow_count; i++) {
		const struct trace_flow *row = &totals->flows[i];

		shown += row->skbs;
		text_addf(ret, "%12" PRIu64 " %12" PRIu64 "  ", row->skbs, row->segments);
		packet_flow_print(&row->flow, redact_key, ret);
		text_addf(ret, "  %s\n", row->reason);
	}
	text_addf(ret,
		  "%12" PRIu64 " %12s  of %zu other flows, %" PRIu64 " of them of flows that there was no room for\n",
		  totals->skbs - totals->flowless - shown, "", totals->all_flows - totals->flow_count,
		  totals->flows_evicted);
}

static void add_events(const struct trace_event_totals *totals, bool filtered, struct text *ret)
{
	CLEANUP_TEXT struct text rest = { 0 };

	if (totals->count)
		text_addf(ret, "%12s %12s %s %-36s %s\n", "events", "packets", filtered ? "     wanted " : "", "event",
			  "");
	for (size_t i = 0; i < totals->count; i++) {
		const struct trace_event_total *row = &totals->rows[i];
		CLEANUP_TEXT struct text name = { 0 };

		text_addf(&name, "%s%s", row->label, *row->detail || *row->state ? ", " : "");
		add_detail(row->detail, row->state, &name);
		text_addf(ret, "%12" PRIu64 " %12" PRIu64 " ", row->events, row->packets);
		if (filtered)
			text_addf(ret, "%11" PRIu64 " ", row->wanted);
		text_addf(ret, " %-36s %s\n", text_string(&name), row->meaning);
	}
	if (!totals->count)
		text_add(ret, "None of the other events happened.\n");
	add_part(&rest, totals->over_rate, "above the rate (--rate)");
	add_part(&rest, totals->lost, "lost because this program did not read fast enough");
	if (rest.length)
		text_addf(ret, "Other events not shown: %s.\n", text_string(&rest));
	if (totals->missed || totals->keyless)
		text_addf(ret, "Of %" PRIu64 " other events only the number is known.\n",
			  totals->missed + totals->keyless);
}

static void add_recording(const struct trace_recording *recording, struct text *ret)
{
	if (!recording->single_packets)
		text_add(ret, "The recording holds no single packets: it was made by an older wheredrop.\n");
	if (recording->so_far)
		text_add(ret, "Up to here: the recording goes on.\n");
	else if (recording->cut)
		text_addf(ret, "The recording ends early: %s.\n", recording->cut);
}

void render_trace_totals_text(const struct trace_totals *totals, const uint8_t *redact_key, struct text *ret)
{
	CLEANUP_TEXT struct text rest = { 0 };

	if (totals->count)
		add_rows(totals, ret);
	if (totals->has_flows && totals->flow_count)
		add_flows(totals, redact_key, ret);
	text_addf(ret, "%" PRIu64 " packets dropped in %.1f s (%" PRIu64 " segments)", totals->skbs + totals->missed,
		  totals->seconds, totals->segments);
	if (totals->filtered)
		text_addf(ret, ", %" PRIu64 " of them as asked for", totals->wanted_skbs);
	text_addf(ret, "; %" PRIu64 " shown.\n", totals->shown);
	add_part(&rest, totals->harmless, "that nobody misses (--all shows them)");
	add_part(&rest, totals->unwanted, "that the filter refused");
	add_part(&rest, totals->over_rate,
		 totals->recording ? "of which the recording holds nothing but their number"
				   : "above the rate (--rate)");
	add_part(&rest, totals->lost, "lost because this program did not read fast enough");
	if (rest.length)
		text_addf(ret, "Not shown: %s.\n", text_string(&rest));
	if (totals->recording)
		add_recording(totals->recording, ret);
	if (totals->without_packets)
		text_addf(ret,
			  "Only reason and place are known, not whose packets, and segments are not counted: %s.\n",
			  totals->without_packets);
	if (totals->missed || totals->keyless)
		text_addf(ret,
			  "Of %" PRIu64
			  " only the number is known: they were dropped while the probe was at work on the same "
			  "CPU, or there were too many kinds.\n",
			  totals->missed + totals->keyless);
	if (totals->events)
		add_events(totals->events, totals->filtered, ret);
}
