/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP at the listener and in the receive queue. SYNs that a listener refuses
 * are consumed, not dropped: only these counters tell.
 *
 * net/ipv4/tcp_input.c: tcp_conn_request(); include/net/tcp.h: tcp_listendrop().
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

/*
 * Half-open connections, and requests lost per second, from which on a full SYN queue is put down to a flood, when few
 * are completed.
 */
#define HALF_OPEN_MANY 32
#define FLOOD_RATE 100

/* The listener of a namespace with the highest share of its drops, or OBJECT_HOST_ID. */
static uint32_t listener_with_drops(const struct detection *detection, uint32_t netns, uint64_t *ret_drops)
{
	const struct cell *cell;
	uint32_t found = OBJECT_HOST_ID;
	size_t i;

	*ret_drops = 0;
	series_each(detection->series, C_SOCK_LISTEN_DROPS, i, cell) {
		if (object_get(detection->objects, cell->object)->netns != netns || cell->increase <= *ret_drops)
			continue;
		*ret_drops = cell->increase;
		found = cell->object;
	}
	return found;
}

/*
 * Where listeners do not tell what they dropped: the only one of the namespace whose queue was seen filled. All drops are
 * its own when there is no other.
 */
static uint32_t listener_with_queue(const struct detection *detection, uint32_t netns, counter_id queue, counter_id all,
				    uint64_t *ret_drops)
{
	const struct cell *cell, *level;
	uint32_t found = OBJECT_HOST_ID;
	size_t i, listeners = 0, filled = 0;

	series_each(detection->series, C_SOCK_ACCEPT_QUEUE, i, cell) {
		if (object_get(detection->objects, cell->object)->netns != netns)
			continue;
		if (series_cell(detection->series, C_SOCK_LISTEN_DROPS, cell->object))
			return OBJECT_HOST_ID;
		level = series_cell(detection->series, queue, cell->object);
		listeners++;
		if (!level || !level->high)
			continue;
		filled++;
		found = cell->object;
	}
	if (listeners == 1)
		*ret_drops = series_increase(detection->series, all, netns);
	return filled == 1 ? found : OBJECT_HOST_ID;
}

static void accept_queue(struct detection *detection, uint32_t netns)
{
	uint64_t lost = ledger_left(detection->ledger, C_TCP_EXT_LISTEN_OVERFLOWS, netns);
	uint64_t drops;
	uint32_t listener = listener_with_drops(detection, netns, &drops);
	struct finding *finding;

	if (!lost)
		return;
	if (!listener)
		listener =
			listener_with_queue(detection, netns, C_SOCK_ACCEPT_QUEUE, C_TCP_EXT_LISTEN_OVERFLOWS, &drops);
	finding = detect_add(detection, CAUSE_TCP_ACCEPT_QUEUE_FULL, listener ? listener : netns, UNIT_SEGMENTS,
			     DIRECTION_INGRESS);
	detect_claim(detection, finding, C_TCP_EXT_LISTEN_OVERFLOWS, netns, UINT64_MAX);
	detect_pass(detection, finding, C_TCP_PASSIVE_OPENS, netns);
	finding->confidence = listener ? detect_confidence(drops, finding->packets) : CONFIDENCE_LIKELY;
	finding_evidence(finding, detection->series, C_TCP_EXT_LISTEN_DROPS, netns, NULL);
	if (!listener)
		return;
	finding_evidence(finding, detection->series, C_SOCK_LISTEN_DROPS, listener, NULL);
	finding_evidence(finding, detection->series, C_SOCK_ACCEPT_QUEUE, listener, "connections waiting for accept()");
	finding_evidence(finding, detection->series, C_SOCK_ACCEPT_LIMIT, listener, "its limit");
	detect_reader(detection, finding, listener, READER_CONNECTIONS);
}

static void syn_flood(struct detection *detection, struct finding *finding, uint32_t netns, uint32_t listener)
{
	const struct cell *half_open = series_cell(detection->series, C_SOCK_SYN_RECV, listener);
	uint64_t completed = series_increase(detection->series, C_TCP_PASSIVE_OPENS, netns);
	struct because *because;

	if (!half_open || half_open->high < HALF_OPEN_MANY || completed >= finding->packets / 10 ||
	    (double)finding->packets < FLOOD_RATE * series_seconds(detection->series))
		return;
	because = finding_because(finding, CAUSE_SYN_FLOOD, listener);
	because_evidence(because, detection->series, C_SOCK_SYN_RECV, listener, "handshakes that nobody completed");
	because_evidence(because, detection->series, C_TCP_PASSIVE_OPENS, netns, "handshakes that were completed");
	because_evidence(because, detection->series, C_TCP_IN_SEGS, netns, NULL);
}

/*
 * With cookies a listener takes back what an ICMP error was the answer to: tcp_req_err(), an unreachable client and
 * nobody's loss here.
 */
