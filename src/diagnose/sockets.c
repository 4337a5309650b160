/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP sockets. The namespace's counters say exactly how many datagrams were
 * lost; the sockets' own drop counters say whose they were. What no living
 * socket owns belonged to one that was closed.
 */
#include "diagnose/detection.h"

#include <stdlib.h>

/* The two families' counters of one kind of loss at the socket. */
struct loss_pair {
	counter_id v4, v6;
};

static const struct loss_pair buffer_full = { C_UDP_RCVBUF_ERRORS, C_UDP6_RCVBUF_ERRORS };
static const struct loss_pair other_errors = { C_UDP_IN_ERRORS, C_UDP6_IN_ERRORS };

static uint64_t pair_left(const struct detection *detection, const struct loss_pair *pair, uint32_t netns)
{
	return ledger_left(detection->ledger, pair->v4, netns) + ledger_left(detection->ledger, pair->v6, netns);
}

static uint64_t pair_increase(const struct detection *detection, const struct loss_pair *pair, uint32_t netns)
{
	return series_increase(detection->series, pair->v4, netns) +
	       series_increase(detection->series, pair->v6, netns);
}

static void pair_claim(struct detection *detection, struct finding *finding, const struct loss_pair *pair,
		       uint32_t netns, uint64_t most)
{
	most -= detect_claim(detection, finding, pair->v4, netns, most);
	detect_claim(detection, finding, pair->v6, netns, most);
}

static void set_passed(const struct detection *detection, struct finding *finding, uint32_t netns)
{
	detect_pass(detection, finding, C_UDP_IN_DATAGRAMS, netns);
	detect_pass(detection, finding, C_UDP6_IN_DATAGRAMS, netns);
}

static int compare_drops(const void *left, const void *right)
{
	const struct cell *const *a = left, *const *b = right;

	return (*a)->increase < (*b)->increase ? 1 : (*a)->increase > (*b)->increase ? -1 : 0;
}

struct cell_list {
	const struct cell **data;
	size_t count, capacity;
};

/* The sockets of a namespace that lost datagrams, most first. */
static void sockets_with_drops(const struct detection *detection, uint32_t netns, struct cell_list *ret)
{
	const struct cell *cell, **slot;
	size_t i;

	series_each(detection->series, C_SOCK_DROPS, i, cell) {
		if (!cell->increase || object_get(detection->objects, cell->object)->netns != netns)
			continue;
		slot = vec_add(ret, FINDINGS_MAX);
		if (slot)
			*slot = cell;
	}
	vec_sort(ret, compare_drops);
}

static struct finding *buffer_finding(struct detection *detection, uint32_t netns, const struct cell *socket,
				      bool exact)
{
	struct finding *finding =
		detect_add(detection, CAUSE_UDP_RECEIVE_BUFFER_FULL, socket->object, UNIT_DATAGRAMS, DIRECTION_INGRESS);

	pair_claim(detection, finding, &buffer_full, netns, socket->increase);
	set_passed(detection, finding, netns);
	finding->confidence = exact ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY;
	finding_evidence(finding, detection->series, C_SOCK_DROPS, socket->object, NULL);
	finding_evidence(finding, detection->series, C_SOCK_RMEM, socket->object, "the level of its receive queue");
	finding_evidence(finding, detection->series, C_SOCK_RCVBUF, socket->object, "its limit");
	detect_reader(detection, finding, socket->object, READER_DATAGRAMS);
	return finding;
}

/* By how much the namespace's counters may be ahead of the sockets': they were not read in the same instant. */
static uint64_t pair_skew(const struct detection *detection, const struct loss_pair *pair, uint32_t netns,
			  const struct cell *socket)
{
	const struct cell *v4 = series_cell(detection->series, pair->v4, netns);
	const struct cell *v6 = series_cell(detection->series, pair->v6, netns);

	return (v4 ? ledger_skew(detection->series, v4, socket) : 0) +
	       (v6 ? ledger_skew(detection->series, v6, socket) : 0);
}

/* Datagrams lost for one reason of which sockets are the only owners we know. */
static void unowned_finding(struct detection *detection, uint32_t netns, const struct loss_pair *pair, enum cause cause)
{
	struct finding *finding;

	if (!pair_left(detection, pair, netns))
		return;
	finding = detect_add(detection, cause, netns, UNIT_DATAGRAMS, DIRECTION_INGRESS);
	pair_claim(detection, finding, pair, netns, UINT64_MAX);
	set_passed(detection, finding, netns);
	finding->confidence = CONFIDENCE_LIKELY;
	finding_next(finding, "ss -uanmp (the socket was not there, or not readable, when it was looked for)");
}

