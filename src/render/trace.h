/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dropped packets one by one, and the totals of them all. Texts come from the host and are made printable here.
 */
#pragma once

#include "render/answer.h"

#include "model/packet.h"
#include "model/place.h"

#define TRACE_FRAMES 32

/* Where on the host it was, and whose. */
struct trace_whereabouts {
	const char *netns;	       /* name; "" where it has none or is not known */
	uint32_t netns_inode, ifindex; /* 0: not known */
	bool home;		       /* it is the namespace this tool was started in */
	const char *device;
	uint32_t cpu;
	const char *comm; /* of the process that sent it, or that it was for; "" when not known */
	int pid;	  /* 0 likewise */
	uint64_t socket_inode;
	const char *container; /* of the process, else of the namespace; "" when in none, or not known */
	const char *cgroup;    /* path below the root of the control groups, "" when not known */
};

struct trace_drop {
	uint64_t time_ns;		/* since 1970-01-01 UTC */
	const char *reason;		/* as the kernel names it; "" without one */
	const char *place;		/* the function, "" when not known */
	uint64_t place_offset, address; /* bytes into it; of the place itself */
	const struct drop_meaning *meaning;
	const struct packet *packet;
	struct trace_whereabouts at;
	const char *way; /* "arriving", "leaving", "" */
	uint32_t length, segments;
	const char *frames[TRACE_FRAMES]; /* innermost first; where asked for */
	size_t frame_count;
};

/* What is no drop and tells of one. */
struct trace_event {
	uint64_t time_ns;
	const char *id, *label; /* of its kind: "reset-sent", "reset sent" */
	const char *detail;	/* in the kernel's words: a reset's reason, an error, ...; "" without one */
	const char *state;	/* of the TCP socket, "" without one */
	struct packet_flow flow;
	bool has_flow;
	struct trace_whereabouts at;
	uint32_t packets; /* segments sent again; packets handled in a poll */
};

/* Events of one kind with the same detail and state, counted. */
struct trace_event_total {
	const char *id, *label, *detail, *state, *meaning;
	uint64_t events, packets;
	uint64_t wanted, wanted_packets; /* of these: those that are in scope */
};

struct trace_event_totals {
	const struct trace_event_total *rows;
	size_t count;
	uint64_t shown;		  /* lines */
	uint64_t over_rate, lost; /* events without a sample */
	uint64_t missed;	  /* not seen by the probes at all */
	uint64_t keyless;	  /* counted without their kind */
};

/* Drops by reason, all places together. */
struct trace_total {
	const char *reason;
	uint64_t skbs, segments;
	uint64_t wanted_skbs; /* of these: those that the filters let through */
	uint64_t harmless_skbs;
	const char *meaning;
};

/* Drops of one flow for one reason. */
struct trace_flow {
	struct packet_flow flow;
	const char *reason;
	uint32_t netns_inode;
	uint64_t skbs, segments;
};

/* That totals are of a recording: then `over_rate` are the packets of which it holds nothing but their number. */
struct trace_recording {
	const char *cut;     /* why it ends early, one phrase; NULL: it does not */
	bool single_packets; /* it was made by a program that kept some */
	bool so_far;	     /* not all of it was shown */
};

struct trace_totals {
	const struct trace_total *rows; /* most packets first */
	size_t count;
	uint64_t skbs, segments, wanted_skbs;
	uint64_t shown;		     /* lines */
	uint64_t harmless, unwanted; /* samples not shown: nobody misses them; an expression refused them */
	uint64_t over_rate, lost;    /* packets without a sample: more than the rate; the buffer was full */
	uint64_t missed;	     /* not seen by the probe at all */
	uint64_t keyless;	     /* counted without reason and place */
	double seconds;
	bool filtered;
	/* Where flows were counted: those that lost most; the rest is in the others, or gave way to them. */
	const struct trace_flow *flows;
	size_t flow_count, all_flows;
	uint64_t flowless, flows_evicted; /* packets: neither IPv4 nor IPv6; of flows that there was no room for */
	bool has_flows;
	const char *without_packets;		 /* why reason and place are all that is known; NULL: everything is */
	const struct trace_event_totals *events; /* NULL: not asked for */
	const struct trace_recording *recording; /* NULL: of this host, now */
};

/* Drops of one kind, for a table. */
struct trace_kind {
	const char *reason, *place, *netns, *device; /* "" when not known */
	const struct drop_meaning *meaning;
	uint32_t netns_inode;
	bool home;
	uint64_t skbs;
	double rate; /* a second */
};

void render_trace_top_begin(const struct style *style, struct text *ret);
void render_trace_top_row(const struct trace_kind *kind, const struct style *style, struct text *ret);

/* One line, with a newline; the stack below it. `redact_key` as packet_print() takes it. */
void render_trace_text(const struct trace_drop *drop, const struct style *style, const uint8_t *redact_key,
		       struct text *ret);
void render_trace_json(const struct trace_drop *drop, const uint8_t *redact_key, struct text *ret);

void render_trace_event_text(const struct trace_event *event, const struct style *style, const uint8_t *redact_key,
			     struct text *ret);
void render_trace_event_json(const struct trace_event *event, const uint8_t *redact_key, struct text *ret);

void render_trace_totals_text(const struct trace_totals *totals, const uint8_t *redact_key, struct text *ret);
void render_trace_totals_json(const struct trace_totals *totals, const uint8_t *redact_key, struct text *ret);
