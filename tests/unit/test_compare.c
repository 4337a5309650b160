/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diagnose/compare: what is told of two hosts made by hand, and what is not. */
#include "base/clock.h"
#include "diagnose/compare.h"
#include "diagnose/diagnose.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define START_NS (10 * NS_PER_S)
#define WINDOW_MS 3000
#define STEP_MS 100

enum { HOST, HOME, POD, LINK, OTHER_LINK, READER, THINGS };

/* A number over the window: what it is at first, and by how much it moves in each step between two moments. */
struct number {
	counter_id counter;
	uint8_t thing;
	uint64_t value;
	uint64_t per_step, from_ms, until_ms;
};

#define NUMBERS_MAX 32

struct machine {
	const char *link, *pod, *driver, *firmware;
	unsigned int ifindex, seed;
	struct number numbers[NUMBERS_MAX];
	const char *kernel;
	unsigned int cpus;
	bool no_sockets;
	/* made of these */
	struct objects *objects;
	struct object *things[THINGS];
	struct series *series;
	struct diagnosis diagnosis;
};

static struct object *make(struct machine *machine, struct object_key key, const char *name)
{
	struct object *object = object_intern(machine->objects, key, NULL);

	assert_non_null(object);
	object_label(object, LABEL_NAME, name);
	object->netns = machine->things[HOME] ? machine->things[HOME]->id : object->id;
	return object;
}

static void make_things(struct machine *machine)
{
	uint64_t home = 7 + machine->seed;

	machine->objects = objects_new();
	objects_set_home(machine->objects, home);
	machine->things[HOST] = object_get(machine->objects, OBJECT_HOST_ID);
	machine->things[HOME] = make(machine, (struct object_key){ OBJECT_NETNS, home, 0, 0 }, NULL);
	machine->things[POD] = make(machine, (struct object_key){ OBJECT_NETNS, home + 1, 0, 0 }, machine->pod);
	machine->things[POD]->netns = machine->things[POD]->id;
	machine->things[LINK] =
		make(machine, (struct object_key){ OBJECT_LINK, home, machine->ifindex, 0 }, machine->link);
	object_label(machine->things[LINK], LABEL_DRIVER, machine->driver);
	object_label(machine->things[LINK], LABEL_FIRMWARE, machine->firmware);
	machine->things[OTHER_LINK] = make(machine, (struct object_key){ OBJECT_LINK, home, 90, 0 }, "dummy7");
	machine->things[READER] =
		make(machine, (struct object_key){ OBJECT_SOCKET, home, 1000 + machine->seed, 17 }, "udp 0.0.0.0:53");
	object_label(machine->things[READER], LABEL_PROTOCOL, "udp");
	object_label(machine->things[READER], LABEL_LOCAL, "0.0.0.0:53");
	machine->series = series_new(machine->objects);
}

static uint64_t value_at(const struct number *number, uint64_t ms)
{
	uint64_t until = number->until_ms && number->until_ms < ms ? number->until_ms : ms;

	return number->value + (until > number->from_ms ? (until - number->from_ms) / STEP_MS * number->per_step : 0);
}

static void read_at(const struct machine *machine, uint64_t ms)
{
	static const enum source_id sources[] = { SOURCE_SNMP,	  SOURCE_SNMP6,	 SOURCE_NETSTAT, SOURCE_LINK,
						  SOURCE_ETHTOOL, SOURCE_SOCKET, SOURCE_SYSCTL };
	struct snapshot snapshot = { 0 };
	struct coverage *coverage;

	snapshot_begin(&snapshot, machine->objects);
	snapshot.time_ns = START_NS + ms * NS_PER_MS;
	for (const struct number *number = machine->numbers; number->thing; number++) {
		if (!machine->no_sockets || number->thing != READER)
			snapshot_add(&snapshot, number->counter, machine->things[number->thing], value_at(number, ms));
	}
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		if (!machine->no_sockets || sources[i] != SOURCE_SOCKET)
			snapshot_covered(&snapshot, sources[i], machine->things[HOME]);
	}
	vec_each(&snapshot.coverage, coverage)
		coverage->time_ns = snapshot.time_ns;
	series_add(machine->series, &snapshot);
	snapshot_free(&snapshot);
}

static void watch(struct machine *machine)
{
	const struct diagnose_options options = { 0 };

	make_things(machine);
	for (uint64_t ms = 0; ms <= WINDOW_MS; ms += STEP_MS)
		read_at(machine, ms);
	series_finish(machine->series);
	diagnose(machine->series, &options, &machine->diagnosis);
}

