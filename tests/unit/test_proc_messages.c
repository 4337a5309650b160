/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw, ping and netlink sockets and netfilter queues: rows become sockets and queues, and find their program. */
#include "source/process.h"
#include "source/socket.h"
#include "unit/procfs_fixture.h"
#include "unit/tree_fixture.h"

#include <linux/netlink.h>

#define NETLINK "/proc/thread-self/net/netlink"
#define NFQUEUE "/proc/thread-self/net/netfilter/nfnetlink_queue"
#define RAW "/proc/thread-self/net/raw"
#define NETLINK_HEADER "sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode\n"

#define KEY_NETLINK(port, protocol) \
	((struct object_key){ OBJECT_SOCKET, FIXTURE_NETNS, (port), SOCKET_PROTOCOL_NETLINK(protocol) })
#define KEY_RAW(inode, protocol) \
	((struct object_key){ OBJECT_SOCKET, FIXTURE_NETNS, UINT64_C(1) << 63 | (inode), (protocol) })

/* The kernel's own sockets (port 0) are left out. */
static void netlink_rows_become_sockets(void **state)
{
	struct fixture fixture;
	const struct object *socket;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_netlink, "messages");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 4 * 3);
	assert_int_equal(fixture_value(&fixture, C_NETLINK_DROPS, KEY_NETLINK(712, NETLINK_ROUTE)), 418);
	assert_int_equal(fixture_value(&fixture, C_NETLINK_RMEM, KEY_NETLINK(712, NETLINK_ROUTE)), 213312);
	assert_int_equal(fixture_value(&fixture, C_NETLINK_INODE, KEY_NETLINK(4291002370, NETLINK_ROUTE)), 17444);
	assert_int_equal(fixture_value(&fixture, C_NETLINK_DROPS, KEY_NETLINK(2044, NETLINK_NETFILTER)), 77);
	socket = object_find(fixture.objects, KEY_NETLINK(2044, NETLINK_NETFILTER));
	assert_string_equal(object_text(socket, LABEL_NAME), "netlink netfilter socket, port 2044");
	assert_false(socket->born);
	fixture_end(&fixture);
}

static void netlink_columns_are_told_by_their_names(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_netlink, NETLINK, "Inode Drops Eth Pid Rmem\n9 8 0 7 6\n");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_NETLINK_DROPS, KEY_NETLINK(7, NETLINK_ROUTE)), 8);
	fixture_read_text(&fixture, &source_netlink, NETLINK,
			  "sk Eth Pid Groups Rmem Wmem Dump Locks\n0 0 7 0 0 0 0 2\n");
	expect_missed(&fixture, -EBADMSG, "/proc/net/netlink: not in a known form");
	fixture_end(&fixture);
}

static void netlink_rows_that_are_none_are_left_out(void **state)
{
	static const char *const bad[] = {
		"x 0 7 0 0 0 0 2 1\n",
		"x 99 7 0 0 0 0 2 1 5\n",
		"x 0 -7 0 0 0 0 2 1 5\n",
		"x\n",
		"x 0 4294967296 0 0 0 0 2 1 5\n",
		"\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP_FREE char *text = text_format(NETLINK_HEADER "%sx 0 9 0 0 0 0 2 3 5\n", bad[i]);
		struct fixture fixture;

		fixture_begin(&fixture);
		fixture_read_text(&fixture, &source_netlink, NETLINK, text);
		expect_partly(&fixture, "/proc/net/netlink: a line was not understood");
		assert_int_equal(fixture.snapshot.samples.count, 3);
		fixture_end(&fixture);
	}
}

static void raw_and_ping_sockets_are_told_apart(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_raw, "messages");
	expect_read(&fixture); /* icmp6 is not there */
	assert_int_equal(fixture_value(&fixture, C_RAW_DROPS, KEY_RAW(21021, IPPROTO_RAW)), 1288);
	assert_int_equal(fixture_value(&fixture, C_RAW_RMEM, KEY_RAW(21021, IPPROTO_RAW)), 0x34340);
	assert_int_equal(fixture_value(&fixture, C_RAW_DROPS, KEY_RAW(21023, IPPROTO_RAW)), 3);
	assert_int_equal(fixture_value(&fixture, C_RAW_DROPS, KEY_RAW(21024, IPPROTO_ICMP)), 5);
	assert_string_equal(object_text(object_find(fixture.objects, KEY_RAW(21021, IPPROTO_RAW)), LABEL_NAME),
			    "raw 0.0.0.0:1");
	assert_string_equal(object_text(object_find(fixture.objects, KEY_RAW(21023, IPPROTO_RAW)), LABEL_NAME),
			    "raw [::]:58");
	assert_string_equal(object_text(object_find(fixture.objects, KEY_RAW(21024, IPPROTO_ICMP)), LABEL_NAME),
			    "ping 0.0.0.0:4440");
	fixture_end(&fixture);
}