static void detect_buffers(struct detection *detection, uint32_t netns)
{
	struct cell_list sockets = { 0 };
	bool exact = pair_increase(detection, &buffer_full, netns) == pair_increase(detection, &other_errors, netns);
	struct finding *first = NULL, *finding;
	const struct cell **cell;

	sockets_with_drops(detection, netns, &sockets);
	vec_each(&sockets, cell) {
		if (!pair_left(detection, &buffer_full, netns))
			break;
		finding = buffer_finding(detection, netns, *cell, exact || sockets.count == 1);
		if (!first)
			first = finding;
	}
	if (first &&
	    pair_left(detection, &buffer_full, netns) <= pair_skew(detection, &buffer_full, netns, sockets.data[0]))
		pair_claim(detection, first, &buffer_full, netns, UINT64_MAX);
	vec_free(&sockets);
	unowned_finding(detection, netns, &buffer_full, CAUSE_UDP_RECEIVE_BUFFER_FULL);
}

/* InErrors that are neither a full buffer nor a checksum nor memory: the socket's own filter (or IPsec policy). */
static void detect_filtered(struct detection *detection, uint32_t netns)
{
	struct cell_list sockets = { 0 };
	struct finding *finding;

	if (!pair_left(detection, &other_errors, netns))
		return;
	sockets_with_drops(detection, netns, &sockets);
	if (sockets.count == 1) {
		finding = detect_add(detection, CAUSE_SOCKET_FILTER_DROP, sockets.data[0]->object, UNIT_DATAGRAMS,
				     DIRECTION_INGRESS);
		pair_claim(detection, finding, &other_errors, netns, UINT64_MAX);
		set_passed(detection, finding, netns);
		finding->confidence = CONFIDENCE_LIKELY;
		finding_evidence(finding, detection->series, C_SOCK_DROPS, sockets.data[0]->object, NULL);
	}
	vec_free(&sockets);
	unowned_finding(detection, netns, &other_errors, CAUSE_SOCKET_FILTER_DROP);
}

/*
 * Drops that the sockets count and the namespace does not: newer kernels refuse a datagram for want of memory
 * (udp_mem) without UdpMemErrors. net/ipv4/udp.c: __udp_enqueue_schedule_skb().
 */
static void detect_uncounted(struct detection *detection, uint32_t netns)
{
	const struct cell *memory = series_cell(detection->series, C_SOCKSTAT_UDP_MEM, OBJECT_HOST_ID);
	uint64_t limit = series_last(detection->series, C_SYSCTL_UDP_MEM_PRESSURE, OBJECT_HOST_ID);
	bool pressed = memory && limit && memory->high >= limit;
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_SOCK_DROPS, i, cell) {
		struct finding *finding;

		if (object_get(detection->objects, cell->object)->netns != netns ||
		    !ledger_left(detection->ledger, C_SOCK_DROPS, cell->object))
			continue;
		finding = detect_add(detection, pressed ? CAUSE_UDP_MEMORY_PRESSURE : CAUSE_UDP_RECEIVE_BUFFER_FULL,
				     cell->object, UNIT_DATAGRAMS, DIRECTION_INGRESS);
		detect_claim(detection, finding, C_SOCK_DROPS, cell->object, UINT64_MAX);
		set_passed(detection, finding, netns);
		finding->confidence = CONFIDENCE_LIKELY;
		finding_evidence(finding, detection->series, C_SOCKSTAT_UDP_MEM, OBJECT_HOST_ID, "pages in use");
		finding_evidence(finding, detection->series, C_SYSCTL_UDP_MEM_PRESSURE, OBJECT_HOST_ID, "the limit");
		finding_evidence(finding, detection->series, C_SOCK_RMEM, cell->object, NULL);
		finding_evidence(finding, detection->series, C_SOCK_RCVBUF, cell->object, NULL);
	}
}

void detect_sockets(struct detection *detection)
{
	uint32_t id;
	const struct object *object;

	each_object(detection->objects, id, object) {
		if (object->key.kind != OBJECT_NETNS)
			continue;
		detect_buffers(detection, id);
		detect_filtered(detection, id);
		detect_uncounted(detection, id);
	}
}
