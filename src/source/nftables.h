/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own messages about nftables (NFNL_SUBSYS_NFTABLES), and the text of
 * single rules. Messages are parsed from plain bytes, so that recorded and hostile
 * ones take the same way as the kernel's.
 */
#pragma once

#include "source/firewall.h"
#include "source/netlink.h"
#include "source/source.h"

#include "model/series.h"

/*
 * Adds what whole messages tell (tables, then chains, sets, named counters, rules, elements of sets) to `firewall`,
 * which starts zeroed. What belongs to a table or chain that was not told of sets firewall->partial.
 */
void nftables_add(struct firewall *firewall, const char *bytes, size_t length);

/* Once after all messages: rules of nameless chains get the names people see, then firewall_resolve(). */
void nftables_resolve(struct firewall *firewall);

/* Reads the expressions of the rule added last (NFTA_RULE_EXPRESSIONS, or NULL): what it does to a packet. */
void nftables_rule_read(struct firewall *firewall, struct firewall_rule *rule, const struct nlattr *expressions);

/* What is known already decides whose text is asked for: rules that lose packets and have none yet. */
struct nftables_texts {
	struct firewall *firewall;
	const struct object *netns;
	const struct series *series;
	struct objects *objects;
	struct text listing; /* the rules' texts point into it */
};

/* Whether the names of that chain and its table may stand in a command for nft. The others keep their handles. */
bool nftables_can_list(const struct firewall *firewall, uint32_t chain);

/*
 * Asks libnftables for the text of such rules, in a child process with a deadline, some chains at each reading. Without
 * an answer they keep their family, table, chain and handle.
 */
void nftables_texts_read(struct nftables_texts *texts);

/* Takes the rules' texts from `nft -a list chain` of that chain. */
void nftables_text_take(struct firewall *firewall, uint32_t chain, struct slice text);

/* The elements of a listing line: the next word, a quoted string counting as one (without its quotes). */
extern const struct firewall_rows nftables_rows;
