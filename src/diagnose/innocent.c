/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drops that hurt nobody, named so that they do not alarm. Each row is a
 * counter, the class it belongs to and the reason why it does not hurt.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#include <string.h>

static const struct innocence {
	counter_id counter;
	enum cause cause;
	counter_id passed;
	const char *why;
} rows[] = {
	{ C_LINK_RX_NOHANDLER, CAUSE_INACTIVE_BOND_MEMBER, C_LINK_RX_PACKETS,
	  "a standby member drops its copies; the active one delivers them" },
	{ C_LINK_RX_OTHERHOST_DROPPED, CAUSE_FRAMES_FOR_OTHER_HOSTS, C_LINK_RX_PACKETS,
	  "they were addressed to another machine" },
	{ C_UDP_NO_PORTS, CAUSE_REFUSED_CONNECTION, C_UDP_IN_DATAGRAMS,
	  "nobody listens there, and the sender is told so" },
	{ C_UDP6_NO_PORTS, CAUSE_REFUSED_CONNECTION, C_UDP6_IN_DATAGRAMS,
	  "nobody listens there, and the sender is told so" },
	{ C_UDP_IGNORED_MULTI, CAUSE_MULTICAST_NOT_JOINED, C_UDP_IN_DATAGRAMS, "no program here joined the group" },
	{ C_UDP6_IGNORED_MULTI, CAUSE_MULTICAST_NOT_JOINED, C_UDP6_IN_DATAGRAMS, "no program here joined the group" },
	{ C_SCTP_OUT_OF_BLUES, CAUSE_REFUSED_CONNECTION, C_SCTP_IN_SCTP_PACKS,
	  "they belong to no association, and the sender is told so" },
	{ C_ICMP_IN_CSUM_ERRORS, CAUSE_DAMAGED_ICMP, C_ICMP_IN_MSGS,
	  "ICMP carries no data of yours; if TCP or UDP checksum errors rise too, the path damages packets" },
	{ C_ICMP6_IN_CSUM_ERRORS, CAUSE_DAMAGED_ICMP, C_ICMP6_IN_MSGS,
	  "ICMP carries no data of yours; if TCP or UDP checksum errors rise too, the path damages packets" },
};

/*
 * Datagrams for a closed port: scans and late answers are few among others. Where most of what arrives is for a port
 * that nobody listens on, and keeps coming, the service is what is missing.
 */
#define NO_LISTENER_MINIMUM 500
#define NO_LISTENER_RATE 100

static void missing_service(struct detection *detection, counter_id closed, counter_id open)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, closed, i, cell) {
		uint64_t left = ledger_left(detection->ledger, closed, cell->object);
		struct finding *finding;

		if (left < NO_LISTENER_MINIMUM || (double)left < NO_LISTENER_RATE * series_seconds(detection->series) ||
		    left < series_increase(detection->series, open, cell->object))
			continue;
		finding = detect_add(detection, CAUSE_NO_LISTENER, cell->object, UNIT_DATAGRAMS, DIRECTION_INGRESS);
		detect_claim(detection, finding, closed, cell->object, UINT64_MAX);
		detect_pass(detection, finding, open, cell->object);
		finding->confidence = CONFIDENCE_LIKELY;
	}
}

static void innocent_row(struct detection *detection, const struct innocence *row)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, row->counter, i, cell) {
		struct finding *finding;

		if (!ledger_left(detection->ledger, row->counter, cell->object))
			continue;
		finding = detect_add(detection, row->cause, cell->object, counter_get(row->counter)->unit,
				     DIRECTION_INGRESS);
		detect_claim(detection, finding, row->counter, cell->object, UINT64_MAX);
		detect_pass(detection, finding, row->passed, cell->object);
		finding->why_innocent = row->why;
	}
}

/*
 * What is left of a device's rx_dropped after the backlog and the driver's own reasons: frames of protocols that
 * nobody here speaks (net/core/dev.c: __netif_receive_skb_core). Only a driver that counts its own losses there
 * as well leaves doubt, which is why a large share on a hardware device is a finding.
 */
