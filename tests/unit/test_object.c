/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/object: keys, labels, what objects are called and the commands that show their numbers. */
#include "base/parse.h"
#include "base/text.h"
#include "model/object.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define HOME UINT64_C(4026531840)

static int setup(void **state)
{
	struct objects *objects = objects_new();

	objects_set_home(objects, HOME);
	object_intern(objects, (struct object_key){ OBJECT_NETNS, HOME, 0, 0 }, NULL);
	*state = objects;
	return 0;
}

static int teardown(void **state)
{
	objects_free(*state);
	return 0;
}

static struct object *make(struct objects *objects, enum object_kind kind, uint64_t netns, uint64_t a, uint64_t b)
{
	return object_intern(objects, (struct object_key){ kind, netns, a, b }, NULL);
}

/* A namespace of another inode, with what opens it. */
static struct object *make_netns(struct objects *objects, uint64_t inode, const char *path, pid_t pid)
{
	struct object *netns = make(objects, OBJECT_NETNS, inode, 0, 0);

	object_label(netns, LABEL_PATH, path);
	netns->pid = pid;
	return netns;
}

static struct object *make_link(struct objects *objects, uint64_t netns, const char *name)
{
	struct object *link = make(objects, OBJECT_LINK, netns, 2, 0);

	object_label(link, LABEL_NAME, name);
	return link;
}

static void assert_check(const struct objects *objects, counter_id counter, const struct object *object,
			 const char *expected)
{
	CLEANUP_TEXT struct text text = { 0 };

	counter_check(objects, counter, object, &text);
	assert_string_equal(text_string(&text), expected);
}

static void assert_fill(const struct objects *objects, counter_id counter, const struct object *object,
			const char *template, const char *expected)
{
	CLEANUP_TEXT struct text text = { 0 };

	template_fill(objects, counter, object, template, &text);
	assert_string_equal(text_string(&text), expected);
}

static void assert_described(const struct objects *objects, const struct object *object, const char *expected,
			     const char *placed)
{
	CLEANUP_TEXT struct text plain = { 0 };
	CLEANUP_TEXT struct text with_place = { 0 };

	object_describe(objects, object, &plain);
	object_describe_placed(objects, object, &with_place);
	assert_string_equal(text_string(&plain), expected);
	assert_string_equal(text_string(&with_place), placed);
}

/* ---- the registry ---- */

static void one_key_is_one_object(void **state)
{
	struct objects *objects = *state;
	struct object_key key = { OBJECT_QUEUE, HOME, 2, UINT64_C(1) << 32 | 3 };
	bool is_new = false;
	struct object *object = object_intern(objects, key, &is_new);

	assert_true(is_new);
	assert_ptr_equal(object_intern(objects, key, &is_new), object);
	assert_false(is_new);
	assert_ptr_equal(object_find(objects, key), object);
	assert_ptr_equal(object_get(objects, object->id), object);
	key.b = 3; /* the receive queue of the same number */
	assert_null(object_find(objects, key));
	assert_ptr_not_equal(object_intern(objects, key, NULL), object);
}

static void the_host_is_first(void **state)
{
	struct objects *objects = *state;
	const struct object *host = object_get(objects, OBJECT_HOST_ID);

	assert_int_equal(host->key.kind, OBJECT_HOST);
	assert_null(object_netns(objects, host));
	assert_null(object_link(objects, host));
}

static void objects_know_their_namespace(void **state)
{
	struct objects *objects = *state;
	const struct object *home = object_find(objects, (struct object_key){ OBJECT_NETNS, HOME, 0, 0 });
	const struct object *link = make_link(objects, HOME, "eth0");
	struct object *queue = make(objects, OBJECT_QUEUE, HOME, 2, 0);

	queue->link = link->id;
	assert_ptr_equal(object_netns(objects, home), home);
	assert_ptr_equal(object_netns(objects, link), home);
	assert_ptr_equal(object_link(objects, link), link);
	assert_ptr_equal(object_link(objects, queue), link);
	assert_null(object_netns(objects, make(objects, OBJECT_CPU, 0, 1, 0)));
}

