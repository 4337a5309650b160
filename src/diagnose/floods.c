/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floods: traffic that nobody here asked for, as the reason of a loss. It must have come at once (rise_find()), or at
 * a rate that no use explains, and show by the host's own counters that it was not wanted: it went to closed ports, got
 * no answer, was never completed, belongs to no connection, or is not like the traffic before it. A rush of known
 * peers grows, is answered, or keeps its mix of packet sizes: it is never called a flood. Addresses are in no counter:
 * who sent it is what the next step shows.
 */
#include "diagnose/detection.h"
#include "diagnose/rise.h"

#include "base/alloc.h"

#define LEVEL_KNOWN 50 /* per second before the rise: a level to compare with, not the start of a service */
#define UDP_RATE 5000
#define UDP_CLOSED_RATE 50000 /* per second, for ports on which nobody listens: no sender goes on like that */
#define AMPLIFIED_BYTES 800   /* mean size of amplified answers; the requests they answer are small */
#define ICMP_RATE 1000
#define FRAGMENT_RATE 5000
#define SYN_RATE 1000
#define FLOW_RATE 2000
#define PACKET_RATE 10000
#define LINK_RATE 20000
#define SMALL_BYTES 100	    /* mean size, headers included */
#define ANSWERED_SHARE 0.25 /* of what came: wanted */
#define MIX_FACTOR 2	    /* between the mean sizes before and during: other traffic than before */
#define LOSS_SHARE 0.8	    /* of the loss must fall into the flood */
#define LOSS_LATE_MS 1100   /* rules and sockets are read once a second */

struct family {
	counter_id received, bytes, delivered, forwarded, sent;
	counter_id fragments, reassembled;
	counter_id echoes;
	counter_id datagrams, closed, errors, answers;
};

static const struct family families[] = {
	{ C_IP_IN_RECEIVES, C_IP_EXT_IN_OCTETS, C_IP_IN_DELIVERS, C_IP_FORW_DATAGRAMS, C_IP_OUT_REQUESTS,
	  C_IP_REASM_REQDS, C_IP_REASM_OKS, C_ICMP_IN_ECHOS, C_UDP_IN_DATAGRAMS, C_UDP_NO_PORTS, C_UDP_IN_ERRORS,
	  C_UDP_OUT_DATAGRAMS },
	{ C_IP6_IN_RECEIVES, C_IP6_IN_OCTETS, C_IP6_IN_DELIVERS, C_IP6_OUT_FORW_DATAGRAMS, C_IP6_OUT_REQUESTS,
	  C_IP6_REASM_REQDS, C_IP6_REASM_OKS, C_ICMP6_IN_ECHOS, C_UDP6_IN_DATAGRAMS, C_UDP6_NO_PORTS, C_UDP6_IN_ERRORS,
	  C_UDP6_OUT_DATAGRAMS },
};

static const struct hit {
	enum cause loss, flood; /* CAUSE_NONE: any */
} hits[] = {
#define FLOOD_ANY(loss) { CAUSE_##loss, CAUSE_NONE },
#define FLOOD_HITS(loss, flood) { CAUSE_##loss, CAUSE_##flood },
#include "diagnose/floods.def"
#undef FLOOD_ANY
#undef FLOOD_HITS
};

/* Traffic that may be a flood: where it came to, how it rose and what proves what it is. */
struct arrival {
	struct detection *detection;
	uint32_t object; /* namespace or device */
	enum cause cause;
	struct rise rise;
	struct {
		counter_id counter;
		const char *note;
	} proof[5];
};

static double extra(const struct arrival *arrival, counter_id counter)
{
	return rise_extra(arrival->detection->series, &arrival->rise, counter, arrival->object);
}

static double level(const struct arrival *arrival, counter_id counter)
{
	return rise_level(arrival->detection->series, &arrival->rise, counter, arrival->object);
}

/* True when these counters together rose at once to `rate` per second or more. */
static bool arrives(struct arrival *arrival, const counter_id *counters, size_t count, double rate)
{
	return rise_find(arrival->detection->series, counters, count, arrival->object, &arrival->rise) &&
	       arrival->rise.during >= rate;
}

