/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/ledger and model/conservation: every drop once, whatever counts it, and what vanished without any counter. */
#include "base/clock.h"
#include "model/ledger.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PACKETS 700

/* The rows of includes.def as they are written there. */
static const struct row {
	counter_id outer, inner;
	const char *place, *condition, *amount;
} rows[] = {
#define INCLUDES(outer, inner, place, condition, amount) { C_##outer, C_##inner, #place, #condition, #amount },
#include "model/includes.def"
#undef INCLUDES
};

/* A veth in a namespace, its other end in another one, and something of every place that a row may look in. */
struct scene {
	struct objects *objects;
	struct object *near, *far; /* namespaces */
	struct object *link, *peer, *child, *rule, *far_rule, *cpu, *arp, *ndisc;
	struct series *series;
	struct snapshot before, after;
};

static struct object *make(struct scene *scene, enum object_kind kind, uint64_t netns, uint64_t a)
{
	struct object *object = object_intern(scene->objects, (struct object_key){ kind, netns, a, 0 }, NULL);

	assert_non_null(object);
	return object;
}

static void scene_begin(struct scene *scene)
{
	scene->objects = objects_new();
	scene->series = series_new(scene->objects);
	scene->near = make(scene, OBJECT_NETNS, 7, 0);
	scene->far = make(scene, OBJECT_NETNS, 8, 0);
	scene->link = make(scene, OBJECT_LINK, 7, 2);
	scene->peer = make(scene, OBJECT_LINK, 8, 3);
	scene->child = make(scene, OBJECT_QDISC, 7, 4);
	scene->rule = make(scene, OBJECT_RULE, 7, 5);
	scene->far_rule = make(scene, OBJECT_RULE, 8, 5);
	scene->cpu = make(scene, OBJECT_CPU, 0, 0);
	scene->arp = make(scene, OBJECT_NEIGHBOUR_TABLE, 0, AF_INET);
	scene->ndisc = make(scene, OBJECT_NEIGHBOUR_TABLE, 0, AF_INET6);
	object_label(scene->link, LABEL_KIND, "veth");
	object_label(scene->rule, LABEL_HOOK, "output");
	object_label(scene->far_rule, LABEL_HOOK, "output");
	scene->child->parent = scene->link->id;
	snapshot_begin(&scene->before, scene->objects);
	snapshot_begin(&scene->after, scene->objects);
	scene->after.time_ns = scene->before.time_ns + NS_PER_S;
}

/* It rose by that much in the window. */
static void rose(struct scene *scene, counter_id counter, const struct object *object, uint64_t increase)
{
	snapshot_add(&scene->before, counter, object, 1000);
	snapshot_add(&scene->after, counter, object, 1000 + increase);
}

/* It had that value all the time. */
static void stood(struct scene *scene, counter_id counter, const struct object *object, uint64_t value)
{
	snapshot_add(&scene->before, counter, object, value);
	snapshot_add(&scene->after, counter, object, value);
}

static struct ledger *scene_ledger(struct scene *scene)
{
	series_add(scene->series, &scene->before);
	series_add(scene->series, &scene->after);
	series_finish(scene->series);
	return ledger_new(scene->series);
}

static void scene_end(struct scene *scene, struct ledger *ledger)
{
	ledger_free(ledger);
	series_free(scene->series);
	objects_free(scene->objects);
	snapshot_free(&scene->before);
	snapshot_free(&scene->after);
}

static uint64_t dropped(const struct ledger *ledger)
{
	struct ledger_sum sum;

	ledger_sum(ledger, &sum);
	return sum.dropped;
}

/* An action of the device that the link stands on, at the hook that the row speaks of. */
static const struct object *beside(struct scene *scene, const struct row *row)
{
	scene->link->link = scene->child->id;
	scene->rule->link = scene->child->id;
	object_label(scene->rule, LABEL_HOOK, strcmp(row->condition, "QUEUE") == 0 ? "queue" : "ingress");
	return scene->rule;
}