static void many_objects_stay_where_they_are(void **state)
{
	struct objects *objects = *state;
	struct object *first = make(objects, OBJECT_SOCKET, HOME, 1, 17);
	size_t before = objects_count(objects);

	for (uint64_t i = 0; i < 4000; i++)
		assert_int_equal(make(objects, OBJECT_SOCKET, HOME, 1000 + i, 17)->id, before + i);
	assert_int_equal(objects_count(objects), before + 4000);
	assert_ptr_equal(make(objects, OBJECT_SOCKET, HOME, 1, 17), first);
	for (uint64_t i = 0; i < 4000; i++)
		assert_int_equal(make(objects, OBJECT_SOCKET, HOME, 1000 + i, 17)->id, before + i);
}

static void labels_are_set_changed_and_removed(void **state)
{
	struct objects *objects = *state;
	struct object *link = make_link(objects, HOME, "eth0");
	const char *kept = object_text(link, LABEL_NAME);

	object_label(link, LABEL_NAME, "eth0");
	assert_ptr_equal(object_text(link, LABEL_NAME), kept); /* an equal value costs nothing */
	object_labelf(link, LABEL_NAME, "eth%d", 1);
	assert_string_equal(object_text(link, LABEL_NAME), "eth1");
	object_label(link, LABEL_NAME, NULL);
	assert_string_equal(object_text(link, LABEL_NAME), "");
	assert_string_equal(object_text(link, LABEL_DRIVER), "");
}

static void every_kind_has_a_word(void **state)
{
	for (size_t i = 0; i < OBJECT_KIND_COUNT; i++) {
		const char *name = object_kind_name((enum object_kind)i);

		assert_true(*name);
		for (size_t other = 0; other < i; other++)
			assert_string_not_equal(name, object_kind_name((enum object_kind)other));
	}
	assert_string_equal(object_kind_name(OBJECT_KIND_COUNT), "");
}

/* ---- what objects are called ---- */

static void things_are_called_by_their_names(void **state)
{
	struct objects *objects = *state;
	const struct object *link = make_link(objects, HOME, "eth0");
	struct object *qdisc = make(objects, OBJECT_QDISC, HOME, 2, 1);
	struct object *rule = make(objects, OBJECT_RULE, HOME, 9, 7);

	qdisc->link = link->id;
	object_label(qdisc, LABEL_NAME, "qdisc tbf 8001: root");
	object_label(rule, LABEL_NAME, "nft inet filter input handle 7");
	assert_described(objects, object_get(objects, OBJECT_HOST_ID), "this host", "this host");
	assert_described(objects, make(objects, OBJECT_CPU, 0, 3, 0), "CPU 3", "CPU 3");
	assert_described(objects, link, "eth0", "eth0");
	assert_described(objects, qdisc, "qdisc tbf 8001: root on eth0", "qdisc tbf 8001: root on eth0");
	assert_described(objects, rule, "nft inet filter input handle 7", "nft inet filter input handle 7");
}

/* The kernel used the number again: people know the namespace by it all the same. */
static void the_number_of_a_namespace_is_said_without_its_holder(void **state)
{
	struct objects *objects = *state;
	uint64_t first = object_netns_key(4026532000, 0), second = object_netns_key(4026532000, 1);
	const struct object *earlier = make(objects, OBJECT_NETNS, first, 0, 0);
	const struct object *later = make(objects, OBJECT_NETNS, second, 0, 0);
	const struct object *link = make_link(objects, second, "eth0");

	assert_int_equal(first, 4026532000);
	assert_ptr_not_equal(earlier, later);
	assert_ptr_equal(object_netns(objects, link), later);
	assert_int_equal(object_netns_inode(later->key.netns), 4026532000);
	assert_described(objects, earlier, "namespace net:[4026532000]", "namespace net:[4026532000]");
	assert_described(objects, later, "namespace net:[4026532000]", "namespace net:[4026532000]");
}

static void sockets_name_their_process(void **state)
{
	struct objects *objects = *state;
	struct object *socket = make(objects, OBJECT_SOCKET, HOME, 5, 17);
	struct object *process = make(objects, OBJECT_PROCESS, 0, 12, 1000);

	object_label(socket, LABEL_NAME, "udp 10.0.0.1:53");
	assert_described(objects, socket, "udp 10.0.0.1:53", "udp 10.0.0.1:53");
	process->pid = 12;
	object_label(process, LABEL_COMM, "dnsd");
	socket->owner = process->id;
	assert_described(objects, socket, "udp 10.0.0.1:53 (dnsd, pid 12)", "udp 10.0.0.1:53 (dnsd, pid 12)");
	assert_described(objects, process, "dnsd (pid 12)", "dnsd (pid 12)");
}

