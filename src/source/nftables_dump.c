/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables messages as the kernel dumps them: NFT_MSG_NEWTABLE, NEWCHAIN, NEWSET,
 * NEWOBJ, NEWRULE, NEWSETELEM, each with a struct nfgenmsg that tells the family
 * (net/netfilter/nf_tables_api.c: nf_tables_fill_chain_info and its like). Numbers
 * are in network order. Of the rules only those are kept that can lose, queue, limit
 * or translate packets, or that count what reaches a policy, so that a large
 * ruleset of accepts needs no memory.
 */
#include "source/nftables.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#define STATE_INVALID 1u  /* NF_CT_STATE_INVALID_BIT, in the host's byte order */
#define NESTING_MAX 16	  /* of chains without a name */
#define NFTA_SET_COUNT 20 /* an enumerator since 6.16 */

static const struct {
	uint8_t family;
	const char *name;
} families[] = {
	{ NFPROTO_INET, "inet" }, { NFPROTO_IPV4, "ip" },	{ NFPROTO_IPV6, "ip6" },
	{ NFPROTO_ARP, "arp" },	  { NFPROTO_BRIDGE, "bridge" }, { NFPROTO_NETDEV, "netdev" },
};

static uint32_t be32(const struct nlattr *attribute, uint32_t otherwise)
{
	uint32_t value;

	return netlink_copy(attribute, &value, sizeof(value)) == sizeof(value) ? ntohl(value) : otherwise;
}

static uint64_t be64(const struct nlattr *attribute)
{
	return be64toh(netlink_u64(attribute, 0));
}

static uint8_t family_of(const struct nlmsghdr *message)
{
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);

	return header->nfgen_family;
}

static const char *family_name(uint8_t family)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].family == family)
			return families[i].name;
	return "unknown";
}

/* "inet filter": the name behind the blank. */
static bool table_is(const struct firewall_table *table, uint8_t family, const char *name)
{
	size_t skip = strlen(family_name(family)) + 1, length = strlen(name);

	return table->family == family && table->name.length == skip + length &&
	       memcmp(table->name.data + skip, name, length) == 0;
}

/* Tables of rules and chains come in runs, and there are few: from the last one back. */
static uint32_t find_table(const struct firewall *firewall, uint8_t family, const struct nlattr *attribute)
{
	const char *name = netlink_string(attribute);

	for (size_t i = firewall->tables.count; name && i-- > 0;)
		if (table_is(&firewall->tables.data[i], family, name))
			return (uint32_t)i;
	return FIREWALL_NONE;
}

static void add_table(struct firewall *firewall, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[NFTA_TABLE_MAX + 1];
	CLEANUP_FREE char *full = NULL;
	struct firewall_table *table;
	const char *name;

	netlink_attributes(message, sizeof(struct nfgenmsg), attributes, ARRAY_SIZE(attributes));
	name = netlink_string(attributes[NFTA_TABLE_NAME]);
	if (!name) {
		firewall->partial = true;
		return;
	}
	full = text_format("%s %s", family_name(family_of(message)), name);
	table = firewall_add_table(firewall, firewall_keep(firewall, full));
	if (!table)
		return;
	table->handle = be64(attributes[NFTA_TABLE_HANDLE]);
	table->family = family_of(message);
	table->dormant = be32(attributes[NFTA_TABLE_FLAGS], 0) & NFT_TABLE_F_DORMANT;
}

static struct firewall_node *add_node(struct firewall *firewall, const struct nlmsghdr *message,
				      enum firewall_node_kind kind, const struct nlattr *table_name,
				      const struct nlattr *name, const struct nlattr *handle)
{
	uint32_t table = find_table(firewall, family_of(message), table_name);
	const char *own = netlink_string(name);
	struct firewall_node *node;

	if (table == FIREWALL_NONE || !own) {
		firewall->partial = true;
		return NULL;
	}
	node = firewall_add_node(firewall, table, kind, firewall_keep(firewall, own));
	if (node)
		node->handle = be64(handle);
	return node;
}

/* Hooks are numbered by family; the bits are those of firewall_hook(). */
static unsigned int hook_bit(uint8_t family, uint32_t hook)
{
	static const char *const netdev[] = { "ingress", "egress" };
	static const char *const arp[] = { "input", "output", "forward" };
	static const char *const others[] = { "prerouting", "input", "forward", "output", "postrouting", "ingress" };

	if (family == NFPROTO_NETDEV)
		return hook < ARRAY_SIZE(netdev) ? firewall_hook(slice_of(netdev[hook])) : 0;
	if (family == NFPROTO_ARP)
		return hook < ARRAY_SIZE(arp) ? firewall_hook(slice_of(arp[hook])) : 0;
	return hook < ARRAY_SIZE(others) ? firewall_hook(slice_of(others[hook])) : 0;
}

static void read_counts(struct firewall_node *node, const struct nlattr *nest)
{
	const struct nlattr *attributes[NFTA_COUNTER_MAX + 1];

	netlink_nested(nest, 0, attributes, ARRAY_SIZE(attributes));
	node->packets = be64(attributes[NFTA_COUNTER_PACKETS]);
	node->bytes = be64(attributes[NFTA_COUNTER_BYTES]);
}

