/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reads nft's listings, and what reads a rule of them (ticket_nft_rule.c). */
#pragma once

#include "evidence/ticket_parts.h"

#include "source/nftables.h"

/*
 * A rule of that chain. `handle` is 0 where the listing has none. `nameless` is the chain that it opens ("jump {"),
 * else empty. *stateless becomes true when its counter comes without values. The line must outlive the firewall.
 */
void nft_add_rule(struct firewall *firewall, uint32_t chain, struct slice line, uint64_t handle, struct slice nameless,
		  bool *stateless);

/* "elements = { 22 : accept, 99 : drop }", or a map inside a rule: how many, whether some drop, where they jump. */
void nft_read_elements(struct firewall *firewall, uint32_t node, struct slice line);
