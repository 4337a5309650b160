/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables messages as the kernel dumps them, put together one expression at a time, in the order in which `nft
 * --debug=netlink` shows them. Everything is in table "filter" of the family that the build has.
 */
#pragma once

#include "source/nftables.h"
#include "unit/firewall_fixture.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>

struct build {
	_Alignas(struct nlmsghdr) char bytes[1 << 16];
	size_t length;
	uint8_t family;
	struct nlmsghdr *message;
	struct nlattr *list, *element, *data; /* of the rule, expression or element under way */
};

static inline struct nlmsghdr *build_begin(struct build *build, uint16_t type)
{
	struct nfgenmsg *header;

	assert_true(build->length < sizeof(build->bytes) - 8192);
	build->message = mnl_nlmsg_put_header(build->bytes + build->length);
	build->message->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	header = mnl_nlmsg_put_extra_header(build->message, sizeof(*header));
	header->nfgen_family = build->family;
	return build->message;
}

static inline void build_end(struct build *build)
{
	if (build->list)
		mnl_attr_nest_end(build->message, build->list);
	build->list = NULL;
	build->length += build->message->nlmsg_len;
}

static inline void put_be32(struct build *build, uint16_t type, uint32_t value)
{
	mnl_attr_put_u32(build->message, type, htonl(value));
}

static inline void put_be64(struct build *build, uint16_t type, uint64_t value)
{
	mnl_attr_put_u64(build->message, type, htobe64(value));
}

static inline void build_table(struct build *build, uint32_t flags)
{
	build_begin(build, NFT_MSG_NEWTABLE);
	mnl_attr_put_strz(build->message, NFTA_TABLE_NAME, "filter");
	put_be32(build, NFTA_TABLE_FLAGS, flags);
	build_end(build);
}

/* As kernels since 4.16 tell it: each table that is made has another handle. */
static inline void build_numbered_table(struct build *build, uint64_t handle)
{
	build_begin(build, NFT_MSG_NEWTABLE);
	mnl_attr_put_strz(build->message, NFTA_TABLE_NAME, "filter");
	put_be64(build, NFTA_TABLE_HANDLE, handle);
	build_end(build);
}

#define NO_HOOK UINT32_MAX

/* A base chain with a policy, or any other with NO_HOOK. `packets`: what the policy counted, or ABSENT. */
static inline void build_chain(struct build *build, const char *name, uint64_t handle, uint32_t hook, uint32_t policy,
			       uint64_t packets)
{
	struct nlattr *nest;

	build_begin(build, NFT_MSG_NEWCHAIN);
	mnl_attr_put_strz(build->message, NFTA_CHAIN_TABLE, "filter");
	put_be64(build, NFTA_CHAIN_HANDLE, handle);
	mnl_attr_put_strz(build->message, NFTA_CHAIN_NAME, name);
	if (hook != NO_HOOK) {
		nest = mnl_attr_nest_start(build->message, NFTA_CHAIN_HOOK);
		put_be32(build, NFTA_HOOK_HOOKNUM, hook);
		put_be32(build, NFTA_HOOK_PRIORITY, 0);
		mnl_attr_nest_end(build->message, nest);
		put_be32(build, NFTA_CHAIN_POLICY, policy);
	}
	if (packets != ABSENT) {
		nest = mnl_attr_nest_start(build->message, NFTA_CHAIN_COUNTERS);
		put_be64(build, NFTA_COUNTER_BYTES, packets * 100);
		put_be64(build, NFTA_COUNTER_PACKETS, packets);
		mnl_attr_nest_end(build->message, nest);
	}
	build_end(build);
}

static inline void build_set(struct build *build, const char *name, uint64_t handle, bool verdicts)
{
	build_begin(build, NFT_MSG_NEWSET);
	mnl_attr_put_strz(build->message, NFTA_SET_TABLE, "filter");
	mnl_attr_put_strz(build->message, NFTA_SET_NAME, name);
	put_be64(build, NFTA_SET_HANDLE, handle);
	if (verdicts)
		put_be32(build, NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT);
	build_end(build);
}

