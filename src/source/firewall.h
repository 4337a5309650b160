/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ruleset as a graph, whoever told it: tables, nodes (chains, sets and maps,
 * named counters), rules in their order, and edges for what a rule jumps to or
 * uses. nftables_dump.c fills it from the kernel's messages, iptables_save.c from
 * text; it then knows from which hooks each chain is reached and turns what can
 * lose packets into objects and samples. Slices point into that text, which must
 * outlive it, or into names that it keeps itself.
 */
#pragma once

#include "model/snapshot.h"

#include "base/parse.h"
#include "base/vec.h"

enum firewall_fact {
	FACT_DROP = 1 << 0,  /* can lose the packet: drop, reject, or a map with such a verdict */
	FACT_QUEUE = 1 << 1, /* hands it to user space */
	FACT_NAT = 1 << 2,
	FACT_LIMIT = 1 << 3,
	FACT_CT_INVALID = 1 << 4, /* tests for conntrack's state invalid */
	FACT_RPFILTER = 1 << 5,
	FACT_COUNTED = 1 << 6, /* has packets and bytes of its own */
	FACT_EXACT = 1 << 7,   /* nothing after its counter can fail to match: it counts what the verdict took */
	FACT_MATCHES = 1 << 8, /* tests the packet, or does more than count and log */
};

#define FIREWALL_NONE UINT32_MAX

struct firewall_table {
	struct slice name; /* "inet filter", "filter" */
	uint64_t handle;   /* nftables: another one each time that a table is made; 0: not told */
	uint8_t family;	   /* nftables: NFPROTO_ */
	bool dormant;	   /* its chains are not attached */
	bool anew;	   /* made again since the window's first reading: what is in it counted from 0 */
};

enum firewall_node_kind { NODE_CHAIN, NODE_MAP, NODE_COUNTER };

struct firewall_node {
	enum firewall_node_kind kind;
	uint32_t table;
	struct slice name;
	uint64_t handle;
	unsigned int hooks; /* bit n: hook n of firewall.c; chains: own or reached from, others: used from */
	uint32_t rules;	    /* chains: how many */
	uint32_t last_rule; /* chains: index, FIREWALL_NONE without rules */
	uint32_t edge;	    /* first edge out of it */
	uint32_t outer;	    /* chains without a name: the one whose rule holds it, else FIREWALL_NONE */
	bool base, policy_drop;
	bool counted;		  /* base chains: packets are what reached the policy */
	bool verdicts, wanted;	  /* sets: elements are verdicts; elements have to be looked at */
	bool drops;		  /* maps: some element does */
	bool invalid;		  /* sets keyed by conntrack's state: an element (of maps: that drops) is for invalid */
	uint64_t packets, bytes;  /* base chains: what the policy took; counters: their values */
	uint64_t elements, limit; /* sets that can grow: how many they hold and may hold; 0: not known */
	uint64_t walk;		  /* chains: rules that a packet passes at least which none of them takes */
	bool pending;		  /* on the list of what has to pass its hooks on */
};

struct firewall_edge {
	enum firewall_node_kind kind;
	struct slice name;
	uint32_t from, to, next; /* nodes, edge */
	bool always;		 /* a jump that every packet makes which comes to it */
};

struct firewall_rule {
	uint32_t chain;
	uint32_t map, counter; /* edges to what decides or counts, or FIREWALL_NONE */
	uint32_t state;	       /* edge to the set in which conntrack's state is looked up, or FIREWALL_NONE */
	uint32_t place;	       /* in its chain, from 1 */
	uint32_t number;       /* nft: handle; legacy: place in its chain */
	uint64_t id;	       /* object_key.b */
	unsigned int facts;
	uint16_t port;	      /* the one destination port it tests for, or 0 */
	uint32_t nat_ports;   /* source NAT: ports it may choose from, or 0 */
	const char *protocol; /* static: the one it tests for (tcp, udp), or NULL */
	const char *verdict;  /* static, "" when it falls through */
	uint64_t packets, bytes;
	struct slice text;
};

