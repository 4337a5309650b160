/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The expressions of one nftables rule (include/uapi/linux/netfilter/nf_tables.h,
 * net/netfilter/nft_*.c), in the order in which the kernel evaluates them: what the
 * rule does to a packet, and whether its counter counts exactly that. An expression
 * that may end the evaluation (NFT_BREAK) behind the counter makes it inexact; all
 * but counters, logs and verdicts are taken for such. Rules of iptables-nft hold
 * matches and targets of x_tables; both tell their name.
 */
#include "source/nftables.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_state.h>
#include <string.h>

#define STATE_INVALID 1u /* NF_CT_STATE_INVALID_BIT; states are in the host's byte order */
#define REGISTERS 24	 /* NFT_REG32_15 is 23 */
#define NO_REGISTER UINT32_MAX
#define DESTINATION_PORT 2 /* offset in TCP's, UDP's, SCTP's header */
#define NAT_PORTS 64512	   /* 1024 to 65535: net/netfilter/nf_nat_core.c */

struct reading {
	struct firewall *firewall;
	struct firewall_rule *rule;
	uint32_t state_register, state_mask; /* holds conntrack's state */
	uint32_t port_register;		     /* holds the destination port */
	uint32_t protocol_register;	     /* holds the transport protocol */
	uint16_t ports[REGISTERS];	     /* numbers that were put into registers, as a range of ports has them */
	bool some;			     /* means only some of the packets to that port */
	bool over;			     /* nothing comes behind a verdict */
};

static uint32_t be32(const struct nlattr *attribute, uint32_t otherwise)
{
	return attribute && mnl_attr_get_payload_len(attribute) >= sizeof(uint32_t) ? ntohl(netlink_u32(attribute, 0))
										    : otherwise;
}

/* It tests the packet, or does something else that may end the rule. */
static void tests(struct reading *reading)
{
	reading->rule->facts |= FACT_MATCHES;
	reading->rule->facts &= ~(unsigned int)FACT_EXACT;
}

/* Whatever was known about the register is over. */
static uint32_t loads(struct reading *reading, const struct nlattr *attribute)
{
	uint32_t to = be32(attribute, NO_REGISTER);

	if (to == reading->state_register)
		reading->state_register = NO_REGISTER;
	if (to == reading->port_register)
		reading->port_register = NO_REGISTER;
	if (to == reading->protocol_register)
		reading->protocol_register = NO_REGISTER;
	return to;
}

static void decides(struct reading *reading, const char *verdict, unsigned int facts)
{
	reading->rule->verdict = verdict;
	reading->rule->facts |= facts;
	reading->over = true;
}

static void read_counter(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_COUNTER_MAX + 1];

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	reading->rule->packets = be64toh(netlink_u64(attributes[NFTA_COUNTER_PACKETS], 0));
	reading->rule->bytes = be64toh(netlink_u64(attributes[NFTA_COUNTER_BYTES], 0));
	reading->rule->facts |= FACT_COUNTED | FACT_EXACT;
}

/* "__chain7" belongs to the rule that jumps to it (NFT_CHAIN_BINDING). */
static void adopt(struct reading *reading, struct slice name)
{
	const struct firewall_rule *rule = reading->rule;
	uint32_t table = reading->firewall->nodes.data[rule->chain].table;
	uint32_t chain = slice_starts(name, "__chain") ? firewall_find(reading->firewall, table, NODE_CHAIN, name)
						       : FIREWALL_NONE;
	struct firewall_node *node;

	if (chain == FIREWALL_NONE || chain == rule->chain)
		return;
	node = &reading->firewall->nodes.data[chain];
	node->outer = rule->chain;
	node->handle = rule->number;
}

