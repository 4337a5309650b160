/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What detectors work with. A detector looks at the series, claims packets in
 * the ledger and adds findings. Detectors run in the order of the table in
 * detection.c: those that know more come first, and what one has claimed the
 * next no longer sees.
 */
#pragma once

#include "diagnose/diagnose.h"

struct socket_at {
	uint64_t address; /* a hash of it */
	uint64_t port;	  /* likewise */
	uint32_t id;
};

/* Sockets by their local address (peers.c), filled when the first is looked for. */
struct peers {
	bool filled;
	VEC(struct socket_at) sockets;
};

void peers_free(struct peers *peers);

struct detection {
	const struct series *series;
	struct objects *objects;
	struct ledger *ledger;
	struct findings *found;
	const struct diagnose_options *options;
	struct event_sum *events;
	struct peers *peers;
};

typedef void (*detector)(struct detection *detection);

/* In the order in which they run; NULL past the last. */
detector detector_at(size_t index);

void detect_sockets(struct detection *detection);
void detect_tcp(struct detection *detection);
void detect_firewall(struct detection *detection);
void detect_firewall_because(struct detection *detection);
void detect_conntrack(struct detection *detection);
void detect_routing(struct detection *detection);
void detect_neighbours(struct detection *detection);
void detect_queues(struct detection *detection);
void detect_backlog(struct detection *detection);
void detect_devices(struct detection *detection);
void detect_drivers(struct detection *detection);
void detect_device_queues(struct detection *detection);
void detect_carrier(struct detection *detection);
void detect_device_links(struct detection *detection);
void detect_device_because(struct detection *detection);
void detect_overlay(struct detection *detection);
void detect_bridges(struct detection *detection);
void detect_captures(struct detection *detection);
void detect_rules(struct detection *detection);
void detect_silent(struct detection *detection);
void detect_path(struct detection *detection);
void detect_pings(struct detection *detection);
void detect_probes(struct detection *detection);
void detect_log_alone(struct detection *detection);
void detect_events(struct detection *detection);
void detect_innocent(struct detection *detection);
void detect_upstream(struct detection *detection);
void detect_pressure(struct detection *detection);
void detect_messages(struct detection *detection);
void detect_protocols(struct detection *detection);
void detect_memory(struct detection *detection);
void detect_kernel_log(struct detection *detection);
void detect_floods(struct detection *detection);
void detect_bursts(struct detection *detection);

void detect_filters(struct detection *detection);
void detect_members(struct detection *detection);
void detect_switching(struct detection *detection);
void detect_conflicts(struct detection *detection);
void detect_rearranged(struct detection *detection);
void detect_storms(struct detection *detection);
void detect_cabling(struct detection *detection);

/* Drops that the kernel told of with that reason, at a device or in a namespace (object id). */
uint64_t detect_told(const struct detection *detection, const char *reason, uint32_t where);

/*
 * Segments that a namespace sent again, less what was needless and what the losses found so far explain: those on their way
 * through this host, and with `elsewhere` those of any other namespace as well.
 */
uint64_t detect_resent(const struct detection *detection, uint32_t netns, bool elsewhere);

/*
 * The other end of a connection, when it is a socket of this host, in whatever namespace. It may have been there too shortly to
 * be seen: then another socket of another namespace that has its address. NULL when there is neither.
 */
const struct object *detect_peer(const struct detection *detection, const struct object *socket);

/*
 * How many segments a buffer holds on average that was dropped at that object, of those that the TCP of a namespace
 * sends (of all for OBJECT_HOST_ID). 1 where nothing larger than a segment comes by, or nothing is known.
 */
uint64_t detect_buffer_segments(const struct detection *detection, uint32_t object, uint32_t netns);

/* Whether that source was read there at all. A live host's nearly always are; a ticket has what somebody pasted. */
bool detect_observed(const struct detection *detection, enum source_id source, uint32_t object);

/* A new finding with its unit and direction; never NULL (past the maximum one that is thrown away). */
struct finding *detect_add(struct detection *detection, enum cause cause, uint32_t object, enum unit unit,
			   enum direction direction);

/* The finding of that cause on that device, made when there is none yet; its `passed` is the device's traffic. */
struct finding *detect_device(struct detection *detection, enum cause cause, uint32_t link, enum direction direction);

/*
 * Claims what is left of a counter (at most `most`) for a finding: adds to its packets and puts the
 * counter into its evidence. Returns how many; none for a loss that had no more room.
 */
uint64_t detect_claim(struct detection *detection, struct finding *finding, counter_id counter, uint32_t object,
		      uint64_t most);