static void without_raw_sockets_only_the_heading_is_there(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_raw, RAW, "  sl  local_address rem_address …\n");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_read_text(&fixture, &source_raw, RAW, "heading\n 1: bad\n");
	expect_partly(&fixture, "/proc/net/raw: a line was not understood");
	fixture_read_text(&fixture, &source_raw, RAW, "");
	expect_missed(&fixture, -ENODATA, "/proc/net/raw: empty");
	fixture_end(&fixture);
}

static void queues_belong_to_the_socket_that_empties_them(void **state)
{
	const struct object_key queue = { OBJECT_NFQUEUE, FIXTURE_NETNS, 0, 0 };
	struct fixture fixture;
	const struct object *socket;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_netlink, "messages");
	fixture_read(&fixture, &source_nfqueue, "messages");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_NFQUEUE_DROPPED, queue), 918);
	assert_int_equal(fixture_value(&fixture, C_NFQUEUE_USER_DROPPED, queue), 77);
	assert_int_equal(fixture_value(&fixture, C_NFQUEUE_WAITING, queue), 1024);
	socket = object_find(fixture.objects, KEY_NETLINK(2044, NETLINK_NETFILTER));
	assert_int_equal(object_find(fixture.objects, queue)->parent, socket->id);
	assert_string_equal(object_text(object_find(fixture.objects, queue), LABEL_NAME), "netfilter queue 0");
	assert_int_equal(
		object_find(fixture.objects, (struct object_key){ OBJECT_NFQUEUE, FIXTURE_NETNS, 7, 0 })->parent,
		OBJECT_HOST_ID);
	fixture_end(&fixture);
}

/* No program listens: the file is there and empty, or the kernel has no such part. */
static void without_queues_nothing_is_missed(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_nfqueue, "sctp");
	expect_read(&fixture);
	fixture_read_text(&fixture, &source_nfqueue, NFQUEUE, "");
	expect_read(&fixture);
	fixture_read_text(&fixture, &source_nfqueue, NFQUEUE, "0 2044 0 2 65531 1\n");
	expect_partly(&fixture, "/proc/net/netfilter/nfnetlink_queue: a line was not understood");
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_end(&fixture);
}

/* ---- the load balancer ---- */

#define IPVS "/proc/thread-self/net/ip_vs_stats"
#define IPVS_HEADING                                                     \
	"   Total Incoming Outgoing         Incoming         Outgoing\n" \
	"   Conns  Packets  Packets            Bytes            Bytes\n"

static void the_load_balancer_counts_in_hexadecimal(void **state)
{
	const struct object_key home = { OBJECT_NETNS, FIXTURE_NETNS, 0, 0 };
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read_text(&fixture, &source_ipvs, IPVS,
			  IPVS_HEADING "     1A2     9C40     9C3F          26ABCDE                0\n\n"
				       " Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n"
				       "       0        0        0                0                0\n");
	expect_read(&fixture);
	assert_int_equal(fixture.snapshot.samples.count, 1);
	assert_int_equal(fixture_value(&fixture, C_IPVS_IN_PACKETS, home), 40000);
	fixture_end(&fixture);
}

static void without_a_load_balancer_nothing_is_missed(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_ipvs, "sctp");
	expect_read(&fixture);
	fixture_read_text(&fixture, &source_ipvs, IPVS, IPVS_HEADING);
	expect_missed(&fixture, -EBADMSG, "/proc/net/ip_vs_stats: not in a known form");
	fixture_read_text(&fixture, &source_ipvs, IPVS, IPVS_HEADING "  Conns  Packets\n");
	expect_missed(&fixture, -EBADMSG, "/proc/net/ip_vs_stats: not in a known form");
	assert_int_equal(fixture.snapshot.samples.count, 0);
	fixture_end(&fixture);
}

/* ---- over a window ---- */