static void read_jump(struct reading *reading, const struct nlattr *chain)
{
	const char *name = netlink_string(chain);
	bool always = !(reading->rule->facts & FACT_MATCHES);
	uint32_t edge;

	tests(reading);
	reading->over = true;
	if (!name)
		return;
	adopt(reading, slice_of(name));
	edge = firewall_add_edge(reading->firewall, reading->rule->chain, NODE_CHAIN,
				 firewall_keep(reading->firewall, name));
	if (edge != FIREWALL_NONE)
		reading->firewall->edges.data[edge].always = always;
}

static void read_verdict(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_VERDICT_MAX + 1];
	int code;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	code = (int)be32(attributes[NFTA_VERDICT_CODE], NF_STOLEN);
	switch (code) {
	case NF_DROP:
		decides(reading, "drop", FACT_DROP);
		break;
	case NF_ACCEPT:
		decides(reading, "accept", 0);
		break;
	case NFT_RETURN:
		decides(reading, "return", 0);
		break;
	case NFT_CONTINUE:
		decides(reading, "continue", 0);
		break;
	case NFT_JUMP:
	case NFT_GOTO:
		read_jump(reading, attributes[NFTA_VERDICT_CHAIN]);
		break;
	default:
		tests(reading);
		break;
	}
}

static void read_immediate(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_IMMEDIATE_MAX + 1], *values[NFTA_DATA_MAX + 1];
	uint32_t to;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	netlink_nested(attributes[NFTA_IMMEDIATE_DATA], 0, values, ARRAY_SIZE(values));
	to = be32(attributes[NFTA_IMMEDIATE_DREG], NO_REGISTER);
	if (to == NFT_REG_VERDICT) {
		read_verdict(reading, values[NFTA_DATA_VERDICT]);
		return;
	}
	tests(reading);
	if (to < REGISTERS && values[NFTA_DATA_VALUE] && mnl_attr_get_payload_len(values[NFTA_DATA_VALUE]) == 2)
		reading->ports[to] = ntohs(netlink_u16(values[NFTA_DATA_VALUE], 0));
}

static void read_ct(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_CT_MAX + 1];
	uint32_t to;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	tests(reading);
	to = loads(reading, attributes[NFTA_CT_DREG]);
	if (be32(attributes[NFTA_CT_KEY], UINT32_MAX) != NFT_CT_STATE)
		return;
	reading->state_register = to;
	reading->state_mask = UINT32_MAX;
}

static void read_meta(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_META_MAX + 1];
	uint32_t to;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	tests(reading);
	to = loads(reading, attributes[NFTA_META_DREG]);
	if (be32(attributes[NFTA_META_KEY], UINT32_MAX) == NFT_META_L4PROTO)
		reading->protocol_register = to;
}

static const char *protocol_name(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? "tcp" : protocol == IPPROTO_UDP ? "udp" : NULL;
}

static void read_payload(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_PAYLOAD_MAX + 1];
	uint32_t to;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	tests(reading);
	to = loads(reading, attributes[NFTA_PAYLOAD_DREG]);
	if (be32(attributes[NFTA_PAYLOAD_BASE], UINT32_MAX) == NFT_PAYLOAD_TRANSPORT_HEADER &&
	    be32(attributes[NFTA_PAYLOAD_OFFSET], UINT32_MAX) == DESTINATION_PORT &&
	    be32(attributes[NFTA_PAYLOAD_LEN], 0) == sizeof(uint16_t))
		reading->port_register = to;
	else
		reading->some = true; /* who sends, from which port, ... */
}

/* `ct state invalid` is a mask and a comparison with 0. */
static void read_bitwise(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_BITWISE_MAX + 1], *values[NFTA_DATA_MAX + 1];
	uint32_t from;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	netlink_nested(attributes[NFTA_BITWISE_MASK], 0, values, ARRAY_SIZE(values));
	tests(reading);
	from = be32(attributes[NFTA_BITWISE_SREG], NO_REGISTER);
	if (from == reading->port_register)
		reading->port_register = NO_REGISTER;
	if (from != reading->state_register || from == NO_REGISTER)
		return;
	reading->state_register = be32(attributes[NFTA_BITWISE_DREG], NO_REGISTER);
	reading->state_mask = netlink_u32(values[NFTA_DATA_VALUE], 0);
}

