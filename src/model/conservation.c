/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP conservation: what came in and was neither delivered, nor forwarded, nor
 * counted as an error by anyone was dropped silently: by a firewall rule
 * without a counter, a blackhole route, an XDP-less policy. Works without BPF.
 *
 * Sources: net/ipv4/ip_input.c, ip_forward.c, net/ipv6/ip6_input.c, ip6_output.c.
 * A reassembled packet comes in as several fragments (ReasmReqds) and goes on as one (ReasmOKs).
 */
#include "model/ledger.h"

#include "base/alloc.h"

struct term {
	int family;
	int sign; /* +1 came in, -1 accounted for */
	counter_id counter;
};

static const struct term ingress[] = {
	{ 4, +1, C_IP_IN_RECEIVES },
	{ 4, +1, C_IP_REASM_OKS },
	{ 4, -1, C_IP_REASM_REQDS },
	{ 4, -1, C_IP_IN_DELIVERS },
	{ 4, -1, C_IP_FORW_DATAGRAMS },
	{ 4, -1, C_IP_IN_HDR_ERRORS },
	{ 4, -1, C_IP_IN_ADDR_ERRORS },
	{ 4, -1, C_IP_IN_DISCARDS },
	{ 4, -1, C_IP_IN_UNKNOWN_PROTOS },
	{ 4, -1, C_IP_FRAG_FAILS },
	{ 4, -1, C_IP_EXT_IN_NO_ROUTES },
	{ 4, -1, C_IP_EXT_IN_TRUNCATED_PKTS },
	{ 4, -1, C_TCP_EXT_IP_REVERSE_PATH_FILTER },
	{ 6, +1, C_IP6_IN_RECEIVES },
	{ 6, +1, C_IP6_REASM_OKS },
	{ 6, -1, C_IP6_REASM_REQDS },
	{ 6, -1, C_IP6_IN_DELIVERS },
	{ 6, -1, C_IP6_OUT_FORW_DATAGRAMS },
	{ 6, -1, C_IP6_IN_HDR_ERRORS },
	{ 6, -1, C_IP6_IN_TOO_BIG_ERRORS },
	{ 6, -1, C_IP6_IN_NO_ROUTES },
	{ 6, -1, C_IP6_IN_ADDR_ERRORS },
	{ 6, -1, C_IP6_IN_UNKNOWN_PROTOS },
	{ 6, -1, C_IP6_IN_TRUNCATED_PKTS },
	{ 6, -1, C_IP6_IN_DISCARDS },
};

/* OutTransmits (kernels from 6.7) counts what leaves for the neighbour layer, each fragment by itself. */
static const struct term egress[] = {
	{ 4, +1, C_IP_OUT_REQUESTS },  { 4, +1, C_IP_FORW_DATAGRAMS },	    { 4, +1, C_IP_FRAG_CREATES },
	{ 4, -1, C_IP_FRAG_OKS },      { 4, -1, C_IP_FRAG_FAILS },	    { 4, -1, C_IP_OUT_TRANSMITS },
	{ 6, +1, C_IP6_OUT_REQUESTS }, { 6, +1, C_IP6_OUT_FORW_DATAGRAMS }, { 6, +1, C_IP6_FRAG_CREATES },
	{ 6, -1, C_IP6_FRAG_OKS },     { 6, -1, C_IP6_FRAG_FAILS },	    { 6, -1, C_IP6_OUT_TRANSMITS },
};

/* Packets under way between two counters while they are read, and rounding of the reading itself. */
#define SLACK_PACKETS 2
#define SLACK_SHARE 2000 /* one in so many of those received */

static bool balance(const struct series *series, uint32_t netns, int family, const struct term *terms, size_t count,
		    uint64_t *ret_low, uint64_t *ret_high)
{
	uint64_t slack = SLACK_PACKETS, largest = 0;
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t increase = series_increase(series, terms[i].counter, netns);

		if (terms[i].family != family)
			continue;
		sum += terms[i].sign * (int64_t)increase;
		largest = increase > largest ? increase : largest;
	}
	slack += largest / SLACK_SHARE;
	*ret_low = sum > (int64_t)slack ? (uint64_t)sum : 0;
	*ret_high = sum > 0 ? (uint64_t)sum + slack : slack;
	return true;
}

bool ledger_silent(const struct series *series, uint32_t netns, int family, uint64_t *ret_low, uint64_t *ret_high)
{
	if (!series_cell(series, family == 4 ? C_IP_IN_RECEIVES : C_IP6_IN_RECEIVES, netns))
		return false;
	return balance(series, netns, family, ingress, ARRAY_SIZE(ingress), ret_low, ret_high);
}

bool ledger_silent_egress(const struct series *series, uint32_t netns, int family, uint64_t *ret_low,
			  uint64_t *ret_high)
{
	if (!series_cell(series, family == 4 ? C_IP_OUT_TRANSMITS : C_IP6_OUT_TRANSMITS, netns))
		return false;
	return balance(series, netns, family, egress, ARRAY_SIZE(egress), ret_low, ret_high);
}