/* What a node is found by; `index` is where it is. */
struct firewall_entry {
	enum firewall_node_kind kind;
	uint32_t table, index;
	struct slice name;
};

struct firewall {
	VEC(struct firewall_table) tables;
	VEC(struct firewall_node) nodes;
	VEC(struct firewall_edge) edges;
	VEC(struct firewall_rule) rules;
	VEC(struct firewall_entry) entries; /* sorted, when there are as many as nodes */
	VEC(char *) names;		    /* blocks of kept names */
	size_t names_left;		    /* bytes in the last block */
	bool partial;			    /* a maximum was hit, or something was not understood */
	bool sparse;			    /* very many rules: only those are emitted that have counted something */
	bool known_from_zero;		    /* sparse: no rule was added since the window's first reading */
};

void firewall_free(struct firewall *firewall);

/* New parts at the end, NULL (and partial) at the maximum. Pointers move when the next of their kind is added. */
struct firewall_table *firewall_add_table(struct firewall *firewall, struct slice name);
struct firewall_node *firewall_add_node(struct firewall *firewall, uint32_t table, enum firewall_node_kind kind,
					struct slice name);
struct firewall_rule *firewall_add_rule(struct firewall *firewall, uint32_t chain, struct slice text);

/* Takes the rule added last back: it cannot lose a packet. Its chain still counts it. */
void firewall_forget_rule(struct firewall *firewall);

/* Rules from `first` on whose ids are hashes of their text: those with the same text are told apart by their order. */
void firewall_separate_twins(struct firewall *firewall, size_t first);

/* A copy of that name which lives as long as the firewall. */
struct slice firewall_keep(struct firewall *firewall, const char *name);

/* The node of that name in that table, or FIREWALL_NONE. */
uint32_t firewall_find(struct firewall *firewall, uint32_t table, enum firewall_node_kind kind, struct slice name);

/* An edge by name within the table of `from`; its index or FIREWALL_NONE. */
uint32_t firewall_add_edge(struct firewall *firewall, uint32_t from, enum firewall_node_kind kind, struct slice name);

/* True when one of the words between commas is `wanted`. */
bool firewall_list_holds(struct slice list, const char *wanted);

/* The bit of a hook's name in either tool's spelling ("input", "INPUT"), 0 when it is none. */
unsigned int firewall_hook(struct slice name);
void firewall_hooks_text(unsigned int hooks, struct text *ret); /* appends "input,forward" */

/* Once after all text: resolves edges by name, carries hooks along them, tells which map and counter users drop. */
void firewall_resolve(struct firewall *firewall);

/* How one tool's facts become counters. COUNTER_NONE where it has no such number. */
struct firewall_rows {
	const char *tool;	/* begins LABEL_NAME: "nft", "iptables" */
	const char *driver;	/* LABEL_DRIVER, or NULL */
	const char *rule_word;	/* "handle", "rule" */
	const char *key_prefix; /* before "table chain" in what key a is the hash of */
	counter_id packets, bytes, matched, uncounted;
	counter_id queue, nat, limit, ct_invalid, rpfilter;
	counter_id port, nat_ports, walk, set_elements, set_size;
	counter_id policy, policy_packets, policy_bytes;
	counter_id named_drops, named_bytes, named_matched;
};

/* The objects of a rule and of a named counter, as far as they are known; or NULL. */
struct object *firewall_rule_object(const struct firewall *firewall, const struct firewall_rows *rows,
				    const struct object *netns, struct objects *objects,
				    const struct firewall_rule *rule);
struct object *firewall_counter_object(const struct firewall *firewall, const struct firewall_rows *rows,
				       const struct object *netns, struct objects *objects, uint32_t node);

/* Tells which tables were made again: there are rules or chains of that name, all of an earlier table. */
void firewall_find_anew(struct firewall *firewall, const struct firewall_rows *rows, const struct object *netns,
			const struct objects *objects);

/* Adds objects and samples of everything that can lose packets; coverage is the caller's. */
void firewall_emit(const struct firewall *firewall, const struct firewall_rows *rows, const struct object *netns,
		   struct snapshot *snapshot);