static void namespaces_are_told_apart(void **state)
{
	struct objects *objects = *state;
	struct object *blue = make_netns(objects, 77, "/run/netns/blue", 0);
	struct object *nameless = make_netns(objects, 78, NULL, 0);

	object_label(blue, LABEL_NAME, "blue");
	assert_described(objects, make(objects, OBJECT_NETNS, HOME, 0, 0), "this host", "this host");
	assert_described(objects, blue, "namespace blue", "namespace blue");
	assert_described(objects, nameless, "namespace net:[78]", "namespace net:[78]");
	assert_described(objects, make_link(objects, 77, "eth0"), "eth0", "eth0 in namespace blue");
	assert_described(objects, make_link(objects, 78, "eth0"), "eth0", "eth0 in namespace net:[78]");
}

/* ---- commands ---- */

static void home_needs_no_prefix(void **state)
{
	struct objects *objects = *state;

	assert_check(objects, C_LINK_RX_DROPPED, make_link(objects, HOME, "eth0"), "ip -s -s link show dev eth0");
	assert_check(objects, C_UDP_RCVBUF_ERRORS, make(objects, OBJECT_NETNS, HOME, 0, 0),
		     "nstat -az UdpRcvbufErrors");
}

static void a_named_namespace_is_entered_by_name(void **state)
{
	struct objects *objects = *state;

	make_netns(objects, 77, "/run/netns/blue", 900);
	assert_check(objects, C_LINK_RX_DROPPED, make_link(objects, 77, "eth0"),
		     "ip netns exec blue ip -s -s link show dev eth0");
	assert_check(objects, C_LINK_CARRIER_DOWN_COUNT, make_link(objects, 77, "eth0"),
		     "ip netns exec blue cat /sys/class/net/eth0/carrier_down_count");
}

static void a_container_is_entered_by_its_process(void **state)
{
	struct objects *objects = *state;

	make_netns(objects, 77, "/proc/900/ns/net", 900);
	assert_check(objects, C_LINK_RX_DROPPED, make_link(objects, 77, "eth0"),
		     "nsenter -t 900 -n ip -s -s link show dev eth0");
	assert_check(objects, C_LINK_CARRIER_DOWN_COUNT, make_link(objects, 77, "eth0"),
		     "nsenter -t 900 -n unshare -m sh -c 'mount -t sysfs sysfs /sys && "
		     "cat /sys/class/net/eth0/carrier_down_count'");
}

static void a_mounted_namespace_is_entered_by_its_path(void **state)
{
	struct objects *objects = *state;

	make_netns(objects, 77, "/var/run/docker/netns/a1b2", 0);
	assert_check(objects, C_LINK_RX_DROPPED, make_link(objects, 77, "eth0"),
		     "nsenter --net=/var/run/docker/netns/a1b2 ip -s -s link show dev eth0");
}

/* Nothing leads into it: the command alone, rather than one that cannot run. */
static void a_namespace_without_a_door_has_no_prefix(void **state)
{
	struct objects *objects = *state;
	CLEANUP_TEXT struct text text = { 0 };

	object_enter_prefix(objects, make_netns(objects, 77, NULL, 0), &text);
	object_enter_prefix(objects, object_get(objects, OBJECT_HOST_ID), &text);
	assert_string_equal(text_string(&text), "");
}

static void placeholders_are_filled(void **state)
{
	struct objects *objects = *state;
	struct object *rule = make(objects, OBJECT_RULE, HOME, 9, UINT64_C(5) << 32 | 7);
	struct object *socket = make(objects, OBJECT_SOCKET, HOME, 5, 17);
	struct object *process = make(objects, OBJECT_PROCESS, 0, 12, 1000);
	const struct object *cpu = make(objects, OBJECT_CPU, 0, 3, 0);

	process->pid = 12;
	socket->owner = process->id;
	object_label(socket, LABEL_LOCAL, "[::1]:53");
	object_label(rule, LABEL_TABLE, "inet filter");
	object_label(rule, LABEL_CHAIN, "input");
	assert_fill(objects, COUNTER_NONE, rule, "{table}/{chain}/{handle}", "inet filter/input/7");
	assert_fill(objects, COUNTER_NONE, cpu, "row {row}, cpu {cpu}", "row 4, cpu 3");
	assert_fill(objects, COUNTER_NONE, socket, "{local} {port} {pid}", "'[::1]:53' 53 12");
	assert_fill(objects, C_LINK_RX_DROPPED, make_link(objects, HOME, "eth0"), "{name} of {ifname}",
		    "rx_dropped of eth0");
}