/* A set of addresses that holds so many elements of a limit, if that is not 0. */
static inline void build_sized_set(struct build *build, const char *name, uint32_t flags, uint32_t elements,
				   uint32_t limit)
{
	struct nlattr *nest;

	build_begin(build, NFT_MSG_NEWSET);
	mnl_attr_put_strz(build->message, NFTA_SET_TABLE, "filter");
	mnl_attr_put_strz(build->message, NFTA_SET_NAME, name);
	put_be32(build, NFTA_SET_FLAGS, flags);
	nest = mnl_attr_nest_start(build->message, NFTA_SET_DESC);
	if (limit)
		put_be32(build, NFTA_SET_DESC_SIZE, limit);
	mnl_attr_nest_end(build->message, nest);
	put_be32(build, 20 /* NFTA_SET_COUNT */, elements);
	build_end(build);
}

static inline void build_named_counter(struct build *build, const char *name, uint64_t handle, uint64_t packets)
{
	struct nlattr *nest;

	build_begin(build, NFT_MSG_NEWOBJ);
	mnl_attr_put_strz(build->message, NFTA_OBJ_TABLE, "filter");
	mnl_attr_put_strz(build->message, NFTA_OBJ_NAME, name);
	put_be32(build, NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
	put_be64(build, NFTA_OBJ_HANDLE, handle);
	nest = mnl_attr_nest_start(build->message, NFTA_OBJ_DATA);
	put_be64(build, NFTA_COUNTER_BYTES, packets * 100);
	put_be64(build, NFTA_COUNTER_PACKETS, packets);
	mnl_attr_nest_end(build->message, nest);
	build_end(build);
}

/* ---- elements ---- */

static inline void build_elements(struct build *build, const char *set)
{
	build_begin(build, NFT_MSG_NEWSETELEM);
	mnl_attr_put_strz(build->message, NFTA_SET_ELEM_LIST_TABLE, "filter");
	mnl_attr_put_strz(build->message, NFTA_SET_ELEM_LIST_SET, set);
	build->list = mnl_attr_nest_start(build->message, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static inline void put_value(struct build *build, uint16_t type, const void *value, size_t length)
{
	struct nlattr *nest = mnl_attr_nest_start(build->message, type);

	mnl_attr_put(build->message, NFTA_DATA_VALUE, length, value);
	mnl_attr_nest_end(build->message, nest);
}

static inline void put_verdict(struct build *build, uint16_t type, int code, const char *chain)
{
	struct nlattr *nest = mnl_attr_nest_start(build->message, type);
	struct nlattr *verdict = mnl_attr_nest_start(build->message, NFTA_DATA_VERDICT);

	put_be32(build, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		mnl_attr_put_strz(build->message, NFTA_VERDICT_CHAIN, chain);
	mnl_attr_nest_end(build->message, verdict);
	mnl_attr_nest_end(build->message, nest);
}

/* A key of conntrack's states; of a map with what it leads to. */
#define NO_CODE 1000
static inline void element(struct build *build, uint32_t key, int code, const char *chain)
{
	struct nlattr *nest = mnl_attr_nest_start(build->message, NFTA_LIST_ELEM);

	put_value(build, NFTA_SET_ELEM_KEY, &key, sizeof(key));
	if (code != NO_CODE)
		put_verdict(build, NFTA_SET_ELEM_DATA, code, chain);
	mnl_attr_nest_end(build->message, nest);
}

/* ---- rules ---- */

static inline void build_rule(struct build *build, const char *chain, uint64_t handle)
{
	build_begin(build, NFT_MSG_NEWRULE);
	mnl_attr_put_strz(build->message, NFTA_RULE_TABLE, "filter");
	mnl_attr_put_strz(build->message, NFTA_RULE_CHAIN, chain);
	put_be64(build, NFTA_RULE_HANDLE, handle);
	build->list = mnl_attr_nest_start(build->message, NFTA_RULE_EXPRESSIONS);
}

static inline void expression_begin(struct build *build, const char *name)
{
	build->element = mnl_attr_nest_start(build->message, NFTA_LIST_ELEM);
	mnl_attr_put_strz(build->message, NFTA_EXPR_NAME, name);
	build->data = mnl_attr_nest_start(build->message, NFTA_EXPR_DATA);
}

static inline void expression_end(struct build *build)
{
	mnl_attr_nest_end(build->message, build->data);
	mnl_attr_nest_end(build->message, build->element);
}

/* One without attributes that matter: limit, quota, log, reject, queue, masq, notrack … */
static inline void plain(struct build *build, const char *name)
{
	expression_begin(build, name);
	expression_end(build);
}

static inline void counter(struct build *build, uint64_t packets)
{
	expression_begin(build, "counter");
	put_be64(build, NFTA_COUNTER_BYTES, packets * 100);
	put_be64(build, NFTA_COUNTER_PACKETS, packets);
	expression_end(build);
}

static inline void verdict(struct build *build, int code, const char *chain)
{
	expression_begin(build, "immediate");
	put_be32(build, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	put_verdict(build, NFTA_IMMEDIATE_DATA, code, chain);
	expression_end(build);
}

/* A number of two bytes into a register. */
static inline void immediate(struct build *build, uint32_t to, uint16_t value)
{
	value = htons(value);
	expression_begin(build, "immediate");
	put_be32(build, NFTA_IMMEDIATE_DREG, to);
	put_value(build, NFTA_IMMEDIATE_DATA, &value, sizeof(value));
	expression_end(build);
}

static inline void load_state(struct build *build)
{
	expression_begin(build, "ct");
	put_be32(build, NFTA_CT_KEY, NFT_CT_STATE);
	put_be32(build, NFTA_CT_DREG, NFT_REG_1);
	expression_end(build);
}

static inline void mask(struct build *build, uint32_t value)
{
	uint32_t zero = 0;

	expression_begin(build, "bitwise");
	put_be32(build, NFTA_BITWISE_SREG, NFT_REG_1);
	put_be32(build, NFTA_BITWISE_DREG, NFT_REG_1);
	put_be32(build, NFTA_BITWISE_LEN, sizeof(value));
	put_value(build, NFTA_BITWISE_MASK, &value, sizeof(value));
	put_value(build, NFTA_BITWISE_XOR, &zero, sizeof(zero));
	expression_end(build);
}

static inline void compare(struct build *build, uint32_t how, const void *value, size_t length)
{
	expression_begin(build, "cmp");
	put_be32(build, NFTA_CMP_SREG, NFT_REG_1);
	put_be32(build, NFTA_CMP_OP, how);
	put_value(build, NFTA_CMP_DATA, value, length);
	expression_end(build);
}

static inline void compare_state(struct build *build, uint32_t how, uint32_t value)
{
	compare(build, how, &value, sizeof(value));
}

static inline void protocol(struct build *build, uint8_t value)
{
	expression_begin(build, "meta");
	put_be32(build, NFTA_META_KEY, NFT_META_L4PROTO);
	put_be32(build, NFTA_META_DREG, NFT_REG_1);
	expression_end(build);
	compare(build, NFT_CMP_EQ, &value, sizeof(value));
}

/* `dport N` */
static inline void port(struct build *build, uint16_t value)
{
	value = htons(value);
	expression_begin(build, "payload");
	put_be32(build, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_be32(build, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
	put_be32(build, NFTA_PAYLOAD_OFFSET, 2);
	put_be32(build, NFTA_PAYLOAD_LEN, 2);
	expression_end(build);
	compare(build, NFT_CMP_EQ, &value, sizeof(value));
}

static inline void lookup(struct build *build, const char *set, bool map, uint32_t flags)
{
	expression_begin(build, "lookup");
	mnl_attr_put_strz(build->message, NFTA_LOOKUP_SET, set);
	put_be32(build, NFTA_LOOKUP_SREG, NFT_REG_1);
	if (map)
		put_be32(build, NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
	put_be32(build, NFTA_LOOKUP_FLAGS, flags);
	expression_end(build);
}

static inline void named(struct build *build, uint32_t type, const char *name)
{
	expression_begin(build, "objref");
	put_be32(build, NFTA_OBJREF_IMM_TYPE, type);
	mnl_attr_put_strz(build->message, NFTA_OBJREF_IMM_NAME, name);
	expression_end(build);
}

static inline void compat(struct build *build, const char *kind, const char *name, const void *info, size_t length)
{
	bool target = strcmp(kind, "target") == 0;

	expression_begin(build, kind);
	mnl_attr_put_strz(build->message, target ? NFTA_TARGET_NAME : NFTA_MATCH_NAME, name);
	put_be32(build, target ? NFTA_TARGET_REV : NFTA_MATCH_REV, 3);
	if (length)
		mnl_attr_put(build->message, target ? NFTA_TARGET_INFO : NFTA_MATCH_INFO, length, info);
	expression_end(build);
}