static void take_back(struct detection *detection, uint32_t netns)
{
	static const counter_id errors[] = { C_ICMP_IN_DEST_UNREACHS, C_ICMP_IN_TIME_EXCDS, C_ICMP6_IN_DEST_UNREACHS,
					     C_ICMP6_IN_TIME_EXCDS };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		ledger_move_elsewhere(detection->ledger, C_TCP_EXT_LISTEN_DROPS, netns,
				      series_increase(detection->series, errors[i], netns));
}

static void half_open(struct detection *detection, struct finding *finding, uint32_t netns, uint32_t listener)
{
	finding_evidence(finding, detection->series, C_SYSCTL_TCP_MAX_SYN_BACKLOG, netns, NULL);
	if (!listener)
		return;
	finding_evidence(finding, detection->series, C_SOCK_SYN_RECV, listener, "half-open connections");
	finding_evidence(finding, detection->series, C_SOCK_ACCEPT_LIMIT, listener, "the listener's backlog");
	syn_flood(detection, finding, netns, listener);
}

/*
 * Without SYN cookies ListenDrops moves alone for the last quarter of the queue. With them a full queue loses nothing:
 * what ListenDrops counts beyond the accept queue then had no way back (which routing counts too), no memory or a security
 * module against it.
 */
static void syn_queue(struct detection *detection, uint32_t netns)
{
	bool cookies = ledger_syn_cookies(detection->series, netns);
	uint64_t full = ledger_left(detection->ledger, C_TCP_EXT_TCP_REQ_Q_FULL_DROP, netns);
	bool overflow = full || !cookies;
	uint64_t drops;
	uint32_t listener = listener_with_drops(detection, netns, &drops);
	struct finding *finding;

	if (!listener && overflow)
		listener = listener_with_queue(detection, netns, C_SOCK_SYN_RECV, C_TCP_EXT_LISTEN_DROPS, &drops);
	if (cookies)
		take_back(detection, netns);
	if (!full && !ledger_left(detection->ledger, C_TCP_EXT_LISTEN_DROPS, netns))
		return;
	finding = detect_add(detection, overflow ? CAUSE_SYN_QUEUE_OVERFLOW : CAUSE_SYN_REFUSED,
			     listener ? listener : netns, UNIT_SEGMENTS, DIRECTION_INGRESS);
	detect_claim(detection, finding, C_TCP_EXT_TCP_REQ_Q_FULL_DROP, netns, UINT64_MAX);
	detect_claim(detection, finding, C_TCP_EXT_LISTEN_DROPS, netns, UINT64_MAX);
	finding_evidence(finding, detection->series, C_TCP_EXT_LISTEN_OVERFLOWS, netns,
			 "not the accept queue: this is what ListenDrops counts beyond it");
	detect_pass(detection, finding, C_TCP_PASSIVE_OPENS, netns);
	finding->confidence = listener && overflow ? detect_confidence(drops, finding->packets) : CONFIDENCE_LIKELY;
	finding_evidence(finding, detection->series, C_SYSCTL_TCP_SYNCOOKIES, netns,
			 cookies ? "on: a full SYN queue loses nothing" : "0: no SYN cookies");
	if (listener)
		finding_evidence(finding, detection->series, C_SOCK_LISTEN_DROPS, listener, NULL);
	if (overflow)
		half_open(detection, finding, netns, listener);
}

/* The connection of a namespace whose receive queue is fullest, or OBJECT_HOST_ID. */
static uint32_t fullest_connection(const struct detection *detection, uint32_t netns)
{
	const struct cell *cell;
	uint64_t most = 0;
	uint32_t found = OBJECT_HOST_ID;
	size_t i;

	series_each(detection->series, C_SOCK_RMEM, i, cell) {
		uint64_t limit = series_last(detection->series, C_SOCK_RCVBUF, cell->object);

		if (object_get(detection->objects, cell->object)->netns != netns || cell->high <= most ||
		    cell->high < limit / 2 || !series_cell(detection->series, C_SOCK_TCP_SEGS_IN, cell->object))
			continue;
		most = cell->high;
		found = cell->object;
	}
	return found;
}

/* All TCP sockets together over the limit from which on the kernel takes memory back: not one socket's own buffer. */
static bool memory_pressed(const struct detection *detection)
{
	const struct cell *memory = series_cell(detection->series, C_SOCKSTAT_TCP_MEM, OBJECT_HOST_ID);
	uint64_t limit = series_last(detection->series, C_SYSCTL_TCP_MEM_PRESSURE, OBJECT_HOST_ID);

	return memory && limit && memory->high >= limit;
}