static bool state_is_invalid(uint32_t mask, uint32_t value, bool equal)
{
	return value ? equal && (value & mask & STATE_INVALID) : !equal && (mask & STATE_INVALID);
}

static void read_cmp(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_CMP_MAX + 1], *values[NFTA_DATA_MAX + 1];
	uint32_t from, how;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	netlink_nested(attributes[NFTA_CMP_DATA], 0, values, ARRAY_SIZE(values));
	tests(reading);
	from = be32(attributes[NFTA_CMP_SREG], NO_REGISTER);
	how = be32(attributes[NFTA_CMP_OP], UINT32_MAX);
	if (from == NO_REGISTER || !values[NFTA_DATA_VALUE])
		return;
	if (from == reading->state_register && (how == NFT_CMP_EQ || how == NFT_CMP_NEQ) &&
	    state_is_invalid(reading->state_mask, netlink_u32(values[NFTA_DATA_VALUE], 0), how == NFT_CMP_EQ))
		reading->rule->facts |= FACT_CT_INVALID;
	if (from == reading->port_register && how == NFT_CMP_EQ)
		reading->rule->port = ntohs(netlink_u16(values[NFTA_DATA_VALUE], 0));
	else if (from == reading->protocol_register && how == NFT_CMP_EQ)
		reading->rule->protocol = protocol_name(netlink_u8(values[NFTA_DATA_VALUE], 0));
}

/* A look-up in a set tests; one in a map of verdicts may decide. */
static void read_lookup(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_LOOKUP_MAX + 1];
	const char *name;
	struct slice kept;
	uint32_t table, node;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	tests(reading);
	name = netlink_string(attributes[NFTA_LOOKUP_SET]);
	if (!name)
		return;
	kept = firewall_keep(reading->firewall, name);
	if (be32(attributes[NFTA_LOOKUP_DREG], NO_REGISTER) == NFT_REG_VERDICT)
		reading->rule->map = firewall_add_edge(reading->firewall, reading->rule->chain, NODE_MAP, kept);
	if (be32(attributes[NFTA_LOOKUP_SREG], NO_REGISTER) != reading->state_register ||
	    reading->state_register == NO_REGISTER || be32(attributes[NFTA_LOOKUP_FLAGS], 0) & NFT_LOOKUP_F_INV)
		return;
	reading->rule->state = firewall_add_edge(reading->firewall, reading->rule->chain, NODE_MAP, kept);
	table = reading->firewall->nodes.data[reading->rule->chain].table;
	node = firewall_find(reading->firewall, table, NODE_MAP, kept);
	if (node != FIREWALL_NONE)
		reading->firewall->nodes.data[node].wanted = true;
}

static void read_limit(struct reading *reading, const struct nlattr *data)
{
	(void)data;
	tests(reading);
	reading->some = true;
	reading->rule->facts |= FACT_LIMIT;
}

/* `counter name "x"`, `limit name "y"`. */
static void read_objref(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_OBJREF_MAX + 1];
	const char *name;
	uint32_t type;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	type = be32(attributes[NFTA_OBJREF_IMM_TYPE], NFT_OBJECT_UNSPEC);
	name = netlink_string(attributes[NFTA_OBJREF_IMM_NAME]);
	if (type != NFT_OBJECT_COUNTER || !name) {
		tests(reading);
		reading->rule->facts |= type == NFT_OBJECT_LIMIT ? FACT_LIMIT : 0;
		return;
	}
	reading->rule->counter = firewall_add_edge(reading->firewall, reading->rule->chain, NODE_COUNTER,
						   firewall_keep(reading->firewall, name));
	reading->rule->facts |= FACT_EXACT;
}

static bool expression_is(const struct nlattr *expression, const char *name)
{
	const struct nlattr *attributes[NFTA_EXPR_MAX + 1];
	const char *own;

	netlink_nested(expression, 0, attributes, ARRAY_SIZE(attributes));
	own = netlink_string(attributes[NFTA_EXPR_NAME]);
	return own && strcmp(own, name) == 0;
}

