/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/qdisc: recorded dumps of htb, tbf, pfifo, bfifo, mq and clsact say what `tc -s` said at
 * that moment; kinds that the recording kernel lacked are made here from the uapi structures.
 */
#include "source/qdisc.h"
#include "unit/netlink_fixture.h"

#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

struct tree {
	struct fixture base;
	struct qdisc_tree nodes;
};

static void tree_begin(struct tree *tree)
{
	*tree = (struct tree){ 0 };
	fixture_begin(&tree->base);
}

static void tree_take(struct tree *tree, const char *name)
{
	fixture_load(&tree->base, name);
	assert_true(qdisc_parse(&tree->base.context, &tree->base.snapshot, tree->base.bytes, tree->base.length, false,
				&tree->nodes));
}

static void tree_record(struct tree *tree)
{
	tree_begin(tree);
	tree_take(tree, "qdisc");
	tree_take(tree, "class");
	qdisc_relate(&tree->nodes);
}

static void tree_end(struct tree *tree)
{
	vec_free(&tree->nodes.nodes);
	fixture_end(&tree->base);
}

static const struct object *qdisc(const struct tree *tree, const char *name)
{
	return fixture_object(&tree->base, OBJECT_QDISC, name);
}

static const struct object *class(const struct tree *tree, const char *name)
{
	return fixture_object(&tree->base, OBJECT_CLASS, name);
}

static void statistics_are_those_of_tc(void **state)
{
	struct tree tree;
	const struct object *tbf;

	tree_record(&tree);
	tbf = qdisc(&tree, "qdisc tbf 7: root");
	assert_int_equal(fixture_value(&tree.base, C_QDISC_BYTES, tbf), 135586);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_PACKETS, tbf), 131);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_DROPS, tbf), 33);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_OVERLIMITS, tbf), 278);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_BACKLOG_PACKETS, tbf), 0);
	assert_int_equal(fixture_value(&tree.base, C_CLASS_DROPS, class(&tree, "class htb 1:20")), 1);
	assert_int_equal(fixture_value(&tree.base, C_CLASS_OVERLIMITS, class(&tree, "class htb 1:20")), 20);
	assert_int_equal(fixture_value(&tree.base, C_CLASS_PACKETS, class(&tree, "class htb 1:1")), 84);
	tree_end(&tree);
}

static void limits_and_rates_are_those_of_tc(void **state)
{
	struct tree tree;
	const struct object *tbf;

	tree_record(&tree);
	tbf = qdisc(&tree, "qdisc tbf 7: root");
	assert_int_equal(fixture_value(&tree.base, C_QDISC_LIMIT_BYTES, tbf), 5000);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_RATE_BYTES_PER_SECOND, tbf), 125000);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_LIMIT_PACKETS, qdisc(&tree, "qdisc pfifo 20: parent 1:20")),
			 5);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_LIMIT_BYTES, qdisc(&tree, "qdisc bfifo 9: root")), 3000);
	assert_int_equal(fixture_value(&tree.base, C_CLASS_RATE_BYTES_PER_SECOND, class(&tree, "class htb 1:20")),
			 6250);
	assert_int_equal(fixture_value(&tree.base, C_CLASS_CEIL_BYTES_PER_SECOND, class(&tree, "class htb 1:20")),
			 12500);
	tree_end(&tree);
}

static void what_lies_above_is_known(void **state)
{
	struct tree tree;

	tree_record(&tree);
	assert_int_equal(qdisc(&tree, "qdisc htb 1: root")->parent, 0);
	assert_int_equal(class(&tree, "class htb 1:1")->parent, qdisc(&tree, "qdisc htb 1: root")->id);
	assert_int_equal(class(&tree, "class htb 1:20")->parent, class(&tree, "class htb 1:1")->id);
	assert_int_equal(qdisc(&tree, "qdisc pfifo 20: parent 1:20")->parent, class(&tree, "class htb 1:20")->id);
	assert_int_equal(qdisc(&tree, "qdisc pfifo_fast 0: parent 5:3")->parent, qdisc(&tree, "qdisc mq 5: root")->id);
	assert_int_equal(qdisc(&tree, "qdisc clsact ffff:")->parent, 0);
	tree_end(&tree);
}