static void forget(struct machine *machine)
{
	diagnosis_free(&machine->diagnosis);
	series_free(machine->series);
	objects_free(machine->objects);
}

static void hold_against(struct machine *a, struct machine *b, struct comparison *ret)
{
	struct compare_side sides[SIDE_COUNT];

	watch(a);
	watch(b);
	sides[SIDE_A] = (struct compare_side){ &a->diagnosis, a->kernel, a->cpus };
	sides[SIDE_B] = (struct compare_side){ &b->diagnosis, b->kernel, b->cpus };
	compare(sides, ret);
}

static void done(struct machine *a, struct machine *b, struct comparison *comparison)
{
	comparison_free(comparison);
	forget(a);
	forget(b);
}

/* A host of `seed`, whose numbers that differ between equal hosts are its own. */
static struct machine machine_of(unsigned int seed, uint64_t packets)
{
	struct machine machine = {
		.link = "eth0",
		.pod = seed ? "pod-4711" : "pod-815",
		.ifindex = 2 + seed,
		.seed = seed,
		.kernel = "6.1.0",
		.cpus = 2,
		.numbers = {
			{ C_IP_IN_RECEIVES, HOME, 1000 * seed, packets },
			{ C_IP_IN_DELIVERS, HOME, 1000 * seed, packets },
			{ C_IP_OUT_REQUESTS, HOME, 1000 * seed, packets },
			{ C_UDP_IN_DATAGRAMS, HOME, 50 * seed, packets },
			{ C_UDP_RCVBUF_ERRORS, HOME, 17 * seed },
			{ C_UDP_IN_ERRORS, HOME, 17 * seed },
			{ C_SOCKSTAT_UDP_INUSE, HOME, 3 + seed },
			{ C_SYSCTL_IP_FORWARD, HOME, 1 },
			{ C_SYSCTL_IP_FORWARD, POD, 1 },
			{ C_ROUTE_DEFAULT_IFINDEX_V4, HOME, 2 + seed },
			{ C_LINK_MTU, LINK, 1500 },
			{ C_LINK_MTU, OTHER_LINK, 1500 },
			{ C_LINK_RX_PACKETS, LINK, 40 * seed, packets },
			{ C_LINK_TX_PACKETS, LINK, 40 * seed, packets },
			{ C_SYSCTL_TCP_MEM_LOW, HOME, 1000 + 10 * seed },
			{ C_SOCK_RCVBUF, READER, 16000000 },
			{ C_SOCK_INODE, READER, 4000 + seed },
			{ C_SOCK_DROPS, READER, 17 * seed },
		},
	};

	return machine;
}

static struct number *number_of(struct machine *machine, counter_id counter, uint8_t thing)
{
	struct number *number = machine->numbers;

	while (number->thing && (number->counter != counter || number->thing != thing))
		number++;
	assert_in_range(number - machine->numbers, 0, NUMBERS_MAX - 2);
	number->counter = counter;
	number->thing = thing;
	return number;
}

/* So many datagrams meet a full buffer in each step between two moments. */
static void lose(struct machine *machine, uint64_t per_step, uint64_t from_ms, uint64_t until_ms)
{
	static const struct {
		counter_id counter;
		uint8_t thing;
	} counts[] = { { C_UDP_RCVBUF_ERRORS, HOME }, { C_UDP_IN_ERRORS, HOME }, { C_SOCK_DROPS, READER } };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct number *number = number_of(machine, counts[i].counter, counts[i].thing);

		number->per_step = per_step;
		number->from_ms = from_ms;
		number->until_ms = until_ms;
	}
}

static const struct difference *first(const struct comparison *comparison)
{
	assert_true(comparison->differences.count > 0);
	return &comparison->differences.data[0];
}

static const struct difference *find(const struct comparison *comparison, counter_id counter)
{
	const struct difference *difference;

	vec_each(&comparison->differences, difference) {
		if (difference->counter == counter)
			return difference;
	}
	return NULL;
}

/* Another namespace's number, other indexes, other totals, thirty times the traffic. */
static void equal_hosts_do_not_differ(void **state)
{
	struct machine a = machine_of(0, 10), b = machine_of(1, 300);
	struct comparison comparison;

	(void)state;
	hold_against(&a, &b, &comparison);
	if (comparison.differences.count)
		fail_msg("%s", first(&comparison)->what);
	assert_int_equal(comparison.unsure.count, 0);
	assert_true(comparison.settings >= 8);
	assert_true(comparison.counters >= 3);
	assert_true(comparison.enough);
	assert_string_equal(comparison.headline, "Nothing that matters differs between A and B.");
	done(&a, &b, &comparison);
}

