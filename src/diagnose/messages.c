/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets whose losses no statistic of a protocol counts: raw and ping sockets,
 * netlink sockets, and the netfilter queues that netlink sockets empty. What a
 * raw socket or a listener to kernel events misses is a copy or a notification,
 * never the packet itself; what a netfilter queue drops is the packet. Unix
 * sockets lose nothing, but a full one looks like a network that does not answer.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#include <string.h>

static void evidence(const struct detection *detection, struct finding *finding, counter_id counter, uint32_t object,
		     const char *note)
{
	finding_evidence(finding, detection->series, counter, object, note);
}

/* Which way the packets of a namespace's queues went, by the hooks of the rules that fill them. */
static enum direction queued_direction(const struct detection *detection, uint32_t netns)
{
	static const counter_id rules[] = { C_RULE_QUEUE, C_LEGACY_RULE_QUEUE };
	enum direction direction = DIRECTION_LOCAL;

	for (size_t r = 0; r < ARRAY_SIZE(rules); r++) {
		const struct cell *cell;
		size_t i;

		series_each(detection->series, rules[r], i, cell) {
			const struct object *rule = object_get(detection->objects, cell->object);
			const char *hook = object_text(rule, LABEL_HOOK);

			if (rule->netns != netns || !cell->last)
				continue;
			if (strstr(hook, "output") || strstr(hook, "postrouting") || strstr(hook, "forward"))
				return DIRECTION_EGRESS; /* a sender here may have to send them again */
			direction = DIRECTION_INGRESS;
		}
	}
	return direction;
}

/* net/netfilter/nfnetlink_queue.c: __nfqnl_enqueue_packet(). */
static void queue_full(struct detection *detection, uint32_t queue)
{
	uint32_t socket = object_get(detection->objects, queue)->parent;
	struct finding *finding;

	if (!ledger_left(detection->ledger, C_NFQUEUE_DROPPED, queue) &&
	    !ledger_left(detection->ledger, C_NFQUEUE_USER_DROPPED, queue))
		return;
	finding = detect_add(detection, CAUSE_NFQUEUE_FULL, queue, UNIT_SKBS,
			     queued_direction(detection, object_get(detection->objects, queue)->netns));
	detect_claim(detection, finding, C_NFQUEUE_DROPPED, queue, UINT64_MAX);
	detect_claim(detection, finding, C_NFQUEUE_USER_DROPPED, queue, UINT64_MAX);
	evidence(detection, finding, C_NFQUEUE_WAITING, queue, "packets that wait for a verdict");
	if (!socket)
		return;
	evidence(detection, finding, C_NETLINK_RMEM, socket, "what waits in the program's netlink socket");
	detect_reader(detection, finding, socket, READER_MESSAGES);
}

static void messages_lost(struct detection *detection, uint32_t socket)
{
	struct finding *finding;

	if (!ledger_left(detection->ledger, C_NETLINK_DROPS, socket))
		return;
	finding = detect_add(detection, CAUSE_NETLINK_OVERRUN, socket, UNIT_MESSAGES, DIRECTION_LOCAL);
	detect_claim(detection, finding, C_NETLINK_DROPS, socket, UINT64_MAX);
	evidence(detection, finding, C_NETLINK_RMEM, socket, "the level of its receive queue");
	finding->detail = mem_strdup("kernel messages were lost, no network packets");
	detect_reader(detection, finding, socket, READER_MESSAGES);
}

/*
 * A program that only sends through a raw socket gets copies all the same, until its buffer is full. One that hangs looks
 * alike; it is told apart where the process shows why it does not read.
 */
static bool only_sends(const struct detection *detection, const struct finding *finding)
{
	const struct cell *level = series_cell(detection->series, C_RAW_RMEM, finding->object);

	return level && level->readings > 1 && level->low == level->high && !finding->because.count &&
	       object_get(detection->objects, finding->object)->owner;
}

static void copies_lost(struct detection *detection, uint32_t socket)
{
	struct finding *finding;

	if (!ledger_left(detection->ledger, C_RAW_DROPS, socket))
		return;
	finding = detect_add(detection, CAUSE_RAW_RECEIVE_BUFFER_FULL, socket, UNIT_PACKETS, DIRECTION_INGRESS);
	detect_claim(detection, finding, C_RAW_DROPS, socket, UINT64_MAX);
	evidence(detection, finding, C_RAW_RMEM, socket, "the level of its receive queue");
	detect_reader(detection, finding, socket, READER_COPIES);
	if (only_sends(detection, finding))
		finding->why_innocent = "the program never reads that socket: it serves to send, or the program hangs";
}

/* net/unix/af_unix.c: unix_recvq_full() lets one more wait than the limit. */
static void waiting_to_connect(struct detection *detection, const struct cell *queue)
{
	uint64_t limit = series_last(detection->series, C_UNIX_ACCEPT_LIMIT, queue->object);
	struct finding *finding;

	if (queue->high <= limit)
		return;
	finding = detect_add(detection, CAUSE_UNIX_ACCEPT_QUEUE_FULL, queue->object, UNIT_COUNT, DIRECTION_LOCAL);
	evidence(detection, finding, C_UNIX_ACCEPT_QUEUE, queue->object, "programs that wait for accept()");
	evidence(detection, finding, C_UNIX_ACCEPT_LIMIT, queue->object, "its limit");
	finding->why_innocent = "programs of this host wait for one another; no network packet is lost";
	detect_reader(detection, finding, queue->object, READER_MESSAGES);
}

void detect_messages(struct detection *detection)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_NFQUEUE_DROPPED, i, cell)
		queue_full(detection, cell->object);
	series_each(detection->series, C_NETLINK_DROPS, i, cell)
		messages_lost(detection, cell->object);
	series_each(detection->series, C_RAW_DROPS, i, cell)
		copies_lost(detection, cell->object);
	series_each(detection->series, C_UNIX_ACCEPT_QUEUE, i, cell)
		waiting_to_connect(detection, cell);
}
