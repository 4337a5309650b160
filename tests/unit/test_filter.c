/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/filter: where filters hang, and their actions with statistics, as tcf_fill_node() and tcf_exts_dump() put them. */
#include "source/filter.h"

#include "unit/netlink_fixture.h"

#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>

static void qdisc_add(struct text *bytes, const char *kind, uint32_t handle, uint32_t parent)
{
	struct netlink_request request;
	struct tcmsg *header = netlink_request(&request, RTM_NEWQDISC, 0, sizeof(*header));

	header->tcm_ifindex = 2;
	header->tcm_handle = handle;
	header->tcm_parent = parent;
	mnl_attr_put_strz(request.header, TCA_KIND, kind);
	text_add_bytes(bytes, request.bytes, request.header->nlmsg_len);
}

static void filters_hang_at_hooks_and_classful_qdiscs(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };
	struct filter_places places = { 0 };

	qdisc_add(&bytes, "clsact", 0xffff0000, TC_H_CLSACT);
	qdisc_add(&bytes, "htb", 0x10000, TC_H_ROOT);
	qdisc_add(&bytes, "fq_codel", 0x20000, 0x10001);
	qdisc_add(&bytes, "noqueue", 0, TC_H_ROOT);
	assert_true(filter_parse_places(bytes.data, bytes.length, &places));
	assert_int_equal(places.list.count, 3);
	assert_int_equal(places.list.data[0].parent, 0xfffffff2);
	assert_string_equal(places.list.data[0].hook, "ingress");
	assert_int_equal(places.list.data[1].parent, 0xfffffff3);
	assert_string_equal(places.list.data[1].hook, "egress");
	assert_int_equal(places.list.data[2].parent, 0x10000);
	assert_string_equal(places.list.data[2].hook, "queue");
	vec_free(&places.list);
	assert_false(filter_parse_places(bytes.data, bytes.length - 4, &places));
	vec_free(&places.list);
}

struct made {
	struct fixture base;
	struct netlink_request request;
	struct filter_reading reading;
};

static void made_begin(struct made *made, const char *kind)
{
	struct tcmsg *header;

	*made = (struct made){ 0 };
	fixture_begin(&made->base);
	header = netlink_request(&made->request, RTM_NEWTFILTER, 0, sizeof(*header));
	header->tcm_ifindex = 2;
	header->tcm_info = 49u << 16;
	mnl_attr_put_strz(made->request.header, TCA_KIND, kind);
	made->reading = (struct filter_reading){
		.context = &made->base.context,
		.snapshot = &made->base.snapshot,
		.place = { 2, 0xfffffff2, "ingress" },
		.born = true,
	};
}

static bool made_parse(struct made *made)
{
	return filter_parse(&made->reading, made->request.bytes, made->request.header->nlmsg_len);
}

static void put_statistics(struct nlmsghdr *message, uint16_t attribute, uint32_t packets, uint32_t drops)
{
	struct gnet_stats_basic basic = { .bytes = packets * 100, .packets = packets };
	struct gnet_stats_queue queue = { .drops = drops, .overlimits = drops + 1 };
	struct nlattr *nest = mnl_attr_nest_start(message, attribute);

	mnl_attr_put(message, TCA_STATS_BASIC, sizeof(basic), &basic);
	mnl_attr_put(message, TCA_STATS_QUEUE, sizeof(queue), &queue);
	mnl_attr_nest_end(message, nest);
}

static void put_police(struct nlmsghdr *message, uint16_t attribute, uint32_t index)
{
	struct tc_police police = { .index = index, .rate.rate = 125000 };
	struct nlattr *nest = mnl_attr_nest_start(message, attribute);

	mnl_attr_put(message, TCA_POLICE_TBF, sizeof(police), &police);
	mnl_attr_nest_end(message, nest);
}