static void receive_queue(struct detection *detection, uint32_t netns, enum cause cause, const counter_id *counters,
			  size_t count)
{
	struct finding *finding = NULL;
	bool pressed = memory_pressed(detection);
	uint32_t socket;

	for (size_t i = 0; i < count; i++) {
		if (!ledger_left(detection->ledger, counters[i], netns))
			continue;
		if (!finding)
			finding = detect_add(detection, pressed ? CAUSE_TCP_MEMORY_PRESSURE : cause, netns,
					     UNIT_SEGMENTS, DIRECTION_INGRESS);
		detect_claim(detection, finding, counters[i], netns, UINT64_MAX);
	}
	if (!finding)
		return;
	detect_pass(detection, finding, C_TCP_IN_SEGS, netns);
	finding->confidence = CONFIDENCE_LIKELY;
	if (pressed) {
		finding_evidence(finding, detection->series, C_SOCKSTAT_TCP_MEM, OBJECT_HOST_ID, "pages in use");
		finding_evidence(finding, detection->series, C_SYSCTL_TCP_MEM_PRESSURE, OBJECT_HOST_ID, "the limit");
		finding_evidence(finding, detection->series, C_TCP_EXT_TCP_MEMORY_PRESSURES, netns, NULL);
		return;
	}
	socket = fullest_connection(detection, netns);
	if (!socket)
		return;
	finding->object = socket;
	finding_evidence(finding, detection->series, C_SOCK_TCP_DROPS, socket, NULL);
	finding_evidence(finding, detection->series, C_SOCK_RMEM, socket, "the level of its receive queue");
	finding_evidence(finding, detection->series, C_SOCK_RCVBUF, socket, "its limit");
	if (series_increase(detection->series, C_SOCK_TCP_DROPS, socket) >= finding->packets)
		finding->confidence = CONFIDENCE_PROVEN;
	detect_reader(detection, finding, socket, READER_STREAM);
}

/* What PAWS rejected and is no loss, by the counter that says so. */
static void excuse_rejected(struct detection *detection, uint32_t netns, enum cause cause, counter_id proof,
			    const char *note, const char *why)
{
	struct finding *finding = detect_add(detection, cause, netns, UNIT_SEGMENTS, DIRECTION_INGRESS);

	detect_claim(detection, finding, C_TCP_EXT_PAWS_ESTAB, netns, UINT64_MAX);
	detect_pass(detection, finding, C_TCP_IN_SEGS, netns);
	finding_evidence(finding, detection->series, proof, netns, note);
	finding->why_innocent = why;
}

/*
 * Acknowledgements that overtook each other carry old timestamps too, and the later one stands for both. Linux answers a
 * rejected segment at once unless it is without data and the connection was answered within half a second
 * (tcp_oow_rate_limited): those that TCPACKSkippedPAWS counts carried no data.
 *
 * So does a segment that comes after it was sent again. Linux answers it as a duplicate, and nothing so that brings new data.
 */
static void late_segments(struct detection *detection, uint32_t netns)
{
	uint64_t rejected = ledger_left(detection->ledger, C_TCP_EXT_PAWS_ESTAB, netns);

	if (!rejected)
		return;
	if (series_increase(detection->series, C_TCP_EXT_TCP_ACK_SKIPPED_PAWS, netns) * 2 >= rejected)
		excuse_rejected(detection, netns, CAUSE_REORDERING, C_TCP_EXT_TCP_ACK_SKIPPED_PAWS, "carried no data",
				"acknowledgements overtook each other; the later one stands for both");
	else if (series_increase(detection->series, C_TCP_EXT_TCP_DSACK_OLD_SENT, netns) >= rejected)
		excuse_rejected(detection, netns, CAUSE_DUPLICATE_SEGMENTS, C_TCP_EXT_TCP_DSACK_OLD_SENT,
				"told the sender so",
				"they had arrived before: they were sent again, and then the first ones came as well");
}

void detect_tcp(struct detection *detection)
{
	/* The last one is another matter, unless the windows were closed for want of memory. */
	static const counter_id pruned[] = { C_TCP_EXT_TCP_RCV_Q_DROP, C_TCP_EXT_RCV_PRUNED, C_TCP_EXT_TCP_OFO_DROP,
					     C_TCP_EXT_TCP_ZERO_WINDOW_DROP };
	static const counter_id backlog[] = { C_TCP_EXT_TCP_BACKLOG_DROP };
	uint32_t id;
	const struct object *object;

	each_object(detection->objects, id, object) {
		if (object->key.kind != OBJECT_NETNS)
			continue;
		accept_queue(detection, id);
		syn_queue(detection, id);
		receive_queue(detection, id, CAUSE_TCP_RECEIVE_QUEUE_PRUNED, pruned, memory_pressed(detection) ? 4 : 3);
		receive_queue(detection, id, CAUSE_SOCKET_BACKLOG_FULL, backlog, 1);
		late_segments(detection, id);
	}
}