/* Where a row's inner counter has to be, seen from the link, for the row to hold. */
static const struct object *right_place(struct scene *scene, const struct row *row)
{
	if (strcmp(row->place, "PEER") == 0)
		scene->link->peer = scene->peer->id;
	if (strcmp(row->condition, "BOND") == 0)
		object_label(scene->link, LABEL_KIND, "bond");
	if (strcmp(row->condition, "SYN_COOKIES") == 0)
		stood(scene, C_SYSCTL_TCP_SYNCOOKIES, scene->link, 1);
	if (strcmp(row->place, "SAME") == 0)
		return scene->link;
	if (strcmp(row->place, "NETNS") == 0)
		return scene->rule;
	if (strcmp(row->condition, "NEIGHBOUR4") == 0)
		return scene->arp;
	if (strcmp(row->condition, "NEIGHBOUR6") == 0)
		return scene->ndisc;
	if (strcmp(row->place, "HOST") == 0)
		return scene->cpu;
	if (strcmp(row->place, "PEER") == 0)
		return scene->peer;
	if (strcmp(row->place, "CHILD") == 0)
		return scene->child;
	if (strcmp(row->place, "DEVICE") == 0) {
		scene->link->link = scene->child->id;
		return scene->child;
	}
	if (strcmp(row->place, "BESIDE") == 0)
		return beside(scene, row);
	fail_msg("no test for the place %s", row->place);
	return NULL;
}

/* Another object, for which the row must not hold; NULL where every place is right. */
static const struct object *wrong_place(struct scene *scene, const struct row *row)
{
	if (strcmp(row->place, "HOST") == 0)
		return NULL;
	return strcmp(row->place, "NETNS") == 0 ? scene->far_rule : scene->peer;
}

static void name_row(const struct row *row, const char *what, uint64_t got)
{
	fail_msg("%s in %s (%s, %s): %s, the sum is %llu", counter_name(row->inner), counter_name(row->outer),
		 row->place, row->condition, what, (unsigned long long)got);
}

static void every_row_counts_once(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene = { 0 };
		const struct object *inner;
		struct ledger *ledger;

		scene_begin(&scene);
		inner = right_place(&scene, &rows[i]);
		rose(&scene, rows[i].outer, scene.link, PACKETS);
		rose(&scene, rows[i].inner, inner, PACKETS);
		ledger = scene_ledger(&scene);
		if (dropped(ledger) != PACKETS)
			name_row(&rows[i], "counted twice", dropped(ledger));
		if (ledger_left(ledger, rows[i].outer, scene.link->id))
			name_row(&rows[i], "stays with the outer one", dropped(ledger));
		assert_int_equal(ledger_left(ledger, rows[i].inner, inner->id), PACKETS);
		scene_end(&scene, ledger);
	}
	assert_true(ARRAY_SIZE(rows) > 50);
}

/* What the outer one counted beyond the inner one is its own; a larger inner one takes no more than there is. */
static void every_row_keeps_the_rest(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (uint64_t extra = 0; extra < 2; extra++) {
			uint64_t outer = extra ? PACKETS + 40 : PACKETS - 40, most = extra ? outer : PACKETS;
			struct scene scene = { 0 };
			struct ledger *ledger;

			scene_begin(&scene);
			rose(&scene, rows[i].outer, scene.link, outer);
			rose(&scene, rows[i].inner, right_place(&scene, &rows[i]), PACKETS);
			ledger = scene_ledger(&scene);
			if (dropped(ledger) != most)
				name_row(&rows[i], extra ? "40 more are lost" : "40 fewer", dropped(ledger));
			scene_end(&scene, ledger);
		}
	}
}

static void no_row_reaches_further(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene = { 0 };
		const struct object *inner;
		struct ledger *ledger;

		scene_begin(&scene);
		inner = wrong_place(&scene, &rows[i]);
		if (inner) {
			rose(&scene, rows[i].outer, scene.link, PACKETS);
			rose(&scene, rows[i].inner, inner, PACKETS);
		}
		ledger = scene_ledger(&scene);
		if (inner && dropped(ledger) != 2 * PACKETS)
			name_row(&rows[i], "taken from another place", dropped(ledger));
		scene_end(&scene, ledger);
	}
}

