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

static const struct {
	int family;
	int sign; /* +1 came in, -1 accounted for */
	counter_id counter;
} terms[] = {
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

/* Packets under way between two counters while they are read, and rounding of the reading itself. */
#define SLACK_PACKETS 2
#define SLACK_SHARE 2000 /* one in so many of those received */

bool ledger_silent(const struct series *series, uint32_t netns, int family, uint64_t *ret_low, uint64_t *ret_high)
{
	counter_id received = family == 4 ? C_IP_IN_RECEIVES : C_IP6_IN_RECEIVES;
	uint64_t slack = SLACK_PACKETS + series_increase(series, received, netns) / SLACK_SHARE;
	int64_t balance = 0;

	if (!series_cell(series, received, netns))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(terms); i++) {
		if (terms[i].family == family)
			balance += terms[i].sign * (int64_t)series_increase(series, terms[i].counter, netns);
	}
	*ret_low = balance > (int64_t)slack ? (uint64_t)balance - slack : 0;
	*ret_high = balance > 0 ? (uint64_t)balance + slack : slack;
	return true;
}