#define STRAY_SHARE_PERCENT 5
#define STRAY_RATE 500 /* per second: more than switches' own protocols send */

static void strays(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_LINK_RX_DROPPED, i, cell) {
		const struct object *link = object_get(detection->objects, cell->object);
		uint64_t left = ledger_left(detection->ledger, C_LINK_RX_DROPPED, cell->object);
		uint64_t received = series_increase(detection->series, C_LINK_RX_PACKETS, cell->object);
		bool hardware = strcmp(object_text(link, LABEL_KIND), "ether") == 0;
		bool many = left * 100 > received * STRAY_SHARE_PERCENT &&
			    (double)left > STRAY_RATE * series_seconds(detection->series);
		struct finding *finding;

		if (!left)
			continue;
		finding = detect_device(detection, many ? CAUSE_RX_DROP : CAUSE_UNKNOWN_PROTOCOL_FRAMES, cell->object,
					DIRECTION_INGRESS);
		detect_claim(detection, finding, C_LINK_RX_DROPPED, cell->object, UINT64_MAX);
		finding->confidence = hardware || many ? CONFIDENCE_POSSIBLE : CONFIDENCE_LIKELY;
		finding_evidence(finding, detection->series, C_LINK_RX_PACKETS, cell->object, "received in all");
		finding->why_innocent = finding->cause == CAUSE_RX_DROP
						? NULL
						: "frames of a protocol that this host does not speak, such as LLDP";
	}
}

/* Waiting is what a shaper is for: its overlimits without drops are no loss. */
static void overlimits(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_QDISC_OVERLIMITS, i, cell) {
		struct finding *finding;

		if (!cell->increase || series_increase(detection->series, C_QDISC_DROPS, cell->object))
			continue;
		finding = detect_add(detection, CAUSE_SHAPER_OVERLIMITS, cell->object, UNIT_CALLS, DIRECTION_EGRESS);
		finding_evidence(finding, detection->series, C_QDISC_OVERLIMITS, cell->object, NULL);
		finding_evidence(finding, detection->series, C_QDISC_DROPS, cell->object, "nothing was dropped");
		finding->why_innocent = "packets waited for their turn and were sent";
	}
}

static void symptoms(struct detection *detection, counter_id counter, enum cause cause, const char *why)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, counter, i, cell) {
		struct finding *finding;

		if (!cell->increase)
			continue;
		finding = detect_add(detection, cause, cell->object, counter_get(counter)->unit, DIRECTION_LOCAL);
		finding_evidence(finding, detection->series, counter, cell->object, NULL);
		finding->why_innocent = why;
	}
}

/* An ICMP error is for the socket whose packet it quotes; where there is none, tcp_v4_err() and __udp4_lib_err() count it. */
static void unasked_errors(struct detection *detection, counter_id errors, counter_id damaged)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, errors, i, cell) {
		struct finding *finding;

		if (cell->increase <= series_increase(detection->series, damaged, cell->object))
			continue;
		finding = detect_add(detection, CAUSE_BACKSCATTER, cell->object, counter_get(errors)->unit,
				     DIRECTION_LOCAL);
		finding_evidence(finding, detection->series, errors, cell->object, NULL);
		finding_evidence(finding, detection->series, damaged, cell->object, "of these, damaged");
		finding->why_innocent =
			"they answer what no socket here sent: late, or to packets that somebody forged";
	}
}

/* Echo requests that arrived and that a setting keeps from being answered (icmp_echo(), icmpv6_rcv()). */
static void pings_ignored(struct detection *detection, counter_id setting, counter_id echoes, counter_id answers)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, echoes, i, cell) {
		uint64_t answered = series_increase(detection->series, answers, cell->object);
		struct finding *finding;

		if (!series_last(detection->series, setting, cell->object) || cell->increase <= answered)
			continue;
		finding = detect_add(detection, CAUSE_PINGS_IGNORED, cell->object, counter_get(echoes)->unit,
				     DIRECTION_INGRESS);
		finding->packets = cell->increase - answered;
		finding_evidence(finding, detection->series, echoes, cell->object, NULL);
		finding_evidence(finding, detection->series, answers, cell->object, "answered");
		finding_evidence(finding, detection->series, setting, cell->object, NULL);
		finding->why_innocent =
			"they arrived: to answer none is a setting, and says nothing about other packets";
	}
}