static void a_loss_comes_first_and_its_cause_is_named(void **state)
{
	struct machine a = machine_of(0, 100), b = machine_of(1, 100);
	struct comparison comparison;

	(void)state;
	lose(&a, 50, 0, 0);
	number_of(&a, C_SOCK_RCVBUF, READER)->value = 8192;
	number_of(&a, C_LINK_MTU, LINK)->value = 9000;
	hold_against(&a, &b, &comparison);
	assert_int_equal(first(&comparison)->kind, DIFFERENCE_LOSS);
	assert_int_equal(first(&comparison)->domain, DOMAIN_SOCKET);
	assert_true(first(&comparison)->one_sided);
	assert_int_equal(first(&comparison)->counts[SIDE_A], 1500);
	assert_int_equal(first(&comparison)->counts[SIDE_B], 0);
	/* Not certain: such a host was asked for too little to be sure that it lost nothing. */
	assert_int_equal(difference_certainty(first(&comparison)), CERTAINTY_VERY_LIKELY);
	assert_non_null(strstr(comparison.headline, "A loses packets at the socket and B does not"));
	assert_non_null(strstr(comparison.headline, "8,192 bytes on A and 16,000,000 bytes on B"));
	assert_int_equal(find(&comparison, C_SOCK_RCVBUF)->kind, DIFFERENCE_CAUSE);
	assert_int_equal(find(&comparison, C_LINK_MTU)->kind, DIFFERENCE_SETTING);
	assert_true(find(&comparison, C_SOCK_RCVBUF) < find(&comparison, C_LINK_MTU));
	done(&a, &b, &comparison);
}

static void both_ways_round(void **state)
{
	struct machine a = machine_of(0, 100), b = machine_of(1, 100);
	struct comparison comparison;

	(void)state;
	lose(&b, 50, 0, 0);
	hold_against(&a, &b, &comparison);
	assert_non_null(strstr(comparison.headline, "B loses packets at the socket and A does not"));
	done(&a, &b, &comparison);
}

/* Ten times the losses of ten times the packets. */
static void the_same_share_is_no_difference(void **state)
{
	struct machine a = machine_of(0, 1000), b = machine_of(1, 100);
	struct comparison comparison;

	(void)state;
	lose(&a, 50, 0, 0);
	lose(&b, 5, 0, 0);
	hold_against(&a, &b, &comparison);
	assert_int_equal(comparison.differences.count, 0);
	done(&a, &b, &comparison);
}

static void another_share_is_one(void **state)
{
	struct machine a = machine_of(0, 1000), b = machine_of(1, 1000);
	struct comparison comparison;

	(void)state;
	lose(&a, 100, 0, 0);
	lose(&b, 10, 0, 0);
	hold_against(&a, &b, &comparison);
	assert_int_equal(first(&comparison)->kind, DIFFERENCE_LOSS);
	assert_false(first(&comparison)->one_sided);
	assert_non_null(strstr(comparison.headline, "A loses 10 times as many packets at the socket as B"));
	done(&a, &b, &comparison);
}

/* A thousand packets at once are one event. */
static void one_burst_may_be_chance(void **state)
{
	struct machine a = machine_of(0, 1000), b = machine_of(1, 1000);
	struct comparison comparison;

	(void)state;
	lose(&a, 1000, 1000, 1100);
	hold_against(&a, &b, &comparison);
	assert_int_equal(comparison.differences.count, 0);
	assert_int_equal(comparison.unsure.count, 1);
	assert_non_null(strstr(comparison.headline, "What may be chance: A loses packets at the socket"));
	done(&a, &b, &comparison);
}

/* Two bursts against four. */
static void a_few_bursts_more_are_noise(void **state)
{
	struct machine a = machine_of(0, 1000), b = machine_of(1, 1000);
	struct comparison comparison;

	(void)state;
	lose(&a, 1000, 1000, 1400);
	lose(&b, 1000, 1000, 1200);
	hold_against(&a, &b, &comparison);
	assert_int_equal(comparison.differences.count, 0);
	done(&a, &b, &comparison);
}