/* Undoes a condition, each but ALWAYS; returns where the inner counter is then. */
static const struct object *undo_condition(struct scene *scene, const struct row *row)
{
	const struct object *inner = right_place(scene, row);

	if (strcmp(row->condition, "NEIGHBOUR4") == 0)
		return scene->ndisc;
	if (strcmp(row->condition, "NEIGHBOUR6") == 0)
		return scene->arp;
	if (strcmp(row->condition, "BOND") == 0)
		object_label(scene->link, LABEL_KIND, "bridge");
	else if (strcmp(row->condition, "VETH") == 0)
		object_label(scene->link, LABEL_KIND, "ether");
	else if (strcmp(row->condition, "VETH_PEER_UNSEEN") == 0)
		scene->link->peer = scene->peer->id;
	else if (strcmp(row->condition, "EGRESS_HOOK") == 0)
		object_label(scene->rule, LABEL_HOOK, "input");
	else if (strcmp(row->condition, "CLSACT") == 0)
		object_label(scene->rule, LABEL_HOOK, "queue");
	else if (strcmp(row->condition, "QUEUE") == 0)
		object_label(scene->rule, LABEL_HOOK, "egress");
	else if (strcmp(row->condition, "SYN_COOKIES") == 0)
		stood(scene, C_SYSCTL_TCP_SYNCOOKIES, scene->link, 0);
	else
		fail_msg("no test for the condition %s", row->condition);
	return inner;
}

static void conditions_are_conditions(void **state)
{
	size_t tested = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene = { 0 };
		struct ledger *ledger;

		if (strcmp(rows[i].condition, "ALWAYS") == 0)
			continue;
		scene_begin(&scene);
		rose(&scene, rows[i].outer, scene.link, PACKETS);
		rose(&scene, rows[i].inner, undo_condition(&scene, &rows[i]), PACKETS);
		ledger = scene_ledger(&scene);
		if (dropped(ledger) != 2 * PACKETS)
			name_row(&rows[i], "holds without its condition", dropped(ledger));
		scene_end(&scene, ledger);
		tested++;
	}
	assert_true(tested >= 3);
}

/* Three levels of queues count one drop each; the sender is told of it once. */
static void a_tree_of_queues_is_one_loss(void **state)
{
	struct scene scene = { 0 };
	struct object *root, *class, *leaf;
	struct ledger *ledger;

	scene_begin(&scene);
	root = make(&scene, OBJECT_QDISC, 7, 21);
	class = make(&scene, OBJECT_CLASS, 7, 22);
	leaf = make(&scene, OBJECT_QDISC, 7, 23);
	class->parent = root->id;
	leaf->parent = class->id;
	rose(&scene, C_QDISC_DROPS, root, PACKETS);
	rose(&scene, C_CLASS_DROPS, class, PACKETS);
	rose(&scene, C_QDISC_DROPS, leaf, PACKETS);
	rose(&scene, C_QDISC_DROP_OVERLIMIT, leaf, PACKETS);
	rose(&scene, C_IP_OUT_DISCARDS, scene.near, PACKETS);
	rose(&scene, C_UDP_SNDBUF_ERRORS, scene.near, PACKETS);
	ledger = scene_ledger(&scene);
	assert_int_equal(dropped(ledger), PACKETS);
	assert_int_equal(ledger_left(ledger, C_QDISC_DROPS, leaf->id), PACKETS);
	scene_end(&scene, ledger);
}

/* Two devices of one namespace share one sum: each inner packet leaves it once. */
static void one_inner_packet_leaves_one_outer(void **state)
{
	struct scene scene = { 0 };
	struct object *second;
	struct ledger *ledger;

	scene_begin(&scene);
	second = make(&scene, OBJECT_LINK, 7, 9);
	rose(&scene, C_SOFTNET_DROPPED, scene.cpu, PACKETS);
	rose(&scene, C_LINK_RX_DROPPED, scene.link, PACKETS);
	rose(&scene, C_LINK_RX_DROPPED, second, PACKETS);
	ledger = scene_ledger(&scene);
	assert_int_equal(dropped(ledger), 2 * PACKETS); /* the second device's are its own */
	assert_int_equal(ledger_left(ledger, C_LINK_RX_DROPPED, second->id), PACKETS);
	scene_end(&scene, ledger);
}