static void a_process(const struct tree *tree, int pid, unsigned int inode)
{
	CLEANUP_FREE char *path = text_format("/proc/%d/stat", pid);
	CLEANUP_FREE char *link = text_format("/proc/%d/fd/3", pid);
	CLEANUP_FREE char *target = text_format("socket:[%u]", inode);
	CLEANUP_FREE char *stat =
		text_format("%d (worker) S 1 1 1 0 -1 0 0 0 2 0 5 0 0 0 20 0 1 0 900 0 0 0 0 0 0 0 0 0 "
			    "0 0 0 0 0 0 17 0 0 0 0 0 0\n",
			    pid);

	tree_file(tree, path, stat);
	tree_link(tree, link, target);
}

static void those_that_drop_are_looked_up(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct object *queue;

	for (unsigned int drops = 0; drops <= 9; drops += 9) {
		CLEANUP_FREE char *netlink =
			text_format(NETLINK_HEADER
				    "x 0 70 0 0 0 0 2 %u 501\nx 12 71 0 0 0 0 2 0 502\nx 0 72 0 0 0 0 2 0 503\n",
				    drops);
		CLEANUP_FREE char *nfqueue = text_format("4 71 1024 2 65531 %u 0 99 1\n", drops);
		CLEANUP_FREE char *raw = text_format("heading\n 1: 00000000:0001 00000000:0000 07 00000000:00000000 "
						     "00:00000000 00000000 0 0 504 2 0 %u\n",
						     drops);

		tree_file(tree, NETLINK, netlink);
		tree_file(tree, NFQUEUE, nfqueue);
		tree_file(tree, RAW, raw);
		tree_read(tree, &source_netlink);
		tree_read(tree, &source_nfqueue);
		tree_read(tree, &source_raw);
	}
	for (int i = 0; i < 4; i++)
		a_process(tree, 200 + i, 501 + (unsigned int)i);
	tree_read(tree, &source_process);
	queue = tree_object(tree, "netfilter queue 4");
	assert_int_equal(tree_object(tree, "netlink route socket, port 70")->owner,
			 tree_object(tree, "worker (pid 200)")->id);
	assert_int_equal(object_get(tree->objects, queue->parent)->owner, tree_object(tree, "worker (pid 201)")->id);
	assert_int_equal(tree_object(tree, "netlink route socket, port 72")->owner, 0); /* it lost nothing */
	assert_int_equal(tree_object(tree, "raw 0.0.0.0:1")->owner, tree_object(tree, "worker (pid 203)")->id);
}

/* What a socket lost that came in the window it lost in the window. */
static void a_socket_that_came_counts_from_zero(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	tree_file(tree, NETLINK, NETLINK_HEADER "x 0 70 0 0 0 0 2 40 501\n");
	tree_read(tree, &source_netlink);
	tree_file(tree, NETLINK, NETLINK_HEADER "x 0 70 0 0 0 0 2 40 501\nx 0 80 0 0 0 0 2 6 601\n");
	tree_read(tree, &source_netlink);
	assert_int_equal(tree_value(tree, C_NETLINK_DROPS, "netlink route socket, port 70"), 0);
	assert_int_equal(tree_value(tree, C_NETLINK_DROPS, "netlink route socket, port 80"), 6);
}

static void a_queue_that_came_counts_from_zero(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	tree_file(tree, NFQUEUE, "");
	tree_read(tree, &source_nfqueue);
	tree_file(tree, NFQUEUE, "4 71 1024 2 65531 60 7 99 1\n");
	tree_read(tree, &source_nfqueue);
	assert_int_equal(tree_value(tree, C_NFQUEUE_DROPPED, "netfilter queue 4"), 60);
	assert_int_equal(tree_value(tree, C_NFQUEUE_USER_DROPPED, "netfilter queue 4"), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(netlink_rows_become_sockets),
		cmocka_unit_test(netlink_columns_are_told_by_their_names),
		cmocka_unit_test(netlink_rows_that_are_none_are_left_out),
		cmocka_unit_test(raw_and_ping_sockets_are_told_apart),
		cmocka_unit_test(without_raw_sockets_only_the_heading_is_there),
		cmocka_unit_test(queues_belong_to_the_socket_that_empties_them),
		cmocka_unit_test(without_queues_nothing_is_missed),
		cmocka_unit_test(the_load_balancer_counts_in_hexadecimal),
		cmocka_unit_test(without_a_load_balancer_nothing_is_missed),
		cmocka_unit_test(those_that_drop_are_looked_up),
		cmocka_unit_test(a_socket_that_came_counts_from_zero),
		cmocka_unit_test(a_queue_that_came_counts_from_zero),
	};

	return cmocka_run_group_tests_name("source/proc messages", tests, NULL, NULL);
}
