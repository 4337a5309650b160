/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/netlink: walking bytes that lie about their length, and real dumps of this machine's own namespace,
 * which need no privilege.
 */
#include "unit/netlink_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

static void a_walk_ends_at_a_lie(void **state)
{
	static const uint32_t lengths[] = { 0, 1, 15, 17, 64, UINT32_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct nlmsghdr message = { .nlmsg_len = lengths[i] };
		struct netlink_walk walk = netlink_walk(&message, sizeof(message));

		assert_null(netlink_next(&walk, 0));
		assert_true(walk.broken);
	}
}

static void a_walk_passes_over_messages_that_are_too_short(void **state)
{
	struct nlmsghdr messages[3] = { { .nlmsg_len = 16 }, { .nlmsg_len = 32, .nlmsg_type = 9 } };
	struct netlink_walk walk = netlink_walk(messages, sizeof(messages));
	const struct nlmsghdr *message = netlink_next(&walk, 16);

	assert_non_null(message);
	assert_int_equal(message->nlmsg_type, 9);
	assert_true(walk.broken);
	assert_null(netlink_next(&walk, 16));
}

static void an_empty_answer_is_whole(void **state)
{
	struct netlink_walk walk = netlink_walk(NULL, 0);

	assert_null(netlink_next(&walk, 0));
	assert_false(walk.broken);
}

static void attributes_stop_at_a_lie(void **state)
{
	struct netlink_request request;
	const struct nlattr *attributes[4];
	struct nlattr *second;

	netlink_request(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(request.header, 1, 7);
	second = mnl_nlmsg_get_payload_tail(request.header);
	mnl_attr_put_u32(request.header, 2, 8);
	second->nla_len = 200;
	netlink_attributes(request.header, sizeof(struct ifinfomsg), attributes, ARRAY_SIZE(attributes));
	assert_int_equal(netlink_u32(attributes[1], 0), 7);
	assert_null(attributes[2]);
	assert_int_equal(netlink_u32(attributes[2], 99), 99);
}

static void values_that_are_too_short_are_absent(void **state)
{
	struct netlink_request request;
	const struct nlattr *attributes[4];

	netlink_request(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	mnl_attr_put_u8(request.header, 1, 7);
	mnl_attr_put(request.header, 2, 3, "abc");
	mnl_attr_put_strz(request.header, 3, "abc");
	netlink_attributes(request.header, sizeof(struct ifinfomsg), attributes, ARRAY_SIZE(attributes));
	assert_int_equal(netlink_u8(attributes[1], 0), 7);
	assert_int_equal(netlink_u16(attributes[1], 99), 99);
	assert_int_equal(netlink_u32(attributes[1], 99), 99);
	assert_int_equal(netlink_u64(attributes[1], 99), 99);
	assert_null(netlink_string(attributes[2]));
	assert_string_equal(netlink_string(attributes[3]), "abc");
}

static int dump_links(struct netlink *netlink, struct text *answer, unsigned int *ret_state)
{
	struct netlink_request request;

	netlink_request(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	return netlink_dump(netlink, &request, answer, ret_state);
}

static void a_dump_lists_the_loopback_device(void **state)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	CLEANUP_TEXT struct text answer = { 0 };
	const struct nlmsghdr *message;
	struct netlink_walk walk;
	bool loopback = false;
	unsigned int cut = 99;

	assert_int_equal(netlink_open(&netlink, NETLINK_ROUTE), 0);
	assert_int_equal(dump_links(&netlink, &answer, &cut), 0);
	assert_int_equal(cut & NETLINK_CUT, 0);
	walk = netlink_walk(answer.data, answer.length);
	while ((message = netlink_next(&walk, sizeof(struct ifinfomsg)))) {
		const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);

		assert_int_equal(message->nlmsg_type, RTM_NEWLINK);
		loopback |= (header->ifi_flags & IFF_LOOPBACK) != 0;
	}
	assert_false(walk.broken);
	assert_true(loopback);
}

static void an_answer_beyond_its_maximum_is_cut_and_the_socket_goes_on(void **state)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	CLEANUP_TEXT struct text small = { .max = 64 };
	CLEANUP_TEXT struct text large = { 0 };
	unsigned int cut = 0;

	assert_int_equal(netlink_open(&netlink, NETLINK_ROUTE), 0);
	assert_int_equal(dump_links(&netlink, &small, &cut), 0);
	assert_int_equal(cut & NETLINK_CUT, NETLINK_CUT);
	assert_int_equal(small.length, 0);
	assert_int_equal(dump_links(&netlink, &large, &cut), 0);
	assert_int_equal(cut & NETLINK_CUT, 0);
	assert_true(large.length > 64);
}

static void a_refusal_says_why(void **state)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	CLEANUP_TEXT struct text answer = { 0 };
	struct netlink_request request;
	struct ifinfomsg *header;
	unsigned int cut = 99;
	int error;

	assert_int_equal(netlink_open(&netlink, NETLINK_ROUTE), 0);
	if (!netlink.strict)
		skip(); /* kernels before 4.20 do not look at the request */
	header = netlink_request(&request, RTM_GETLINK, 0, sizeof(*header));
	header->ifi_index = 1;
	error = netlink_dump(&netlink, &request, &answer, &cut);
	assert_int_equal(error, -EINVAL);
	assert_int_equal(cut, 99);
	assert_true(strlen(netlink.extack) > 0);
	assert_non_null(strstr(netlink_reason(&netlink, "listing", error), netlink.extack));
}

static void nothing_stays_open(void **state)
{
	int before = dup(0), after;

	close(before);
	for (int i = 0; i < 3; i++) {
		struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
		CLEANUP_TEXT struct text answer = { .max = 64 };
		unsigned int cut;

		assert_int_equal(netlink_open(&netlink, NETLINK_ROUTE), 0);
		assert_int_equal(dump_links(&netlink, &answer, &cut), 0);
	}
	after = dup(0);
	close(after);
	assert_int_equal(after, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk_ends_at_a_lie),
		cmocka_unit_test(a_walk_passes_over_messages_that_are_too_short),
		cmocka_unit_test(an_empty_answer_is_whole),
		cmocka_unit_test(attributes_stop_at_a_lie),
		cmocka_unit_test(values_that_are_too_short_are_absent),
		cmocka_unit_test(a_dump_lists_the_loopback_device),
		cmocka_unit_test(an_answer_beyond_its_maximum_is_cut_and_the_socket_goes_on),
		cmocka_unit_test(a_refusal_says_why),
		cmocka_unit_test(nothing_stays_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