static void claims_end_where_the_packets_do(void **state)
{
	struct scene scene = { 0 };
	struct ledger_sum sum;
	struct ledger *ledger;
	uint32_t id;

	scene_begin(&scene);
	id = scene.near->id;
	rose(&scene, C_UDP_RCVBUF_ERRORS, scene.near, PACKETS);
	rose(&scene, C_TCP_RETRANS_SEGS, scene.near, PACKETS); /* a symptom is no drop */
	ledger = scene_ledger(&scene);
	assert_int_equal(ledger_entries(ledger), 1);
	assert_int_equal(ledger_claim(ledger, C_UDP_RCVBUF_ERRORS, id, 100), 100);
	assert_int_equal(ledger_left(ledger, C_UDP_RCVBUF_ERRORS, id), PACKETS - 100);
	assert_int_equal(ledger_move_elsewhere(ledger, C_UDP_RCVBUF_ERRORS, id, 50), 50);
	assert_int_equal(ledger_claim(ledger, C_UDP_RCVBUF_ERRORS, id, UINT64_MAX), PACKETS - 150);
	assert_int_equal(ledger_claim(ledger, C_UDP_RCVBUF_ERRORS, id, UINT64_MAX), 0);
	assert_int_equal(ledger_move_elsewhere(ledger, C_UDP_RCVBUF_ERRORS, id, UINT64_MAX), 0);
	assert_int_equal(ledger_claim(ledger, C_UDP_RCVBUF_ERRORS, scene.far->id, 1), 0);
	ledger_add(ledger, C_IP_SILENT, id, 30);
	ledger_add(ledger, C_IP_SILENT, scene.far->id, 0);
	assert_int_equal(ledger_entries(ledger), 2);
	ledger_sum(ledger, &sum);
	assert_int_equal(sum.dropped, PACKETS - 50 + 30);
	assert_int_equal(sum.explained, PACKETS - 50);
	assert_int_equal(sum.unexplained, 30);
	assert_int_equal(sum.domains[DOMAIN_SOCKET], PACKETS - 50);
	assert_int_equal(sum.domains[DOMAIN_IP], 30);
	scene_end(&scene, ledger);
}

/* Far more entries than the index begins with: each is found, and nothing else is. */
static void each_of_many_is_found(void **state)
{
	enum { MANY = 3000 };
	struct scene scene = { 0 };
	struct ledger *ledger;

	scene_begin(&scene);
	for (uint64_t i = 0; i < MANY; i++)
		rose(&scene, C_SOCK_DROPS, make(&scene, OBJECT_SOCKET, 7, 100 + i), i + 1);
	ledger = scene_ledger(&scene);
	ledger_add(ledger, C_IP_SILENT, scene.near->id, 30);
	assert_int_equal(ledger_entries(ledger), MANY + 1);
	for (uint64_t i = 0; i < MANY; i++) {
		uint32_t id = make(&scene, OBJECT_SOCKET, 7, 100 + i)->id;

		assert_int_equal(ledger_claim(ledger, C_SOCK_DROPS, id, 1), 1);
		assert_int_equal(ledger_left(ledger, C_SOCK_DROPS, id), i);
		assert_int_equal(ledger_left(ledger, C_SOCK_LISTEN_DROPS, id), 0);
	}
	assert_int_equal(ledger_left(ledger, C_IP_SILENT, scene.near->id), 30);
	scene_end(&scene, ledger);
}

/* ---- conservation ---- */

#define TERMS_MAX 6

