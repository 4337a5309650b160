/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loss beyond this host, seen from its TCP senders: retransmissions that no
 * local drop explains. Probes for a lost tail and retransmissions that turned
 * out to be needless (DSACK) are taken off first: they prove no loss.
 */
#include "diagnose/detection.h"
#include "diagnose/judge.h"
#include "diagnose/timeline.h"

#include "base/alloc.h"
#include "base/parse.h"
#include "source/socket.h"

#include <string.h>

/* A socket that was asking for a connection when it was first seen, or had been: it came in the window. */
static bool may_have_asked(const struct detection *detection, uint32_t socket)
{
	const struct cell *state = series_cell(detection->series, C_SOCK_TCP_STATE, socket);

	return (state && state->first == SOCKET_SYN_SENT) || object_get(detection->objects, socket)->born;
}

/*
 * SYNs of its own that a namespace sent again, at least: a SYN-ACK that is sent again is no timeout of a connection
 * (net/ipv4/inet_connection_sock.c: reqsk_timer_handler), and what is no timeout of a SYN sends data again.
 */
static uint64_t timed_out_requests(const struct detection *detection, uint32_t netns)
{
	uint64_t timeouts = series_increase(detection->series, C_TCP_EXT_TCP_TIMEOUTS, netns);
	uint64_t resent = series_increase(detection->series, C_TCP_RETRANS_SEGS, netns);
	uint64_t handshakes = series_increase(detection->series, C_TCP_EXT_TCP_SYN_RETRANS, netns);
	uint64_t data = resent > handshakes ? resent - handshakes : 0;

	return timeouts > data ? timeouts - data : 0;
}

/*
 * At most so many SYNs of its own a namespace sent again. Each repeat has the connections looked at, so what is missed
 * is the last one of those that failed right after it, and those that the repeat brought to an end as quickly.
 */
static uint64_t repeated_requests(const struct detection *detection, uint32_t netns)
{
	uint64_t least = timed_out_requests(detection, netns);
	uint64_t sum = series_increase(detection->series, C_TCP_ATTEMPT_FAILS, netns);
	const struct cell *cell;
	size_t i;

	series_each(detection->series, C_SOCK_TCP_RETRANS, i, cell) {
		if (cell->increase && object_get(detection->objects, cell->object)->netns == netns &&
		    may_have_asked(detection, cell->object))
			sum += cell->increase;
	}
	return sum > least ? sum : least;
}

/*
 * SYN-ACKs sent again: whoever sent the SYN does not complete the handshake, perhaps because the address was forged. It
 * proves no loss. They are counted with the SYNs, which only a namespace that opens connections itself sends; what it
 * sent of those is told by its sockets, while half-open connections have none.
 */
static uint64_t unanswered_handshakes(const struct detection *detection, uint32_t netns)
{
	uint64_t all = series_increase(detection->series, C_TCP_EXT_TCP_SYN_RETRANS, netns), requests;

	if (!all || !series_increase(detection->series, C_TCP_ACTIVE_OPENS, netns))
		return all;
	if (!(series_last(detection->series, C_SOCK_DIAG, netns) & SOCKET_PART_TCP))
		return 0;
	requests = repeated_requests(detection, netns);
	return all > requests ? all - requests : 0;
}

/* Retransmissions that prove nothing about loss. A probe that was needless is in both: the peer says that it had it. */
static uint64_t needless(const struct detection *detection, uint32_t netns)
{
	uint64_t probes = series_increase(detection->series, C_TCP_EXT_TCP_LOSS_PROBES, netns);
	uint64_t duplicates = series_increase(detection->series, C_TCP_EXT_TCP_DSACK_RECV_SEGS, netns);

	return (probes > duplicates ? probes : duplicates) + unanswered_handshakes(detection, netns);
}

/* Whose retransmissions are to be explained, and by what. */
struct sender {
	uint32_t netns;
	bool handshakes; /* mostly repeated handshakes */
	bool elsewhere;	 /* nothing is known of its connections: losses of other namespaces may be its own */
	bool leaving;	 /* only by what was lost where no packet between two namespaces of this host passes */
};

static const struct object *link_of(const struct detection *detection, const struct finding *finding)
{
	return object_link(detection->objects, object_get(detection->objects, finding->object));
}

/* True for a device behind which the host ends. */
static bool is_edge(const struct object *link)
{
	static const char *const kinds[] = { "ether", "bond", "team", "vlan" };

	return link && text_is_one_of(object_text(link, LABEL_KIND), kinds, ARRAY_SIZE(kinds));
}