/* `add @set { ip saddr limit rate over 5/minute }` and the meters of old. */
static void read_dynset(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_DYNSET_MAX + 1], *each;
	bool limit;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	tests(reading);
	limit = expression_is(attributes[NFTA_DYNSET_EXPR], "limit");
	if (attributes[NFTA_DYNSET_EXPRESSIONS])
		mnl_attr_for_each_nested(each, attributes[NFTA_DYNSET_EXPRESSIONS])
		{
			limit = limit || expression_is(each, "limit");
		}
	reading->rule->facts |= limit ? FACT_LIMIT : 0;
}

/* The device on the way back to the sender; `fib daddr type` asks something else. */
static void read_fib(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_FIB_MAX + 1];
	uint32_t result;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	tests(reading);
	loads(reading, attributes[NFTA_FIB_DREG]);
	result = be32(attributes[NFTA_FIB_RESULT], NFT_FIB_RESULT_UNSPEC);
	if ((be32(attributes[NFTA_FIB_FLAGS], 0) & NFTA_FIB_F_SADDR) &&
	    (result == NFT_FIB_RESULT_OIF || result == NFT_FIB_RESULT_OIFNAME))
		reading->rule->facts |= FACT_RPFILTER;
}

static uint32_t port_range(const struct reading *reading, const struct nlattr *least, const struct nlattr *most)
{
	uint32_t from = be32(least, NO_REGISTER), to = be32(most, from);
	uint16_t low = from < REGISTERS ? reading->ports[from] : 0, high = to < REGISTERS ? reading->ports[to] : 0;

	return low && high >= low ? (uint32_t)(high - low) + 1 : NAT_PORTS;
}

static void read_nat(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_NAT_MAX + 1];
	bool source;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	source = be32(attributes[NFTA_NAT_TYPE], NFT_NAT_DNAT) == NFT_NAT_SNAT;
	tests(reading);
	decides(reading, source ? "snat" : "dnat", FACT_NAT);
	if (source)
		reading->rule->nat_ports =
			port_range(reading, attributes[NFTA_NAT_REG_PROTO_MIN], attributes[NFTA_NAT_REG_PROTO_MAX]);
}

static void read_masquerade(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_MASQ_MAX + 1];

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	decides(reading, "masquerade", FACT_NAT);
	reading->rule->nat_ports =
		port_range(reading, attributes[NFTA_MASQ_REG_PROTO_MIN], attributes[NFTA_MASQ_REG_PROTO_MAX]);
}

static void read_redirect(struct reading *reading, const struct nlattr *data)
{
	(void)data;
	tests(reading);
	decides(reading, "redirect", FACT_NAT);
}

static void read_queue(struct reading *reading, const struct nlattr *data)
{
	(void)data;
	decides(reading, "queue", FACT_QUEUE);
}

static void read_reject(struct reading *reading, const struct nlattr *data)
{
	(void)data;
	decides(reading, "reject", FACT_DROP);
}

static void read_log(struct reading *reading, const struct nlattr *data)
{
	(void)reading;
	(void)data;
}

static void read_notrack(struct reading *reading, const struct nlattr *data)
{
	(void)data;
	decides(reading, "notrack", 0);
}

static void read_synproxy(struct reading *reading, const struct nlattr *data)
{
	(void)data;
	decides(reading, "synproxy", 0);
}

static bool conntrack_match_is_invalid(const struct nlattr *info, uint32_t revision)
{
	struct xt_conntrack_mtinfo3 match;

	if (revision < 2 ||
	    netlink_copy(info, &match, sizeof(match)) < offsetof(struct xt_conntrack_mtinfo3, status_mask))
		return false;
	return (match.match_flags & XT_CONNTRACK_STATE) && !(match.invert_flags & XT_CONNTRACK_STATE) &&
	       (match.state_mask & XT_CONNTRACK_STATE_INVALID);
}