static void actions_of_a_filter(void **state)
{
	struct tc_gact gact = { .index = 4, .action = TC_ACT_SHOT };
	struct nlattr *options, *actions, *action, *parameters;
	const struct object *police, *drop;
	struct nlmsghdr *message;
	struct made made;

	made_begin(&made, "flower");
	message = made.request.header;
	options = mnl_attr_nest_start(message, TCA_OPTIONS);
	actions = mnl_attr_nest_start(message, TCA_FLOWER_ACT);
	action = mnl_attr_nest_start(message, 1);
	mnl_attr_put_strz(message, TCA_ACT_KIND, "police");
	put_statistics(message, TCA_ACT_STATS, 5000, 600);
	put_police(message, TCA_ACT_OPTIONS, 1);
	mnl_attr_nest_end(message, action);
	action = mnl_attr_nest_start(message, 2);
	mnl_attr_put_strz(message, TCA_ACT_KIND, "gact");
	put_statistics(message, TCA_ACT_STATS, 30, 30);
	parameters = mnl_attr_nest_start(message, TCA_ACT_OPTIONS);
	mnl_attr_put(message, TCA_GACT_PARMS, sizeof(gact), &gact);
	mnl_attr_nest_end(message, parameters);
	mnl_attr_nest_end(message, action);
	mnl_attr_nest_end(message, actions);
	mnl_attr_nest_end(message, options);
	assert_true(made_parse(&made));
	police = fixture_object(&made.base, OBJECT_ACTION, "police action 1 of filter flower pref 49 at ingress");
	drop = fixture_object(&made.base, OBJECT_ACTION, "gact action 4 of filter flower pref 49 at ingress");
	assert_int_equal(fixture_value(&made.base, C_FILTER_ACTION_PACKETS, police), 5000);
	assert_int_equal(fixture_value(&made.base, C_FILTER_ACTION_DROPS, police), 600);
	assert_int_equal(fixture_value(&made.base, C_FILTER_ACTION_OVERLIMITS, police), 601);
	assert_int_equal(fixture_value(&made.base, C_FILTER_POLICE_RATE, police), 125000);
	assert_int_equal(fixture_value(&made.base, C_FILTER_ACTION_DROPS, drop), 30);
	assert_string_equal(object_text(drop, LABEL_HOOK), "ingress");
	assert_true(drop->born);
	fixture_end(&made.base);
}

/* The police attribute of u32, whose statistics are the filter's own. */
static void the_older_policer(void **state)
{
	struct nlattr *options;
	const struct object *police;
	struct made made;

	made_begin(&made, "u32");
	options = mnl_attr_nest_start(made.request.header, TCA_OPTIONS);
	put_police(made.request.header, TCA_U32_POLICE, 7);
	mnl_attr_nest_end(made.request.header, options);
	put_statistics(made.request.header, TCA_STATS2, 900, 12);
	assert_true(made_parse(&made));
	police = fixture_object(&made.base, OBJECT_ACTION, "police action 7 of filter u32 pref 49 at ingress");
	assert_int_equal(fixture_value(&made.base, C_FILTER_ACTION_DROPS, police), 12);
	fixture_end(&made.base);
}

static void what_has_no_action_or_no_index_is_left_out(void **state)
{
	struct nlattr *options, *actions, *action;
	struct made made;

	made_begin(&made, "strange");
	mnl_attr_put_u32(made.request.header, TCA_OPTIONS, 0);
	assert_true(made_parse(&made));
	assert_int_equal(made.base.snapshot.samples.count, 0);
	fixture_end(&made.base);
	made_begin(&made, "matchall");
	options = mnl_attr_nest_start(made.request.header, TCA_OPTIONS);
	actions = mnl_attr_nest_start(made.request.header, TCA_MATCHALL_ACT);
	action = mnl_attr_nest_start(made.request.header, 1);
	mnl_attr_put_strz(made.request.header, TCA_ACT_KIND, "gact");
	put_statistics(made.request.header, TCA_ACT_STATS, 30, 30);
	mnl_attr_nest_end(made.request.header, action);
	mnl_attr_nest_end(made.request.header, actions);
	mnl_attr_nest_end(made.request.header, options);
	assert_true(made_parse(&made));
	assert_int_equal(made.base.snapshot.samples.count, 0);
	fixture_end(&made.base);
}

static void a_long_list_is_left_at_its_limit(void **state)
{
	struct made made;

	made_begin(&made, "u32");
	made.reading.seen = FILTERS_READ - 1;
	assert_false(made_parse(&made));
	assert_false(made.reading.broken);
	(void)filter_parse(&made.reading, made.request.bytes, made.request.header->nlmsg_len - 4);
	assert_true(made.reading.broken);
	fixture_end(&made.base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_hang_at_hooks_and_classful_qdiscs),
		cmocka_unit_test(actions_of_a_filter),
		cmocka_unit_test(the_older_policer),
		cmocka_unit_test(what_has_no_action_or_no_index_is_left_out),
		cmocka_unit_test(a_long_list_is_left_at_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