void detect_innocent(struct detection *detection)
{
	missing_service(detection, C_UDP_NO_PORTS, C_UDP_IN_DATAGRAMS);
	missing_service(detection, C_UDP6_NO_PORTS, C_UDP6_IN_DATAGRAMS);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		innocent_row(detection, &rows[i]);
	unasked_errors(detection, C_ICMP_IN_ERRORS, C_ICMP_IN_CSUM_ERRORS);
	unasked_errors(detection, C_ICMP6_IN_ERRORS, C_ICMP6_IN_CSUM_ERRORS);
	pings_ignored(detection, C_SYSCTL_ICMP_ECHO_IGNORE_ALL, C_ICMP_IN_ECHOS, C_ICMP_OUT_ECHO_REPS);
	pings_ignored(detection, C_SYSCTL_ICMP6_ECHO_IGNORE_ALL, C_ICMP6_IN_ECHOS, C_ICMP6_OUT_ECHO_REPLIES);
	strays(detection);
	overlimits(detection);
	symptoms(detection, C_QDISC_ECN_MARKS, CAUSE_AQM_SIGNAL,
		 "senders that understand it are told to slow down, and the packets are sent");
	symptoms(detection, C_TCP_EXT_TCP_LOSS_PROBES, CAUSE_TAIL_LOSS_PROBE,
		 "TCP asks whether its last segment arrived; that alone is no loss");
	symptoms(detection, C_TCP_EXT_TCP_DSACK_RECV_SEGS, CAUSE_SPURIOUS_RETRANSMISSION,
		 "the peer had the segment already: it was late, not lost");
	symptoms(detection, C_TCP_EXT_TCP_SACK_REORDER, CAUSE_REORDERING,
		 "segments overtook each other; none was lost");
	symptoms(detection, C_TCP_EXT_TCP_DSACK_OLD_SENT, CAUSE_DUPLICATE_SEGMENTS,
		 "they had arrived before: a copy too many, and nothing was missing");
	symptoms(detection, C_TCP_EXT_TCP_REQ_Q_FULL_DO_COOKIES, CAUSE_SYN_COOKIES_SENT,
		 "the SYN queue was full and SYN cookies carried on: no connection was lost");
	symptoms(detection, C_TCP_EXT_TW_RECYCLED, CAUSE_TIME_WAIT_REUSE,
		 "a new connection took over a finished one; nothing was lost");
	symptoms(detection, C_TCP_EXT_TCP_ABORT_ON_DATA, CAUSE_CLOSED_CONNECTION,
		 "the program had closed already, and wanted no more");
	symptoms(detection, C_TCP_EXT_TCP_ABORT_ON_CLOSE, CAUSE_UNREAD_AT_CLOSE,
		 "the program closed without reading it, and the peer was told so");
	symptoms(detection, C_TCP_OUT_RSTS, CAUSE_REFUSED_CONNECTION,
		 "a reset was the answer: nobody listens there, or the connection was gone");
	symptoms(
		detection, C_ICMP_OUT_RATE_LIMIT_GLOBAL, CAUSE_ICMP_RATE_LIMITED,
		"the kernel answers only so many packets per second with ICMP; the packets themselves are another matter");
	symptoms(
		detection, C_ICMP_OUT_RATE_LIMIT_HOST, CAUSE_ICMP_RATE_LIMITED,
		"the kernel answers only so many packets per second with ICMP; the packets themselves are another matter");
	symptoms(
		detection, C_ICMP6_OUT_RATE_LIMIT_HOST, CAUSE_ICMP_RATE_LIMITED,
		"the kernel answers only so many packets per second with ICMP; the packets themselves are another matter");
	symptoms(detection, C_CONNTRACK_EARLY_DROP, CAUSE_CONNTRACK_EARLY_DROP,
		 "entries without an answered connection made room for new ones");
}