static void templates_may_be_broken(void **state)
{
	struct objects *objects = *state;
	const struct object *host = object_get(objects, OBJECT_HOST_ID);

	assert_fill(objects, COUNTER_NONE, host, "", "");
	assert_fill(objects, COUNTER_NONE, host, "plain", "plain");
	assert_fill(objects, COUNTER_NONE, host, "{nobody} knows", "{nobody} knows");
	assert_fill(objects, COUNTER_NONE, host, "[{ifname}]", "[DEVICE]"); /* the host has no device */
	assert_fill(objects, COUNTER_NONE, host, "open {ifname", "open {ifname");
}

static bool is_placeholder(struct slice field)
{
	static const char *const known[] = { "ifname", "cpu",	"row", "name",	"handle", "table",
					     "driver", "chain", "pid", "local", "port",	  "path" };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (slice_is(field, known[i]))
			return true;
	}
	return false;
}

/* A word in braces in a row is a placeholder that exists; what a shell or awk has there is no single word. */
static void every_row_names_known_placeholders(void **state)
{
	size_t seen = 0;

	for (counter_id id = 0; id < COUNTER_STATIC; id++) {
		const char *check = counter_get(id)->check;
		struct cursor cursor = cursor_of(check, strlen(check));
		struct slice part;

		while (cursor_until(&cursor, '{', &part) && cursor_until(&cursor, '}', &part)) {
			bool word = part.length && strspn(part.data, "abcdefghijklmnopqrstuvwxyz_") >= part.length;

			if (word && !is_placeholder(part))
				fail_msg("%s: {%.*s} is never filled", counter_name(id), (int)part.length, part.data);
			seen += word;
		}
	}
	assert_true(seen > 100);
}

/* Whoever runs a container names its devices and namespaces: a command that is pasted must not run those names. */
static void names_are_quoted_for_the_shell(void **state)
{
	struct objects *objects = *state;

	make_netns(objects, 77, "/run/netns/a b;reboot", 0);
	make_netns(objects, 78, "/tmp/it's", 0);
	assert_check(objects, C_LINK_RX_DROPPED, make_link(objects, 77, "$(id)"),
		     "ip netns exec 'a b;reboot' ip -s -s link show dev '$(id)'");
	assert_check(objects, C_LINK_RX_DROPPED, make_link(objects, 78, "eth0.5@if2"),
		     "nsenter --net='/tmp/it'\\''s' ip -s -s link show dev eth0.5@if2");
}

#define WITH_OBJECTS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_OBJECTS(one_key_is_one_object),
		WITH_OBJECTS(the_host_is_first),
		WITH_OBJECTS(objects_know_their_namespace),
		WITH_OBJECTS(many_objects_stay_where_they_are),
		WITH_OBJECTS(labels_are_set_changed_and_removed),
		WITH_OBJECTS(every_kind_has_a_word),
		WITH_OBJECTS(things_are_called_by_their_names),
		WITH_OBJECTS(the_number_of_a_namespace_is_said_without_its_holder),
		WITH_OBJECTS(sockets_name_their_process),
		WITH_OBJECTS(namespaces_are_told_apart),
		WITH_OBJECTS(home_needs_no_prefix),
		WITH_OBJECTS(a_named_namespace_is_entered_by_name),
		WITH_OBJECTS(a_container_is_entered_by_its_process),
		WITH_OBJECTS(a_mounted_namespace_is_entered_by_its_path),
		WITH_OBJECTS(a_namespace_without_a_door_has_no_prefix),
		WITH_OBJECTS(placeholders_are_filled),
		WITH_OBJECTS(templates_may_be_broken),
		WITH_OBJECTS(every_row_names_known_placeholders),
		WITH_OBJECTS(names_are_quoted_for_the_shell),
	};

	return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}