static void ingress_has_counters_of_its_own(void **state)
{
	struct tree tree;
	const struct object *clsact;

	tree_record(&tree);
	clsact = qdisc(&tree, "qdisc clsact ffff:");
	assert_int_equal(fixture_value(&tree.base, C_TC_INGRESS_DROPS, clsact), 0);
	assert_false(fixture_has(&tree.base, C_QDISC_DROPS, clsact));
	tree_end(&tree);
}

static void devices_without_a_queue_have_no_qdisc(void **state)
{
	struct tree tree;

	tree_record(&tree);
	for (uint32_t id = 0; id < objects_count(tree.base.objects); id++)
		assert_string_not_equal(object_text(object_get(tree.base.objects, id), LABEL_KIND), "noqueue");
	tree_end(&tree);
}

/* ---- made messages ---- */

static struct tcmsg *begin(struct netlink_request *request, uint16_t type, uint32_t handle, uint32_t parent,
			   const char *kind)
{
	struct tcmsg *header = netlink_request(request, type, 0, sizeof(*header));

	header->tcm_ifindex = 4;
	header->tcm_handle = handle;
	header->tcm_parent = parent;
	mnl_attr_put_strz(request->header, TCA_KIND, kind);
	return header;
}

static void put_extended(struct netlink_request *request, const void *bytes, size_t length)
{
	struct gnet_stats_queue queue = { .drops = 50 };
	struct nlattr *nest = mnl_attr_nest_start(request->header, TCA_STATS2);

	mnl_attr_put(request->header, TCA_STATS_QUEUE, sizeof(queue), &queue);
	mnl_attr_put(request->header, TCA_STATS_APP, length, bytes);
	mnl_attr_nest_end(request->header, nest);
}

static bool take(struct tree *tree, const struct netlink_request *request, bool born)
{
	return qdisc_parse(&tree->base.context, &tree->base.snapshot, request->bytes, request->header->nlmsg_len, born,
			   &tree->nodes);
}

static void fq_codel_tells_its_drops_by_reason(void **state)
{
	struct tc_fq_codel_xstats stats = {
		.type = TCA_FQ_CODEL_XSTATS_QDISC,
		.qdisc_stats = { .drop_overlimit = 40, .drop_overmemory = 9, .ecn_mark = 3 },
	};
	struct netlink_request request;
	const struct object *object;
	struct nlattr *options;
	struct tree tree;

	tree_begin(&tree);
	begin(&request, RTM_NEWQDISC, 0, 1, "fq_codel");
	options = mnl_attr_nest_start(request.header, TCA_OPTIONS);
	mnl_attr_put_u32(request.header, TCA_FQ_CODEL_LIMIT, 10240);
	mnl_attr_put_u32(request.header, TCA_FQ_CODEL_MEMORY_LIMIT, 33554432);
	mnl_attr_nest_end(request.header, options);
	put_extended(&request, &stats, sizeof(stats));
	assert_true(take(&tree, &request, false));
	object = qdisc(&tree, "qdisc fq_codel 0: parent :1");
	assert_int_equal(fixture_value(&tree.base, C_QDISC_DROPS, object), 50);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_DROP_OVERLIMIT, object), 40);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_DROP_OVERMEMORY, object), 9);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_ECN_MARKS, object), 3);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_LIMIT_PACKETS, object), 10240);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_LIMIT_BYTES, object), 33554432);
	tree_end(&tree);
}

/* fq's statistics grew a horizon in 5.8: an older kernel's end before it. */
static void shorter_statistics_are_taken_as_far_as_they_go(void **state)
{
	struct tc_fq_qd_stats stats = { .flows_plimit = 12, .throttled = 7, .horizon_drops = 1 };
	struct netlink_request request;
	const struct object *object;
	struct tree tree;

	tree_begin(&tree);
	begin(&request, RTM_NEWQDISC, 0x80010000, TC_H_ROOT, "fq");
	put_extended(&request, &stats, offsetof(struct tc_fq_qd_stats, horizon_drops));
	assert_true(take(&tree, &request, false));
	object = qdisc(&tree, "qdisc fq 8001: root");
	assert_int_equal(fixture_value(&tree.base, C_QDISC_FLOWS_PLIMIT, object), 12);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_THROTTLED, object), 7);
	assert_false(fixture_has(&tree.base, C_QDISC_HORIZON_DROPS, object));
	tree_end(&tree);
}