/* True for a device of the tool's own namespace that everybody's packets may pass: no loopback, no guest's or container's. */
static bool is_shared(const struct detection *detection, const struct object *link)
{
	static const char *const of_one[] = { "loopback", "dummy", "tun", "macvlan", "macvtap", "ipvlan", "ipvtap" };
	const struct object *netns = object_netns(detection->objects, link);

	return netns && netns->key.netns == objects_home(detection->objects) &&
	       !text_is_one_of(object_text(link, LABEL_KIND), of_one, ARRAY_SIZE(of_one));
}

/*
 * Whether what a device of another namespace lost may have come from this one: its own veth's other end, where it
 * arrives there, or a device that it shares with others.
 */
static bool passes_device(const struct detection *detection, const struct finding *finding, uint32_t netns, bool in)
{
	const struct object *link = link_of(detection, finding);

	if (!link)
		return false;
	if (strcmp(object_text(link, LABEL_KIND), "veth") == 0)
		return link->peer && object_get(detection->objects, link->peer)->netns == netns &&
		       finding->direction == DIRECTION_INGRESS;
	return is_shared(detection, link) && (finding->direction == DIRECTION_EGRESS || in);
}

/*
 * Whether a loss on this host makes a sender in that namespace send again: what was lost on the way out, and
 * acknowledgements lost on the way in where the kind of packet is not known to be another. For handshakes everything
 * that was lost on the way in may have been the answer.
 */
static bool makes_resend(const struct detection *detection, const struct finding *finding, const struct sender *sender)
{
	const struct object *object = object_get(detection->objects, finding->object);
	enum domain domain = cause_get(finding->cause)->domain;
	bool in = domain == DOMAIN_LINK || domain == DOMAIN_NIC || domain == DOMAIN_BACKLOG || sender->handshakes;

	if (cause_get(finding->cause)->class != CAUSE_LOSS || finding->unit == UNIT_DATAGRAMS)
		return false;
	if (object->netns && object->netns != sender->netns)
		return sender->elsewhere || passes_device(detection, finding, sender->netns, in);
	return finding->direction == DIRECTION_EGRESS || in;
}

/*
 * How many segments a loss on this host was, for a sender in that namespace: one buffer of its own may be many. What a
 * network card received is none of those.
 */
static uint64_t lost_segments(const struct detection *detection, const struct finding *finding, uint32_t netns)
{
	const struct object *link = link_of(detection, finding);
	bool arrived =
		finding->direction == DIRECTION_INGRESS && link && strcmp(object_text(link, LABEL_KIND), "ether") == 0;

	if (finding->unit != UNIT_SKBS || arrived)
		return finding->packets;
	return finding->packets * detect_buffer_segments(detection, finding->object, netns);
}

/* A third timeout in a row comes so long after the loss. */
#define RESEND_REACH_MS 3000

/* How many of the retransmissions of a namespace came soon enough after a loss on this host to be its consequence. */
static uint64_t caused_here(const struct detection *detection, const struct sender *sender, uint64_t retransmitted)
{
	const struct cell *cell = series_cell(detection->series, C_TCP_RETRANS_SEGS, sender->netns);
	struct timeline losses, resent;
	struct finding **finding;
	uint64_t untimed = 0, followed, reach_ms = RESEND_REACH_MS;

	if (!cell)
		return 0;
	timeline_init(&losses, detection->series, TIMELINE_STEP_MS);
	timeline_init(&resent, detection->series, TIMELINE_STEP_MS);
	timeline_add(&resent, cell, retransmitted, 0);
	vec_each(&detection->found->list, finding) {
		const struct cell *lost = finding_cell(detection->series, *finding);
		uint64_t segments, unread_ms;

		if (!makes_resend(detection, *finding, sender) ||
		    (sender->leaving && !is_edge(link_of(detection, *finding))))
			continue;
		segments = lost_segments(detection, *finding, sender->netns);
		if (!lost) {
			untimed += segments;
			continue;
		}
		unread_ms = cell_unread_ms(detection->series, lost);
		timeline_add(&losses, lost, segments, unread_ms);
		if (unread_ms + RESEND_REACH_MS > reach_ms)
			reach_ms = unread_ms + RESEND_REACH_MS;
	}
	followed = timeline_follow(&losses, &resent, reach_ms);
	timeline_free(&losses);
	timeline_free(&resent);
	return followed + untimed;
}