/* Everything that is left of `counter` in every object, as one finding each: the simple detectors. */
void detect_each(struct detection *detection, counter_id counter, enum cause cause, enum direction direction);

/* Adds a counter's increase to what passed; a counter that was never read leaves it unknown. */
void detect_pass(const struct detection *detection, struct finding *finding, counter_id counter, uint32_t object);

/* Sets what passed: `all` of the same unit less the finding's own packets (never below 0). */
void detect_passed(struct finding *finding, uint64_t all);

/* The confidence of a count: proven when `named` packets are at least 95 % of `packets`, else likely. */
enum confidence detect_confidence(uint64_t named, uint64_t packets);

/* Appends the process behind a socket and why it does not read, as links of the because chain. */
enum reader_kind {
	READER_DATAGRAMS,
	READER_CONNECTIONS,
	READER_STREAM,
	READER_CAPTURE,
	READER_MESSAGES, /* netlink */
	READER_COPIES,	 /* raw and ping sockets */
};
void detect_reader(struct detection *detection, struct finding *finding, uint32_t socket, enum reader_kind kind);

/*
 * Why the CPU that receives was too busy, as links of the because chain: time taken by the hypervisor, all
 * hand-overs or interrupts on it while another CPU was idle, or saturation. False when nothing of that was seen.
 */
bool detect_cpu_because(struct detection *detection, struct finding *finding, uint32_t cpu);

/* What of detect_device_because() is about the CPUs that serve a device. */
void detect_device_cpus(struct detection *detection);

/*
 * Whether the kernel told of drops that this rule or policy may have made: by netfilter, in one of its hooks, in its
 * namespace; or of drops of that cause in the namespace. True as well where drop events were not observed.
 */
bool detect_told_of_rule(const struct detection *detection, const struct object *rule);
bool detect_told_of_cause(const struct detection *detection, uint32_t netns, enum cause cause);

/*
 * Of how many drops of that cause the kernel told in the namespace. A kernel that names the cause of one drop names it of
 * all: those that may be of another cause as well are left out then. UINT64_MAX where drop events were not observed.
 */
uint64_t detect_told_packets(const struct detection *detection, uint32_t netns, enum cause cause);

/*
 * How many packets each of these rules and policies dropped, by the flows that netfilter dropped in the namespace. False
 * where that leaves a doubt.
 */
bool detect_rules_of_flows(const struct detection *detection, uint32_t netns, const uint32_t *rules, size_t count,
			   uint64_t *ret_packets);

/* True for a rule, chain or named counter of nftables' family bridge. */
bool detect_is_bridge_rule(const struct object *rule);
/* Frames that such rules and policies of the namespace counted as dropped. */
uint64_t detect_bridge_filtered(const struct detection *detection, uint32_t netns);
/* The first of them that drops without counting, or OBJECT_HOST_ID. */
uint32_t detect_bridge_suspect(const struct detection *detection, uint32_t netns);

/*
 * Whose lines of the kernel log tell of a device: its own, where lines that name it are counted apart (devices with a
 * driver in the tool's own namespace), else the host's.
 */
uint32_t detect_log_of(const struct detection *detection, counter_id counter, uint32_t link);

/* The CPU that took most interrupts of network devices, or OBJECT_HOST_ID. */
uint32_t detect_busiest_cpu(const struct detection *detection);

/* Gauges over time. The mean and the share of the time at or above a value, from first to last reading. */
double gauge_mean(const struct series *series, const struct cell *cell);
double gauge_share(const struct series *series, const struct cell *cell, uint64_t at_least);
/* The value at a moment (ms since the window's start); the first value before the first reading. */
uint64_t gauge_at(const struct series *series, const struct cell *cell, uint32_t time_ms);
/*
 * How much of a total's rise fell into moments at which the gauge was at least that; 0 to 1. Where one of them was read
 * less often, its movements are put half-way between two readings.
 */
double gauge_share_of(const struct series *series, const struct cell *gauge, uint64_t at_least,
		      const struct cell *total);
/* Seconds between the first and last reading of a cell; 0 for one reading. */
double cell_seconds(const struct cell *cell);
/* How much of the time it was watched a total of nanoseconds filled; 0 when it was not read twice. */
double detect_time_share(const struct series *series, counter_id counter, uint32_t object);

/* True when "10.0.0.2:53", "[::ffff:10.0.0.2]:53" or "[fd00::2]:53" is the endpoint of that numeric address. */
bool address_is(const char *endpoint, const char *address);

/* The same of any of several addresses with blanks between them. */
bool address_is_among(const char *endpoint, const char *addresses);