/* The same for what was high from the start. */
static bool arrives_throughout(struct arrival *arrival, const counter_id *counters, size_t count, double rate)
{
	rise_whole(arrival->detection->series, counters, count, arrival->object, &arrival->rise);
	return arrival->rise.during >= rate;
}

/* The mean size of what came on top, and of what came before; 0 when nothing did. */
static double extra_size(const struct arrival *arrival, counter_id bytes, counter_id packets)
{
	double count = extra(arrival, packets);

	return count > 0 ? extra(arrival, bytes) / count : 0;
}

static bool other_mix(const struct arrival *arrival, counter_id bytes, counter_id packets)
{
	double count = level(arrival, packets), before = count > 0 ? level(arrival, bytes) / count : 0;
	double during = extra_size(arrival, bytes, packets);

	return before > 0 && during > 0 && (during > before * MIX_FACTOR || during * MIX_FACTOR < before);
}

/* --- the kinds ------------------------------------------------------------------------------------------------- */

/* Fragments of which hardly any datagram becomes whole. */
static bool is_fragment_flood(struct arrival *arrival, const struct family *family)
{
	const counter_id counters[] = { family->fragments };

	if (!arrives(arrival, counters, ARRAY_SIZE(counters), FRAGMENT_RATE) &&
	    !arrives_throughout(arrival, counters, ARRAY_SIZE(counters), FRAGMENT_RATE * 4))
		return false;
	if (extra(arrival, family->reassembled) * 20 > extra(arrival, family->fragments))
		return false;
	arrival->cause = CAUSE_FRAGMENT_FLOOD;
	arrival->proof[0].counter = family->fragments;
	arrival->proof[0].note = "fragments that came";
	arrival->proof[1].counter = family->reassembled;
	arrival->proof[1].note = "datagrams that became whole";
	return true;
}

static bool is_icmp_flood(struct arrival *arrival, const struct family *family)
{
	const counter_id counters[] = { family->echoes };

	if (!arrives(arrival, counters, ARRAY_SIZE(counters), ICMP_RATE) &&
	    !arrives_throughout(arrival, counters, ARRAY_SIZE(counters), ICMP_RATE * 5))
		return false;
	arrival->cause = CAUSE_ICMP_FLOOD;
	arrival->proof[0].counter = family->echoes;
	arrival->proof[0].note = "echo requests that came";
	arrival->proof[1].counter = family->received;
	return true;
}

/* To ports on which nobody listens, while the services that are there go on. */
static bool to_closed_ports(const struct arrival *arrival, const struct family *family, double all)
{
	double seconds = (arrival->rise.until_ms - arrival->rise.from_ms) / 1000.0;
	uint64_t served = increase_between(arrival->detection->series, family->datagrams, arrival->object,
					   arrival->rise.from_ms, arrival->rise.until_ms);

	return extra(arrival, family->closed) * 2 >= all &&
	       (double)served * 2 >= level(arrival, family->datagrams) * seconds;
}

static bool is_udp_flood(struct arrival *arrival, const struct family *family)
{
	const counter_id counters[] = { family->datagrams, family->closed, family->errors };
	bool risen = arrives(arrival, counters, ARRAY_SIZE(counters), UDP_RATE) && arrival->rise.before >= LEVEL_KNOWN;
	bool closed, amplified;
	double all;

	if (!risen && !arrives_throughout(arrival, counters, ARRAY_SIZE(counters), UDP_CLOSED_RATE))
		return false;
	all = extra(arrival, family->datagrams) + extra(arrival, family->closed) + extra(arrival, family->errors);
	closed = to_closed_ports(arrival, family, all);
	if (extra(arrival, family->answers) > all * ANSWERED_SHARE ||
	    (!closed && (!risen || !other_mix(arrival, family->bytes, family->received))))
		return false;
	amplified = closed && (extra_size(arrival, family->bytes, family->received) >= AMPLIFIED_BYTES ||
			       extra(arrival, family->fragments) * 4 >= extra(arrival, family->received));
	arrival->cause = amplified ? CAUSE_UDP_AMPLIFICATION : CAUSE_UDP_FLOOD;
	arrival->proof[0].counter = family->closed;
	arrival->proof[0].note = "for ports on which nobody listens";
	arrival->proof[1].counter = family->datagrams;
	arrival->proof[1].note = "read by programs";
	arrival->proof[2].counter = family->answers;
	arrival->proof[2].note = "sent by this host";
	arrival->proof[3].counter = family->received;
	arrival->proof[4].counter = family->bytes;
	return true;
}