static void netem_tells_the_loss_it_makes(void **state)
{
	struct tc_netem_qopt netem = { .limit = 1000, .loss = UINT32_MAX / 50 };
	struct netlink_request request;
	const struct object *object;
	struct tree tree;

	tree_begin(&tree);
	begin(&request, RTM_NEWQDISC, 0x80020000, TC_H_ROOT, "netem");
	mnl_attr_put(request.header, TCA_OPTIONS, sizeof(netem), &netem);
	assert_true(take(&tree, &request, false));
	object = qdisc(&tree, "qdisc netem 8002: root");
	assert_in_range(fixture_value(&tree.base, C_QDISC_NETEM_LOSS_PPM, object), 19999, 20000);
	assert_int_equal(fixture_value(&tree.base, C_QDISC_LIMIT_PACKETS, object), 1000);
	tree_end(&tree);
}

/* A default mq and its children all have the handle 0. */
static void children_of_a_default_mq_find_it(void **state)
{
	struct netlink_request request;
	struct tree tree;

	tree_begin(&tree);
	for (uint32_t band = 3; band > 0; band--) {
		begin(&request, RTM_NEWQDISC, 0, band, "pfifo_fast");
		assert_true(take(&tree, &request, false));
	}
	begin(&request, RTM_NEWQDISC, 0, TC_H_ROOT, "mq");
	assert_true(take(&tree, &request, false));
	qdisc_relate(&tree.nodes);
	assert_int_equal(qdisc(&tree, "qdisc pfifo_fast 0: parent :2")->parent, qdisc(&tree, "qdisc mq 0: root")->id);
	assert_int_equal(qdisc(&tree, "qdisc mq 0: root")->parent, 0);
	tree_end(&tree);
}

static void a_parent_that_is_itself_is_none(void **state)
{
	struct netlink_request request;
	struct tree tree;

	tree_begin(&tree);
	begin(&request, RTM_NEWQDISC, 0x10000, 0x10000, "htb");
	assert_true(take(&tree, &request, false));
	qdisc_relate(&tree.nodes);
	assert_int_equal(qdisc(&tree, "qdisc htb 1: parent 1:0")->parent, 0);
	tree_end(&tree);
}

static void only_what_is_new_is_born(void **state)
{
	struct netlink_request old, new;
	struct tree tree;

	tree_begin(&tree);
	begin(&old, RTM_NEWQDISC, 0x10000, TC_H_ROOT, "pfifo");
	begin(&new, RTM_NEWQDISC, 0x20000, TC_H_ROOT, "pfifo");
	assert_true(take(&tree, &old, false));
	assert_true(take(&tree, &old, true));
	assert_true(take(&tree, &new, true));
	assert_false(qdisc(&tree, "qdisc pfifo 1: root")->born);
	assert_true(qdisc(&tree, "qdisc pfifo 2: root")->born);
	tree_end(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_are_those_of_tc),
		cmocka_unit_test(limits_and_rates_are_those_of_tc),
		cmocka_unit_test(what_lies_above_is_known),
		cmocka_unit_test(ingress_has_counters_of_its_own),
		cmocka_unit_test(devices_without_a_queue_have_no_qdisc),
		cmocka_unit_test(fq_codel_tells_its_drops_by_reason),
		cmocka_unit_test(shorter_statistics_are_taken_as_far_as_they_go),
		cmocka_unit_test(netem_tells_the_loss_it_makes),
		cmocka_unit_test(children_of_a_default_mq_find_it),
		cmocka_unit_test(a_parent_that_is_itself_is_none),
		cmocka_unit_test(only_what_is_new_is_born),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