uint64_t detect_resent(const struct detection *detection, uint32_t netns, bool elsewhere)
{
	uint64_t resent = series_increase(detection->series, C_TCP_RETRANS_SEGS, netns);
	const struct sender sender = { .netns = netns, .elsewhere = elsewhere };
	uint64_t excused = needless(detection, netns) + caused_here(detection, &sender, resent);

	return resent > excused ? resent - excused : 0;
}

/* The connections of a namespace, to the target when one was asked for: which is worst, and their sums. */
struct connections {
	uint32_t worst;
	uint64_t most, retransmitted, needless, sent;
	uint64_t inside; /* retransmitted to a peer in a namespace of this host: not lost beyond it */
};

static bool to_target(const struct detection *detection, const struct object *socket)
{
	return !detection->options->target ||
	       address_is_among(object_text(socket, LABEL_REMOTE), detection->options->target);
}

static void connections_sum(const struct detection *detection, uint32_t netns, struct connections *ret)
{
	const struct cell *cell;
	size_t i;

	*ret = (struct connections){ 0 };
	series_each(detection->series, C_SOCK_TCP_RETRANS, i, cell) {
		const struct object *socket = object_get(detection->objects, cell->object);

		if (socket->netns != netns || !to_target(detection, socket))
			continue;
		ret->retransmitted += cell->increase;
		ret->needless += series_increase(detection->series, C_SOCK_TCP_DSACK_DUPS, cell->object);
		ret->sent += series_increase(detection->series, C_SOCK_TCP_SEGS_OUT, cell->object);
		if (cell->increase && detect_peer(detection, socket)) {
			ret->inside += cell->increase;
			continue;
		}
		if (cell->increase > ret->most) {
			ret->most = cell->increase;
			ret->worst = cell->object;
		}
	}
}

static enum cause path_cause(const struct detection *detection, uint32_t netns, uint64_t lost)
{
	uint64_t syns = series_increase(detection->series, C_TCP_EXT_TCP_SYN_RETRANS, netns) -
			unanswered_handshakes(detection, netns);

	return syns >= lost - lost / 5 ? CAUSE_PEER_NOT_ANSWERING : CAUSE_REMOTE_LOSS;
}

/*
 * Retransmissions that losses on this host explain. Those to peers on this host are explained whatever lost them, but
 * what was lost between here and there explains no others as well; what was lost on the way out of the host does.
 */
static uint64_t lost_here(const struct detection *detection, const struct connections *all, struct sender sender,
			  uint64_t retransmitted)
{
	uint64_t here = caused_here(detection, &sender, retransmitted), leaving;

	if (!all->inside)
		return here;
	sender.leaving = true;
	leaving = all->inside + caused_here(detection, &sender, retransmitted);
	return leaving > here ? leaving : here;
}

static void judge(struct detection *detection, uint32_t netns)
{
	bool targeted = detection->options->target;
	struct sender sender = { .netns = netns };
	struct connections all;
	uint64_t retransmitted, excused, lost;
	struct finding *finding;

	connections_sum(detection, netns, &all);
	retransmitted = targeted ? all.retransmitted : series_increase(detection->series, C_TCP_RETRANS_SEGS, netns);
	sender.handshakes = path_cause(detection, netns, retransmitted) == CAUSE_PEER_NOT_ANSWERING;
	sender.elsewhere = !all.worst;
	excused = (targeted ? all.needless : needless(detection, netns)) +
		  lost_here(detection, &all, sender, retransmitted);
	lost = retransmitted > excused ? retransmitted - excused : 0;
	if (!lost)
		return;
	finding = detect_add(detection, path_cause(detection, netns, lost), all.worst ? all.worst : netns,
			     UNIT_SEGMENTS, DIRECTION_EGRESS);
	finding->packets = lost;
	if (targeted)
		finding->passed = all.sent;
	else
		detect_pass(detection, finding, C_TCP_OUT_SEGS, netns);
	finding->confidence = CONFIDENCE_LIKELY;
	finding_evidence(finding, detection->series, C_TCP_RETRANS_SEGS, netns, "sent again");
	finding_evidence(finding, detection->series, C_TCP_OUT_SEGS, netns, "sent");
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_LOSS_PROBES, netns, "probes, taken off");
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_DSACK_RECV_SEGS, netns, "needless, taken off");
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_TIMEOUTS, netns, NULL);
	finding_evidence(finding, detection->series, C_TCP_EXT_TCP_SYN_RETRANS, netns, NULL);
	if (all.worst)
		finding_evidence(finding, detection->series, C_SOCK_TCP_RETRANS, all.worst, NULL);
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