static const struct balance {
	const char *what;
	int family;
	bool egress;
	struct {
		counter_id counter;
		uint64_t increase;
	} terms[TERMS_MAX];
	uint64_t low;
} balances[] = {
	{ "all delivered", 4, false, { { C_IP_IN_RECEIVES, 900 }, { C_IP_IN_DELIVERS, 900 } }, 0 },
	{ "delivered and forwarded",
	  4,
	  false,
	  { { C_IP_IN_RECEIVES, 900 }, { C_IP_IN_DELIVERS, 400 }, { C_IP_FORW_DATAGRAMS, 500 } },
	  0 },
	{ "50 vanished", 4, false, { { C_IP_IN_RECEIVES, 900 }, { C_IP_IN_DELIVERS, 850 } }, 50 },
	{ "counted as errors",
	  4,
	  false,
	  { { C_IP_IN_RECEIVES, 900 },
	    { C_IP_IN_DELIVERS, 800 },
	    { C_IP_IN_HDR_ERRORS, 30 },
	    { C_IP_IN_ADDR_ERRORS, 30 },
	    { C_IP_EXT_IN_NO_ROUTES, 40 } },
	  0 },
	{ "refused by the reverse path filter",
	  4,
	  false,
	  { { C_IP_IN_RECEIVES, 900 }, { C_IP_IN_DELIVERS, 800 }, { C_TCP_EXT_IP_REVERSE_PATH_FILTER, 100 } },
	  0 },
	{ "put together again",
	  4,
	  false,
	  { { C_IP_IN_RECEIVES, 900 }, { C_IP_REASM_REQDS, 300 }, { C_IP_REASM_OKS, 100 }, { C_IP_IN_DELIVERS, 700 } },
	  0 },
	{ "more delivered than received: readings moments apart",
	  4,
	  false,
	  { { C_IP_IN_RECEIVES, 900 }, { C_IP_IN_DELIVERS, 950 } },
	  0 },
	{ "two on their way", 4, false, { { C_IP_IN_RECEIVES, 900 }, { C_IP_IN_DELIVERS, 898 } }, 0 },
	{ "three are not", 4, false, { { C_IP_IN_RECEIVES, 900 }, { C_IP_IN_DELIVERS, 897 } }, 3 },
	{ "one in 2000 at a high rate", 4, false, { { C_IP_IN_RECEIVES, 2000000 }, { C_IP_IN_DELIVERS, 1998998 } }, 0 },
	{ "more than that", 4, false, { { C_IP_IN_RECEIVES, 2000000 }, { C_IP_IN_DELIVERS, 1998997 } }, 1003 },
	{ "IPv6: 50 vanished", 6, false, { { C_IP6_IN_RECEIVES, 900 }, { C_IP6_IN_DELIVERS, 850 } }, 50 },
	{ "IPv6: too big",
	  6,
	  false,
	  { { C_IP6_IN_RECEIVES, 900 }, { C_IP6_IN_DELIVERS, 850 }, { C_IP6_IN_TOO_BIG_ERRORS, 50 } },
	  0 },
	{ "IPv6: IPv4's loss is not its own",
	  6,
	  false,
	  { { C_IP6_IN_RECEIVES, 900 }, { C_IP6_IN_DELIVERS, 900 }, { C_IP_IN_RECEIVES, 500 } },
	  0 },
	{ "all sent", 4, true, { { C_IP_OUT_REQUESTS, 900 }, { C_IP_OUT_TRANSMITS, 900 } }, 0 },
	{ "60 were not sent", 4, true, { { C_IP_OUT_REQUESTS, 900 }, { C_IP_OUT_TRANSMITS, 840 } }, 60 },
	{ "cut into fragments",
	  4,
	  true,
	  { { C_IP_OUT_REQUESTS, 900 },
	    { C_IP_FRAG_OKS, 100 },
	    { C_IP_FRAG_CREATES, 300 },
	    { C_IP_OUT_TRANSMITS, 1100 } },
	  0 },
	{ "must not be cut",
	  4,
	  true,
	  { { C_IP_OUT_REQUESTS, 900 }, { C_IP_FRAG_FAILS, 100 }, { C_IP_OUT_TRANSMITS, 800 } },
	  0 },
	{ "IPv6: as many as the bytes may be fragments that conntrack put together",
	  6,
	  false,
	  { { C_IP6_IN_RECEIVES, 3000 },
	    { C_IP6_IN_DELIVERS, 1000 },
	    { C_IP6_IN_OCTETS, 1500 * 1232 },
	    { C_CONNTRACK_COUNT, 50 } },
	  500 },
	{ "IPv6: nothing went on, so nothing was put together",
	  6,
	  false,
	  { { C_IP6_IN_RECEIVES, 3000 }, { C_IP6_IN_OCTETS, 4200000 }, { C_CONNTRACK_COUNT, 50 } },
	  3000 },
	{ "IPv6: fragments that IP itself put together",
	  6,
	  false,
	  { { C_IP6_IN_RECEIVES, 3000 },
	    { C_IP6_REASM_REQDS, 300 },
	    { C_IP6_REASM_OKS, 100 },
	    { C_IP6_IN_DELIVERS, 1000 },
	    { C_IP6_IN_OCTETS, 4200000 },
	    { C_CONNTRACK_COUNT, 50 } },
	  1800 },
	{ "IPv6: no connection is tracked",
	  6,
	  false,
	  { { C_IP6_IN_RECEIVES, 3000 }, { C_IP6_IN_DELIVERS, 1000 }, { C_IP6_IN_OCTETS, 4200000 } },
	  2000 },
	{ "IPv6: 60 were not sent", 6, true, { { C_IP6_OUT_REQUESTS, 900 }, { C_IP6_OUT_TRANSMITS, 840 } }, 60 },
};

