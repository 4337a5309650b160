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

/*
 * OutTransmits (kernels from 6.7) counts what leaves for the neighbour layer, each fragment by itself. A packet that
 * IPsec wraps is requested twice and sent once (xfrm_output_resume() calls __ip_local_out() again): where there are
 * IPsec states this balance says nothing.
 */
static const struct term egress[] = {
	{ 4, +1, C_IP_OUT_REQUESTS },  { 4, +1, C_IP_FORW_DATAGRAMS },	    { 4, +1, C_IP_FRAG_CREATES },
	{ 4, -1, C_IP_FRAG_OKS },      { 4, -1, C_IP_FRAG_FAILS },	    { 4, -1, C_IP_OUT_TRANSMITS },
	{ 6, +1, C_IP6_OUT_REQUESTS }, { 6, +1, C_IP6_OUT_FORW_DATAGRAMS }, { 6, +1, C_IP6_FRAG_CREATES },
	{ 6, -1, C_IP6_FRAG_OKS },     { 6, -1, C_IP6_FRAG_FAILS },	    { 6, -1, C_IP6_OUT_TRANSMITS },
};

/* Packets under way between two counters while they are read, and rounding of the reading itself. */
#define SLACK_PACKETS 2
#define SLACK_SHARE 2000 /* one in so many of those received */

struct balance {
	int64_t sum;
	uint64_t slack;
};

static struct balance balance(const struct series *series, uint32_t netns, int family, const struct term *terms,
			      size_t count)
{
	struct balance balance = { 0, SLACK_PACKETS };
	uint64_t largest = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t increase = series_increase(series, terms[i].counter, netns);

		if (terms[i].family != family)
			continue;
		balance.sum += terms[i].sign * (int64_t)increase;
		largest = increase > largest ? increase : largest;
	}
	balance.slack += largest / SLACK_SHARE;
	return balance;
}

static void bracket(const struct balance *balance, uint64_t *ret_low, uint64_t *ret_high)
{
	*ret_low = balance->sum > (int64_t)balance->slack ? (uint64_t)balance->sum : 0;
	*ret_high = (balance->sum > 0 ? (uint64_t)balance->sum : 0) + balance->slack;
}

static bool sends_are_counted(const struct series *series, uint32_t netns, int family)
{
	return series_cell(series, family == 4 ? C_IP_OUT_TRANSMITS : C_IP6_OUT_TRANSMITS, netns);
}

/*
 * More sent than was requested or forwarded: packets that something passed on between the hooks without telling the
 * IP layer (IPVS). They were received and are not lost.
 */
static int64_t passed_on(const struct series *series, uint32_t netns, int family)
{
	struct balance out;

	if (!sends_are_counted(series, netns, family))
		return 0;
	out = balance(series, netns, family, egress, ARRAY_SIZE(egress));
	return out.sum < -(int64_t)out.slack ? -out.sum : 0;
}

/* Fragments but the last fill the smallest MTU of IPv6; a datagram of 64 KB makes no more of them than that. */
#define FRAGMENT_BYTES 1232
#define FRAGMENTS_MOST 53

/*
 * Connection tracking puts IPv6 fragments together before the IP layer would count that (nf_ct_frag6_gather() has no
 * counters; IPv4's uses IP's own code): n come in, one goes on. Nothing tells how many; this is the most that it can be,
 * by the bytes that came in and by the packets that went on. Where large packets came in, little is said therefore.
 */
static int64_t gathered(const struct series *series, uint32_t netns)
{
	const struct cell *tracked = series_cell(series, C_CONNTRACK_COUNT, netns);
	uint64_t by_bytes = series_increase(series, C_IP6_IN_OCTETS, netns) / FRAGMENT_BYTES;
	uint64_t passed = series_increase(series, C_IP6_IN_DELIVERS, netns) +
			  series_increase(series, C_IP6_OUT_FORW_DATAGRAMS, netns);
	uint64_t by_datagrams = passed * (FRAGMENTS_MOST - 1);

	if (!tracked || !tracked->high || series_increase(series, C_IP6_REASM_REQDS, netns))
		return 0;
	return (int64_t)(by_bytes < by_datagrams ? by_bytes : by_datagrams);
}

bool ledger_silent(const struct series *series, uint32_t netns, int family, uint64_t *ret_low, uint64_t *ret_high)
{
	struct balance in;
	uint64_t rest;

	if (!series_cell(series, family == 4 ? C_IP_IN_RECEIVES : C_IP6_IN_RECEIVES, netns))
		return false;
	in = balance(series, netns, family, ingress, ARRAY_SIZE(ingress));
	in.sum -= passed_on(series, netns, family);
	bracket(&in, ret_low, ret_high);
	if (family == 6 && *ret_low) {
		in.sum -= gathered(series, netns);
		bracket(&in, ret_low, &rest);
	}
	return true;
}

bool ledger_silent_egress(const struct series *series, uint32_t netns, int family, uint64_t *ret_low,
			  uint64_t *ret_high)
{
	struct balance out;

	if (!sends_are_counted(series, netns, family) || series_last(series, C_XFRM_STATES, netns))
		return false;
	out = balance(series, netns, family, egress, ARRAY_SIZE(egress));
	bracket(&out, ret_low, ret_high);
	return true;
}