/* Packets that reached nobody: not delivered, not forwarded, or answered with a reset. */
static bool is_packet_flood(struct arrival *arrival, const struct family *family)
{
	const counter_id counters[] = { family->received };
	double all, wanted;

	if (!arrives(arrival, counters, ARRAY_SIZE(counters), PACKET_RATE) || arrival->rise.before < LEVEL_KNOWN)
		return false;
	all = extra(arrival, family->received);
	wanted = extra(arrival, family->delivered) + extra(arrival, family->forwarded) - extra(arrival, C_TCP_OUT_RSTS);
	if (wanted > all / 2 || extra(arrival, family->fragments) > all / 2)
		return false;
	arrival->cause = extra_size(arrival, family->bytes, family->received) <= SMALL_BYTES ? CAUSE_SMALL_PACKET_FLOOD
											     : CAUSE_PACKET_FLOOD;
	arrival->proof[0].counter = family->received;
	arrival->proof[0].note = "packets that came";
	arrival->proof[1].counter = family->bytes;
	arrival->proof[1].note = "their bytes";
	arrival->proof[2].counter = family->delivered;
	arrival->proof[2].note = "delivered to somebody here";
	arrival->proof[3].counter = C_TCP_OUT_RSTS;
	arrival->proof[3].note = "refused with a reset";
	return true;
}

/*
 * Handshakes that nobody completes. Where tcp_max_syn_backlog is small (it follows the machine's memory) and cookies are off, the
 * last quarter of the queue is for known peers, and others are refused before it is full: among ListenDrops alone.
 */
static bool is_syn_flood(struct arrival *arrival)
{
	static const counter_id full[] = { C_TCP_EXT_TCP_REQ_Q_FULL_DO_COOKIES, C_TCP_EXT_TCP_REQ_Q_FULL_DROP };
	static const counter_id refused[] = { C_TCP_EXT_LISTEN_DROPS };
	double all;

	if (!arrives(arrival, full, ARRAY_SIZE(full), SYN_RATE) &&
	    !arrives_throughout(arrival, full, ARRAY_SIZE(full), SYN_RATE) &&
	    !arrives(arrival, refused, ARRAY_SIZE(refused), SYN_RATE) &&
	    !arrives_throughout(arrival, refused, ARRAY_SIZE(refused), SYN_RATE))
		return false;
	all = extra(arrival, full[0]) + extra(arrival, refused[0]) - extra(arrival, C_TCP_EXT_LISTEN_OVERFLOWS);
	if (all <= 0 || extra(arrival, C_TCP_PASSIVE_OPENS) * 10 > all)
		return false;
	arrival->cause = CAUSE_SYN_FLOOD;
	arrival->proof[0].counter = full[0];
	arrival->proof[0].note = "requests answered with a cookie";
	arrival->proof[1].counter = refused[0];
	arrival->proof[1].note = "requests dropped";
	arrival->proof[2].counter = C_TCP_PASSIVE_OPENS;
	arrival->proof[2].note = "handshakes that were completed";
	return true;
}

/* What a total of the arrival's object had more while it lasted. */
static double meanwhile(const struct arrival *arrival, counter_id counter)
{
	const struct rise *rise = &arrival->rise;

	return (double)increase_between(arrival->detection->series, counter, arrival->object, rise->from_ms,
					rise->until_ms);
}