static void read_match(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *attributes[NFTA_MATCH_MAX + 1];
	const char *name;
	struct slice match;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	tests(reading);
	name = netlink_string(attributes[NFTA_MATCH_NAME]);
	match = slice_of(name ? name : "");
	if (slice_is(match, "limit") || slice_is(match, "hashlimit"))
		reading->rule->facts |= FACT_LIMIT;
	else if (slice_is(match, "rpfilter"))
		reading->rule->facts |= FACT_RPFILTER;
	else if (slice_is(match, "state") && (netlink_u32(attributes[NFTA_MATCH_INFO], 0) & XT_STATE_INVALID))
		reading->rule->facts |= FACT_CT_INVALID;
	else if (slice_is(match, "conntrack") &&
		 conntrack_match_is_invalid(attributes[NFTA_MATCH_INFO], be32(attributes[NFTA_MATCH_REV], 0)))
		reading->rule->facts |= FACT_CT_INVALID;
}

static void read_target(struct reading *reading, const struct nlattr *data)
{
	static const char *const nat[] = { "SNAT", "DNAT", "MASQUERADE", "REDIRECT", "NETMAP" };
	const struct nlattr *attributes[NFTA_TARGET_MAX + 1];
	const char *name;

	netlink_nested(data, 0, attributes, ARRAY_SIZE(attributes));
	reading->rule->facts |= FACT_MATCHES;
	name = netlink_string(attributes[NFTA_TARGET_NAME]);
	if (!name)
		return;
	if (strcmp(name, "REJECT") == 0)
		decides(reading, "reject", FACT_DROP);
	else if (strcmp(name, "NFQUEUE") == 0)
		decides(reading, "queue", FACT_QUEUE);
	else if (text_is_one_of(name, nat, ARRAY_SIZE(nat)))
		decides(reading, "nat", FACT_NAT);
}

static void read_expression(struct reading *reading, const struct nlattr *expression)
{
	static const struct {
		const char *name;
		void (*read)(struct reading *reading, const struct nlattr *data);
	} kinds[] = {
		{ "counter", read_counter }, { "immediate", read_immediate }, { "cmp", read_cmp },
		{ "payload", read_payload }, { "meta", read_meta },	      { "ct", read_ct },
		{ "bitwise", read_bitwise }, { "lookup", read_lookup },	      { "limit", read_limit },
		{ "objref", read_objref },   { "dynset", read_dynset },	      { "fib", read_fib },
		{ "nat", read_nat },	     { "masq", read_masquerade },     { "redir", read_redirect },
		{ "queue", read_queue },     { "reject", read_reject },	      { "log", read_log },
		{ "notrack", read_notrack }, { "synproxy", read_synproxy },   { "match", read_match },
		{ "target", read_target },
	};
	const struct nlattr *attributes[NFTA_EXPR_MAX + 1];
	const char *name;

	netlink_nested(expression, 0, attributes, ARRAY_SIZE(attributes));
	name = netlink_string(attributes[NFTA_EXPR_NAME]);
	for (size_t i = 0; name && i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0) {
			kinds[i].read(reading, attributes[NFTA_EXPR_DATA]);
			return;
		}
	reading->state_register = reading->port_register = reading->protocol_register = NO_REGISTER;
	reading->some = true;
	tests(reading); /* not known, and may load anything */
}

void nftables_rule_read(struct firewall *firewall, struct firewall_rule *rule, const struct nlattr *expressions)
{
	struct reading reading = {
		.firewall = firewall,
		.rule = rule,
		.state_register = NO_REGISTER,
		.port_register = NO_REGISTER,
		.protocol_register = NO_REGISTER,
	};
	const struct nlattr *each;

	if (!expressions)
		return;
	mnl_attr_for_each_nested(each, expressions)
	{
		if (!reading.over)
			read_expression(&reading, each);
	}
	if (reading.some)
		rule->port = 0;
}