/* The interface of the default route has another name; the namespace another number in its name. */
static void roles_are_compared_where_names_differ(void **state)
{
	struct machine a = machine_of(0, 10), b = machine_of(1, 10);
	struct comparison comparison;

	(void)state;
	b.link = "ens3";
	number_of(&b, C_LINK_MTU, LINK)->value = 9000;
	number_of(&b, C_SYSCTL_IP_FORWARD, POD)->value = 0;
	hold_against(&a, &b, &comparison);
	assert_int_equal(comparison.differences.count, 2);
	assert_non_null(find(&comparison, C_LINK_MTU));
	assert_string_equal(find(&comparison, C_LINK_MTU)->what, "link.mtu of eth0");
	assert_string_equal(find(&comparison, C_LINK_MTU)->values[SIDE_B], "9,000 bytes");
	assert_non_null(find(&comparison, C_SYSCTL_IP_FORWARD));
	done(&a, &b, &comparison);
}

static void one_setting_of_many_is_told_once(void **state)
{
	struct machine a = machine_of(0, 10), b = machine_of(1, 10);
	struct comparison comparison;

	(void)state;
	number_of(&a, C_LINK_MTU, LINK)->value = 9000;
	number_of(&a, C_LINK_MTU, OTHER_LINK)->value = 9000;
	hold_against(&a, &b, &comparison);
	assert_int_equal(comparison.differences.count, 1);
	assert_non_null(strstr(first(&comparison)->what, " and 1 more"));
	done(&a, &b, &comparison);
}

static void hosts_are_compared_themselves(void **state)
{
	struct machine a = machine_of(0, 10), b = machine_of(1, 10);
	struct comparison comparison;

	(void)state;
	b.kernel = "6.12.0";
	b.cpus = 8;
	hold_against(&a, &b, &comparison);
	assert_int_equal(comparison.differences.count, 2);
	assert_string_equal(first(&comparison)->what, "kernel version");
	assert_string_equal(comparison.differences.data[1].values[SIDE_B], "8");
	done(&a, &b, &comparison);
}

/* How many differences there are between a card and another one; the first is told by those words. */
static size_t cards_differ(const char *driver, const char *firmware, const char *told)
{
	struct machine a = machine_of(0, 10), b = machine_of(1, 10);
	struct comparison comparison;
	size_t count;

	a.driver = "qede";
	a.firmware = "mfw 8.37.9.0";
	b.driver = driver;
	b.firmware = firmware;
	hold_against(&a, &b, &comparison);
	count = comparison.differences.count;
	if (told) {
		assert_string_equal(first(&comparison)->what, told);
		assert_string_equal(first(&comparison)->values[SIDE_B],
				    strcmp(driver, a.driver) == 0 ? firmware : driver);
	}
	done(&a, &b, &comparison);
	return count;
}

/* Of the same driver; of another one it is another firmware anyhow; where it is not known nothing is told. */
static void another_firmware_is_told(void **state)
{
	(void)state;
	assert_int_equal(cards_differ("qede", "mfw 8.52.9.0", "firmware of eth0"), 1);
	assert_int_equal(cards_differ("bnx2x", "7.13.1", "driver of eth0"), 1);
	assert_int_equal(cards_differ("qede", "mfw 8.37.9.0", NULL), 0);
	assert_int_equal(cards_differ("qede", NULL, NULL), 0);
}

static void what_one_side_was_not_asked_is_said(void **state)
{
	struct machine a = machine_of(0, 10), b = machine_of(1, 10);
	struct comparison comparison;
	bool said = false;
	char **line;

	(void)state;
	b.no_sockets = true;
	hold_against(&a, &b, &comparison);
	assert_int_equal(comparison.differences.count, 0);
	vec_each(&comparison.apart, line)
		said |= strcmp(*line, "read on A only: socket") == 0;
	assert_true(said);
	done(&a, &b, &comparison);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_hosts_do_not_differ),
		cmocka_unit_test(a_loss_comes_first_and_its_cause_is_named),
		cmocka_unit_test(both_ways_round),
		cmocka_unit_test(the_same_share_is_no_difference),
		cmocka_unit_test(another_share_is_one),
		cmocka_unit_test(one_burst_may_be_chance),
		cmocka_unit_test(a_few_bursts_more_are_noise),
		cmocka_unit_test(roles_are_compared_where_names_differ),
		cmocka_unit_test(one_setting_of_many_is_told_once),
		cmocka_unit_test(hosts_are_compared_themselves),
		cmocka_unit_test(another_firmware_is_told),
		cmocka_unit_test(what_one_side_was_not_asked_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