/* Sets the rate: many flows, hardly more packets than flows, and hardly an answer, while it lasted. */
static bool are_new_flows(struct arrival *arrival, double flows)
{
	double seconds = (arrival->rise.until_ms - arrival->rise.from_ms) / 1000.0, received = 0, sent = 0;

	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		received += meanwhile(arrival, families[f].received);
		sent += meanwhile(arrival, families[f].sent);
	}
	arrival->rise.during = flows / seconds;
	return flows >= FLOW_RATE * seconds && received <= flows * 1.5 && sent <= flows * ANSWERED_SHARE;
}

/*
 * New flows of one packet each that got no answer: those for which no room was left, from the moment when they came at
 * once; or all that came, with the entries that were made. Their number is a level: how it rose over the window counts.
 */
static bool is_new_flow_flood(struct arrival *arrival)
{
	static const counter_id refused[] = { C_CONNTRACK_DROP, C_CONNTRACK_EARLY_DROP };
	const struct series *series = arrival->detection->series;
	const struct cell *entries = series_cell(series, C_CONNTRACK_COUNT, arrival->object);
	double made = entries && entries->last > entries->first ? (double)(entries->last - entries->first) : 0;

	if (!rise_find(series, refused, ARRAY_SIZE(refused), arrival->object, &arrival->rise) ||
	    !are_new_flows(arrival, meanwhile(arrival, refused[0]) + meanwhile(arrival, refused[1]))) {
		rise_whole(series, NULL, 0, arrival->object, &arrival->rise);
		if (!are_new_flows(arrival, made + meanwhile(arrival, refused[0]) + meanwhile(arrival, refused[1])))
			return false;
	}
	arrival->cause = CAUSE_NEW_FLOW_FLOOD;
	arrival->proof[0].counter = C_CONNTRACK_COUNT;
	arrival->proof[0].note = "flows that are known";
	arrival->proof[1].counter = C_CONNTRACK_DROP;
	arrival->proof[1].note = "new flows without room";
	arrival->proof[2].counter = C_IP_IN_RECEIVES;
	arrival->proof[2].note = "hardly more packets than flows";
	arrival->proof[3].counter = C_IP_OUT_REQUESTS;
	arrival->proof[3].note = "sent by this host";
	return true;
}

/* Small packets on a device, whatever becomes of them, that are not answered over it. */
static bool is_small_on_link(struct arrival *arrival)
{
	static const counter_id counters[] = { C_LINK_RX_PACKETS };

	if (!arrives(arrival, counters, ARRAY_SIZE(counters), LINK_RATE) || arrival->rise.before < LEVEL_KNOWN ||
	    extra_size(arrival, C_LINK_RX_BYTES, C_LINK_RX_PACKETS) > SMALL_BYTES ||
	    !other_mix(arrival, C_LINK_RX_BYTES, C_LINK_RX_PACKETS) ||
	    extra(arrival, C_LINK_TX_PACKETS) > extra(arrival, C_LINK_RX_PACKETS) * ANSWERED_SHARE)
		return false;
	arrival->cause = CAUSE_SMALL_PACKET_FLOOD;
	arrival->proof[0].counter = C_LINK_RX_PACKETS;
	arrival->proof[0].note = "packets that came";
	arrival->proof[1].counter = C_LINK_RX_BYTES;
	arrival->proof[1].note = "their bytes";
	arrival->proof[2].counter = C_LINK_TX_PACKETS;
	arrival->proof[2].note = "sent over the same device";
	return true;
}

/* --- what they did --------------------------------------------------------------------------------------------- */

static bool can_hit(enum cause loss, enum cause flood)
{
	for (size_t i = 0; i < ARRAY_SIZE(hits); i++) {
		if (hits[i].loss == loss && (hits[i].flood == CAUSE_NONE || hits[i].flood == flood))
			return true;
	}
	return false;
}

/* Losses of a CPU are the machine's; those of anything else belong to its namespace, or to its own device. */
static bool same_place(const struct detection *detection, const struct finding *finding, uint32_t where)
{
	const struct object *place = object_get(detection->objects, where);
	const struct object *object = object_get(detection->objects, finding->object);
	const struct object *netns = object_netns(detection->objects, object);
	const struct object *link = object_link(detection->objects, object);

	if (!netns)
		return true;
	if (place->key.kind == OBJECT_LINK)
		return link ? link == place : netns == object_netns(detection->objects, place);
	return netns == place;
}