static void add_chain(struct firewall *firewall, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];
	struct firewall_node *node;

	netlink_attributes(message, sizeof(struct nfgenmsg), attributes, ARRAY_SIZE(attributes));
	node = add_node(firewall, message, NODE_CHAIN, attributes[NFTA_CHAIN_TABLE], attributes[NFTA_CHAIN_NAME],
			attributes[NFTA_CHAIN_HANDLE]);
	if (!node || !attributes[NFTA_CHAIN_HOOK])
		return;
	netlink_nested(attributes[NFTA_CHAIN_HOOK], 0, hook, ARRAY_SIZE(hook));
	node->base = true;
	node->hooks = hook_bit(family_of(message), be32(hook[NFTA_HOOK_HOOKNUM], UINT32_MAX));
	node->policy_drop = be32(attributes[NFTA_CHAIN_POLICY], NF_ACCEPT) == NF_DROP;
	node->counted = attributes[NFTA_CHAIN_COUNTERS];
	if (node->counted)
		read_counts(node, attributes[NFTA_CHAIN_COUNTERS]);
}

/* Kernels before 6.16 do not tell how many elements there are; to list them all would cost too much. */
static void read_size(struct firewall_node *node, uint32_t flags, const struct nlattr *desc, const struct nlattr *count)
{
	const struct nlattr *attributes[NFTA_SET_DESC_MAX + 1];

	netlink_nested(desc, 0, attributes, ARRAY_SIZE(attributes));
	if (!count || flags & (NFT_SET_ANONYMOUS | NFT_SET_CONSTANT))
		return;
	node->elements = be32(count, 0);
	node->limit = be32(attributes[NFTA_SET_DESC_SIZE], 0);
}

static void add_set(struct firewall *firewall, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[NFTA_SET_COUNT + 1];
	struct firewall_node *node;

	netlink_attributes(message, sizeof(struct nfgenmsg), attributes, ARRAY_SIZE(attributes));
	node = add_node(firewall, message, NODE_MAP, attributes[NFTA_SET_TABLE], attributes[NFTA_SET_NAME],
			attributes[NFTA_SET_HANDLE]);
	if (!node)
		return;
	node->verdicts = be32(attributes[NFTA_SET_DATA_TYPE], 0) == NFT_DATA_VERDICT;
	node->wanted = node->verdicts;
	read_size(node, be32(attributes[NFTA_SET_FLAGS], 0), attributes[NFTA_SET_DESC], attributes[NFTA_SET_COUNT]);
}

static void add_object(struct firewall *firewall, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[NFTA_OBJ_MAX + 1];
	struct firewall_node *node;

	netlink_attributes(message, sizeof(struct nfgenmsg), attributes, ARRAY_SIZE(attributes));
	if (be32(attributes[NFTA_OBJ_TYPE], NFT_OBJECT_UNSPEC) != NFT_OBJECT_COUNTER)
		return;
	node = add_node(firewall, message, NODE_COUNTER, attributes[NFTA_OBJ_TABLE], attributes[NFTA_OBJ_NAME],
			attributes[NFTA_OBJ_HANDLE]);
	if (node)
		read_counts(node, attributes[NFTA_OBJ_DATA]);
}

/* The chain of a rule: that of the rule before, mostly. */
static uint32_t find_chain(struct firewall *firewall, const struct nlmsghdr *message, const struct nlattr *table_name,
			   const struct nlattr *chain_name)
{
	const char *name = netlink_string(chain_name);
	uint32_t table;

	if (!name)
		return FIREWALL_NONE;
	table = find_table(firewall, family_of(message), table_name);
	return table == FIREWALL_NONE ? FIREWALL_NONE : firewall_find(firewall, table, NODE_CHAIN, slice_of(name));
}

/* Whether anything of it is asked for later. */
static bool is_kept(const struct firewall_rule *rule)
{
	return (rule->facts & (FACT_DROP | FACT_QUEUE | FACT_NAT | FACT_LIMIT)) || rule->map != FIREWALL_NONE ||
	       rule->counter != FIREWALL_NONE ||
	       ((rule->facts & FACT_COUNTED) && !(rule->facts & FACT_MATCHES) && !*rule->verdict);
}

static void add_rule(struct firewall *firewall, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[NFTA_RULE_MAX + 1];
	struct firewall_rule *rule;
	uint32_t chain;

	netlink_attributes(message, sizeof(struct nfgenmsg), attributes, ARRAY_SIZE(attributes));
	chain = find_chain(firewall, message, attributes[NFTA_RULE_TABLE], attributes[NFTA_RULE_CHAIN]);
	if (chain == FIREWALL_NONE) {
		firewall->partial = true;
		return;
	}
	rule = firewall_add_rule(firewall, chain, SLICE(""));
	if (!rule)
		return;
	rule->number = (uint32_t)be64(attributes[NFTA_RULE_HANDLE]);
	rule->id = rule->number;
	nftables_rule_read(firewall, rule, attributes[NFTA_RULE_EXPRESSIONS]);
	if (!is_kept(rule))
		firewall_forget_rule(firewall);
}

