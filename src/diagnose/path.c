/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loss beyond this host, seen from its TCP senders: retransmissions that no
 * local drop explains. Probes for a lost tail and retransmissions that turned
 * out to be needless (DSACK) are taken off first: they prove no loss.
 */
#include "diagnose/detection.h"

/*
 * SYN-ACKs sent again: whoever sent the SYN does not complete the handshake, perhaps because the address was forged. It
 * proves no loss. They are counted with the SYNs, which only a namespace that opens connections itself sends.
 */
static uint64_t unanswered_handshakes(const struct detection *detection, uint32_t netns)
{
	if (series_increase(detection->series, C_TCP_ACTIVE_OPENS, netns))
		return 0;
	return series_increase(detection->series, C_TCP_EXT_TCP_SYN_RETRANS, netns);
}

/* Retransmissions that prove nothing about loss. */
static uint64_t needless(const struct detection *detection, uint32_t netns)
{
	static const counter_id counters[] = { C_TCP_EXT_TCP_LOSS_PROBES, C_TCP_EXT_TCP_DSACK_RECV_SEGS };
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		sum += series_increase(detection->series, counters[i], netns);
	return sum + unanswered_handshakes(detection, netns);
}

/*
 * Packets that were lost on this host in ways that make a sender here send again: what was lost on the way out, and
 * acknowledgements lost on the way in where the kind of packet is not known to be another. For handshakes everything
 * that was lost on the way in may have been the answer.
 */
static uint64_t local_losses(const struct detection *detection, uint32_t netns, bool handshakes)
{
	struct finding **finding;
	uint64_t sum = 0;

	vec_each(&detection->found->list, finding) {
		const struct object *object = object_get(detection->objects, (*finding)->object);
		enum domain domain = cause_get((*finding)->cause)->domain;
		bool here = !object->netns || object->netns == netns;
		bool in = domain == DOMAIN_LINK || domain == DOMAIN_NIC || domain == DOMAIN_BACKLOG || handshakes;

		if (cause_get((*finding)->cause)->class != CAUSE_LOSS || !here || (*finding)->unit == UNIT_DATAGRAMS)
			continue;
		if ((*finding)->direction == DIRECTION_EGRESS || in)
			sum += (*finding)->packets;
	}
	return sum;
}

/* The connection that sent most segments again, or OBJECT_HOST_ID; the sum over all connections of the namespace. */
static uint32_t worst_connection(const struct detection *detection, uint32_t netns, uint64_t *ret_sum)
{
	const struct cell *cell;
	uint64_t most = 0;
	uint32_t found = OBJECT_HOST_ID;
	size_t i;

	*ret_sum = 0;
	series_each(detection->series, C_SOCK_TCP_RETRANS, i, cell) {
		if (object_get(detection->objects, cell->object)->netns != netns)
			continue;
		*ret_sum += cell->increase;
		if (cell->increase > most) {
			most = cell->increase;
			found = cell->object;
		}
	}
	return found;
}

static enum cause path_cause(const struct detection *detection, uint32_t netns, uint64_t lost)
{
	uint64_t syns = series_increase(detection->series, C_TCP_EXT_TCP_SYN_RETRANS, netns);

	return syns >= lost - lost / 5 ? CAUSE_PEER_NOT_ANSWERING : CAUSE_REMOTE_LOSS;
}

static void judge(struct detection *detection, uint32_t netns)
{
	uint64_t retransmitted = series_increase(detection->series, C_TCP_RETRANS_SEGS, netns);
	bool handshakes = path_cause(detection, netns, retransmitted) == CAUSE_PEER_NOT_ANSWERING;
	uint64_t excused = needless(detection, netns) + local_losses(detection, netns, handshakes);
	uint64_t sum, lost = retransmitted > excused ? retransmitted - excused : 0;
	uint32_t connection = worst_connection(detection, netns, &sum);
	struct finding *finding;

	if (!lost)
		return;
	finding = detect_add(detection, path_cause(detection, netns, lost), connection ? connection : netns,
			     UNIT_SEGMENTS, DIRECTION_EGRESS);
	finding->packets = lost;
	detect_pass(detection, finding, C_TCP_OUT_SEGS, netns);
	finding->confidence = CONFIDENCE_LIKELY;
	finding_evidence(finding, detection->series, C_TCP_RETRANS_SEGS, netns, "sent again");
	finding_evidence(finding, detection->series, C_TCP_OUT_SEGS, netns, "sent");
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_LOSS_PROBES, netns, "probes, taken off");
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_DSACK_RECV_SEGS, netns, "needless, taken off");
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_TIMEOUTS, netns, NULL);
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_SYN_RETRANS, netns, NULL);
	if (connection)
		finding_evidence(finding, detection->series, C_SOCK_TCP_RETRANS, connection, NULL);
}

void detect_path(struct detection *detection)
{
	uint32_t id;
	const struct object *object;

	each_object(detection->objects, id, object) {
		if (object->key.kind == OBJECT_NETNS)
			judge(detection, id);
	}
}
