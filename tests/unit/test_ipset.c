/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/ipset: how many elements sets hold and may hold; sets without a limit and messages of others are passed over. */
#include "source/ipset.h"
#include "unit/netlink_fixture.h"

#include <arpa/inet.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>

struct answer {
	_Alignas(struct nlmsghdr) char bytes[4096];
	size_t length;
};

static void add_set(struct answer *answer, uint16_t type, const char *name, uint32_t elements, uint32_t most)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(answer->bytes + answer->length);
	struct nlattr *data;

	mnl_nlmsg_put_extra_header(message, sizeof(struct nfgenmsg));
	message->nlmsg_type = type;
	mnl_attr_put_u8(message, IPSET_ATTR_PROTOCOL, 7);
	mnl_attr_put_strz(message, IPSET_ATTR_SETNAME, name);
	mnl_attr_put_strz(message, IPSET_ATTR_TYPENAME, most ? "hash:ip" : "bitmap:port");
	data = mnl_attr_nest_start(message, IPSET_ATTR_DATA);
	mnl_attr_put_u32(message, IPSET_ATTR_HASHSIZE | NLA_F_NET_BYTEORDER, htonl(1024));
	if (most)
		mnl_attr_put_u32(message, IPSET_ATTR_MAXELEM | NLA_F_NET_BYTEORDER, htonl(most));
	mnl_attr_put_u32(message, IPSET_ATTR_ELEMENTS | NLA_F_NET_BYTEORDER, htonl(elements));
	mnl_attr_nest_end(message, data);
	answer->length += message->nlmsg_len;
}

#define LIST (NFNL_SUBSYS_IPSET << 8 | IPSET_CMD_LIST)

static void sets_with_a_limit(void **state)
{
	struct ipset_counts counts = { 0 };
	struct answer answer = { .length = 0 };
	const struct object *blocked;
	struct fixture fixture;

	fixture_begin(&fixture);
	add_set(&answer, LIST, "blocked", 65536, 65536);
	add_set(&answer, LIST, "ports", 3, 0);
	add_set(&answer, NFNL_SUBSYS_NFTABLES << 8 | IPSET_CMD_LIST, "another", 3, 5);
	assert_true(ipset_parse(&fixture.context, &fixture.snapshot, answer.bytes, answer.length, &counts));
	assert_false(counts.broken);
	assert_int_equal(counts.named, 1);
	blocked = fixture_object(&fixture, OBJECT_RULE, "ipset blocked");
	assert_int_equal(fixture_value(&fixture, C_IPSET_ELEMENTS, blocked), 65536);
	assert_int_equal(fixture_value(&fixture, C_IPSET_SIZE, blocked), 65536);
	assert_int_equal(fixture.snapshot.samples.count, 2);
	fixture_end(&fixture);
}

static void a_list_that_breaks_off_is_broken(void **state)
{
	struct ipset_counts counts = { 0 };
	struct answer answer = { .length = 0 };
	struct fixture fixture;

	fixture_begin(&fixture);
	add_set(&answer, LIST, "blocked", 1, 2);
	assert_true(ipset_parse(&fixture.context, &fixture.snapshot, answer.bytes, answer.length - 4, &counts));
	assert_true(counts.broken);
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_with_a_limit),
		cmocka_unit_test(a_list_that_breaks_off_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