/* Whether most of a finding's packets were lost while the flood lasted, by the first counter of its evidence. */
static bool lost_meanwhile(const struct series *series, const struct finding *finding, const struct rise *rise)
{
	const struct evidence *evidence;

	vec_each(&finding->evidence, evidence) {
		const struct cell *cell = series_cell(series, evidence->counter, evidence->object);

		if (counter_get(evidence->counter)->kind != KIND_DROP || !cell || !cell->points.count)
			continue;
		return (double)increase_between(series, evidence->counter, evidence->object, rise->from_ms,
						rise->until_ms + LOSS_LATE_MS) >= LOSS_SHARE * (double)cell->increase;
	}
	return false;
}

static bool has_reason(const struct finding *finding, enum cause cause)
{
	const struct because *because;

	vec_each(&finding->because, because) {
		if (because->cause == cause)
			return true;
	}
	return false;
}

static void accuse(const struct arrival *arrival)
{
	const struct series *series = arrival->detection->series;
	struct finding **slot;

	vec_each(&arrival->detection->found->list, slot) {
		struct finding *finding = *slot;
		struct because *because;

		if (finding->why_innocent || !can_hit(finding->cause, arrival->cause) ||
		    !same_place(arrival->detection, finding, arrival->object) || has_reason(finding, arrival->cause) ||
		    !lost_meanwhile(series, finding, &arrival->rise))
			continue;
		because = finding_because(finding, arrival->cause, arrival->object);
		for (size_t i = 0; i < ARRAY_SIZE(arrival->proof) && arrival->proof[i].counter; i++)
			because_evidence(because, series, arrival->proof[i].counter, arrival->object,
					 arrival->proof[i].note);
		if (!finding->detail && arrival->rise.from_ms)
			finding->detail =
				text_format("arrivals rose at once from %.0f to %.0f per second, %.1f s into "
					    "the window",
					    arrival->rise.before, arrival->rise.during, arrival->rise.from_ms / 1000.0);
	}
}

/* What came to one namespace by one family: the most telling name only. */
static bool family_flood(struct detection *detection, uint32_t netns, const struct family *family)
{
	static bool (*const kinds[])(struct arrival *, const struct family *) = { is_fragment_flood, is_icmp_flood,
										  is_udp_flood, is_packet_flood };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct arrival arrival = { .detection = detection, .object = netns };

		if (!kinds[i](&arrival, family))
			continue;
		accuse(&arrival);
		return true;
	}
	return false;
}

static bool namespace_flood(struct detection *detection, uint32_t netns)
{
	struct arrival flows = { .detection = detection, .object = netns };
	struct arrival syns = { .detection = detection, .object = netns };
	bool found = false;

	if (is_new_flow_flood(&flows))
		accuse(&flows);
	if (is_syn_flood(&syns)) {
		accuse(&syns);
		return true;
	}
	for (size_t f = 0; f < ARRAY_SIZE(families); f++)
		found |= family_flood(detection, netns, &families[f]);
	return found;
}

static void link_flood(struct detection *detection, uint32_t link)
{
	struct arrival arrival = { .detection = detection, .object = link };

	if (is_small_on_link(&arrival))
		accuse(&arrival);
}

/* Only where something was lost: a flood that hurts nobody is not this tool's business. */
void detect_floods(struct detection *detection)
{
	size_t count = objects_count(detection->objects);
	CLEANUP_FREE bool *flooded = mem_new(count, sizeof(*flooded));
	uint32_t id;
	const struct object *object;

	if (!detection->found->list.count)
		return;
	each_object(detection->objects, id, object) {
		if (object->key.kind == OBJECT_NETNS)
			flooded[id] = namespace_flood(detection, id);
	}
	each_object(detection->objects, id, object) {
		if (object->key.kind == OBJECT_LINK && !flooded[object->netns])
			link_flood(detection, id);
	}
}