static void what_comes_in_goes_somewhere(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(balances); i++) {
		const struct balance *balance = &balances[i];
		uint64_t low = UINT64_MAX, high = 0;
		struct scene scene = { 0 };
		struct ledger *ledger;
		bool read;

		scene_begin(&scene);
		for (size_t t = 0; t < TERMS_MAX && balance->terms[t].increase; t++)
			rose(&scene, balance->terms[t].counter, scene.near, balance->terms[t].increase);
		ledger = scene_ledger(&scene);
		read = balance->egress
			       ? ledger_silent_egress(scene.series, scene.near->id, balance->family, &low, &high)
			       : ledger_silent(scene.series, scene.near->id, balance->family, &low, &high);
		if (!read || low != balance->low || high < low || high < 2)
			fail_msg("%s: at least %llu, at most %llu", balance->what, (unsigned long long)low,
				 (unsigned long long)high);
		scene_end(&scene, ledger);
	}
}

/* Not read is not balanced: no number is given. */
static void what_was_not_read_is_not_balanced(void **state)
{
	struct scene scene = { 0 };
	struct ledger *ledger;
	uint64_t low = 11, high = 12;

	scene_begin(&scene);
	rose(&scene, C_IP_IN_DELIVERS, scene.near, 10);
	rose(&scene, C_IP_OUT_REQUESTS, scene.near, 10); /* kernels before 6.7 have no OutTransmits */
	rose(&scene, C_IP_IN_RECEIVES, scene.far, 900);
	ledger = scene_ledger(&scene);
	assert_false(ledger_silent(scene.series, scene.near->id, 4, &low, &high));
	assert_false(ledger_silent(scene.series, scene.far->id, 6, &low, &high));
	assert_false(ledger_silent_egress(scene.series, scene.near->id, 4, &low, &high));
	assert_int_equal(low, 11);
	assert_int_equal(high, 12);
	scene_end(&scene, ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_counts_once),	   cmocka_unit_test(every_row_keeps_the_rest),
		cmocka_unit_test(no_row_reaches_further),	   cmocka_unit_test(conditions_are_conditions),
		cmocka_unit_test(a_tree_of_queues_is_one_loss),	   cmocka_unit_test(one_inner_packet_leaves_one_outer),
		cmocka_unit_test(claims_end_where_the_packets_do), cmocka_unit_test(each_of_many_is_found),
		cmocka_unit_test(what_comes_in_goes_somewhere),	   cmocka_unit_test(what_was_not_read_is_not_balanced),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