/* One element: what it is looked up by, and, in maps, where it leads. */
static void add_element(struct firewall *firewall, uint32_t set, const struct nlattr *element)
{
	const struct nlattr *attributes[NFTA_SET_ELEM_MAX + 1], *key[NFTA_DATA_MAX + 1], *data[NFTA_DATA_MAX + 1];
	const struct nlattr *verdict[NFTA_VERDICT_MAX + 1];
	struct firewall_node *node = &firewall->nodes.data[set];
	const char *chain;
	bool invalid, drop;

	netlink_nested(element, 0, attributes, ARRAY_SIZE(attributes));
	netlink_nested(attributes[NFTA_SET_ELEM_KEY], 0, key, ARRAY_SIZE(key));
	netlink_nested(attributes[NFTA_SET_ELEM_DATA], 0, data, ARRAY_SIZE(data));
	netlink_nested(data[NFTA_DATA_VERDICT], 0, verdict, ARRAY_SIZE(verdict));
	invalid = netlink_u32(key[NFTA_DATA_VALUE], 0) & STATE_INVALID;
	drop = verdict[NFTA_VERDICT_CODE] && be32(verdict[NFTA_VERDICT_CODE], NF_ACCEPT) == NF_DROP;
	node->drops = node->drops || drop;
	node->invalid = node->invalid || (invalid && (drop || !node->verdicts));
	chain = netlink_string(verdict[NFTA_VERDICT_CHAIN]);
	if (chain)
		firewall_add_edge(firewall, set, NODE_CHAIN, firewall_keep(firewall, chain));
}

static void add_elements(struct firewall *firewall, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[NFTA_SET_ELEM_LIST_MAX + 1], *each;
	const char *name;
	uint32_t table, set = FIREWALL_NONE;

	netlink_attributes(message, sizeof(struct nfgenmsg), attributes, ARRAY_SIZE(attributes));
	name = netlink_string(attributes[NFTA_SET_ELEM_LIST_SET]);
	table = find_table(firewall, family_of(message), attributes[NFTA_SET_ELEM_LIST_TABLE]);
	if (name && table != FIREWALL_NONE)
		set = firewall_find(firewall, table, NODE_MAP, slice_of(name));
	if (set == FIREWALL_NONE) {
		firewall->partial = true;
		return;
	}
	if (attributes[NFTA_SET_ELEM_LIST_ELEMENTS])
		mnl_attr_for_each_nested(each, attributes[NFTA_SET_ELEM_LIST_ELEMENTS])
		{
			add_element(firewall, set, each);
		}
}

static void add_message(struct firewall *firewall, const struct nlmsghdr *message)
{
	static const struct {
		uint16_t type;
		void (*add)(struct firewall *firewall, const struct nlmsghdr *message);
	} kinds[] = {
		{ NFT_MSG_NEWRULE, add_rule },	 { NFT_MSG_NEWCHAIN, add_chain }, { NFT_MSG_NEWSETELEM, add_elements },
		{ NFT_MSG_NEWTABLE, add_table }, { NFT_MSG_NEWSET, add_set },	  { NFT_MSG_NEWOBJ, add_object },
	};

	if (NFNL_SUBSYS_ID(message->nlmsg_type) != NFNL_SUBSYS_NFTABLES)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (NFNL_MSG_TYPE(message->nlmsg_type) == kinds[i].type)
			kinds[i].add(firewall, message);
}

void nftables_add(struct firewall *firewall, const char *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct nfgenmsg))))
		add_message(firewall, message);
	firewall->partial = firewall->partial || walk.broken;
}

/* The chain with a name in which a rule stands for people, and the handle that is printed there. */
static void name_nested(const struct firewall *firewall, struct firewall_rule *rule)
{
	uint32_t chain = rule->chain, depth = 0;
	uint64_t handle = rule->number;

	while (firewall->nodes.data[chain].outer != FIREWALL_NONE && depth++ < NESTING_MAX) {
		handle = firewall->nodes.data[chain].handle;
		chain = firewall->nodes.data[chain].outer;
	}
	if (chain == rule->chain)
		return;
	rule->id = (uint64_t)(depth == 1 ? rule->place : rule->number) << 32 | (uint32_t)handle;
	rule->number = (uint32_t)handle;
	rule->chain = chain;
}

/* A rule that drops connections in state invalid: by a set that holds it, or by a map that drops it. */
static void find_invalid(const struct firewall *firewall, struct firewall_rule *rule)
{
	uint32_t set = rule->state == FIREWALL_NONE ? FIREWALL_NONE : firewall->edges.data[rule->state].to;

	if (set != FIREWALL_NONE && firewall->nodes.data[set].invalid)
		rule->facts |= FACT_CT_INVALID;
}

void nftables_resolve(struct firewall *firewall)
{
	struct firewall_rule *rule;

	firewall_resolve(firewall);
	vec_each(&firewall->rules, rule) {
		find_invalid(firewall, rule);
		name_nested(firewall, rule);
	}
}
