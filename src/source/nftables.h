/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of `nft -a list ruleset`, line by line. Shared by the live source, by
 * whoever brings somebody else's output, and by the tests.
 */
#pragma once

#include "source/firewall.h"

/*
 * Adds what the text holds to `firewall`, which starts zeroed and points into the text from then on. Lines that
 * cannot be understood and a text that breaks off set firewall->partial.
 */
void nftables_text_add(struct firewall *firewall, struct slice text);

/* Elements of one map that a terse listing left out: the text of `nft list map`. Before firewall_resolve(). */
void nftables_map_add(struct firewall *firewall, uint32_t map, struct slice text);

/* Adds one rule of a chain (a line without its handle) and what it refers to; NULL at the maximum. */
struct firewall_rule *nftables_rule_add(struct firewall *firewall, uint32_t chain, struct slice text);

/* The next word of a line, a quoted string counting as one (without its quotes, *ret_quoted then true). */
bool nftables_word(struct cursor *cursor, struct slice *ret, bool *ret_quoted);

/* The name behind "jump" or "goto" inside a map or a rule, as an edge from `from`. */
void nftables_jump_add(struct firewall *firewall, uint32_t from, struct cursor *cursor);

/* How rules of this kind become counters. */
extern const struct firewall_rows nftables_rows;
