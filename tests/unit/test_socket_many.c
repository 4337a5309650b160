/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/socket on a host that makes connections all the time: beyond a number of them, gone ones included, a quiet one is
 * no longer kept, and one in trouble still is.
 */
#include "source/socket.h"
#include "unit/tree_fixture.h"

#include <linux/tcp.h>

static bool left_out; /* by the last reading */

/* Connections with the cookies from `first` on, each of which has sent so much again. */
static void read_connections(struct tree *tree, unsigned int seen, uint64_t first, uint64_t count, uint32_t retrans)
{
	struct source_context context = tree_context(tree);
	struct socket_reading reading = { .context = &context, .snapshot = &tree->snapshot, .seen = seen };
	const struct tcp_info info = { .tcpi_total_retrans = retrans, .tcpi_segs_out = 100 };
	struct socket_facts facts = {
		.known = SOCKET_HAS_COOKIE,
		.protocol = IPPROTO_TCP,
		.state = SOCKET_ESTABLISHED,
		.local = { .family = AF_INET, .port = 443 },
		.remote = { .family = AF_INET, .port = 5000 },
		.tcp_info = &info,
		.tcp_info_length = sizeof(info),
	};

	tree_begin(tree);
	for (uint64_t i = 0; i < count; i++) {
		facts.cookie = first + i;
		assert_true(socket_take(&reading, &facts));
	}
	assert_int_equal(reading.connections, count);
	assert_false(reading.cut);
	left_out = reading.left_out;
	socket_finish(&reading);
	tree_end(tree);
}

/* Known connections 1 to `count`, as many at a time as are taken. */
static struct tree *tree_with(uint64_t count)
{
	struct tree *tree = tree_new();

	for (uint64_t first = 1; first <= count; first += SOCKET_CONNECTIONS_MAX)
		read_connections(
			tree, SOCKET_PART_TCP, first,
			count + 1 - first < SOCKET_CONNECTIONS_MAX ? count + 1 - first : SOCKET_CONNECTIONS_MAX, 0);
	assert_false(left_out);
	return tree;
}

static const struct object *connection(const struct tree *tree, uint64_t cookie)
{
	return object_find(tree->objects, (struct object_key){ OBJECT_SOCKET, TREE_NETNS, cookie, IPPROTO_TCP });
}

static void below_the_bound_each_is_kept(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_with(SOCKET_QUIET_MAX - 1);

	read_connections(tree, SOCKET_PART_TCP, SOCKET_QUIET_MAX, 1, 0);
	assert_false(left_out);
	assert_non_null(connection(tree, SOCKET_QUIET_MAX));
}

static void beyond_it_only_those_in_trouble_are(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_with(SOCKET_QUIET_MAX);
	size_t objects = objects_count(tree->objects);
	uint64_t next = SOCKET_QUIET_MAX + 1;

	for (int i = 0; i < 3; i++, next += 1000) {
		read_connections(tree, SOCKET_PART_TCP, next, 1000, 0);
		assert_true(left_out);
	}
	assert_int_equal(objects_count(tree->objects), objects);
	read_connections(tree, SOCKET_PART_TCP, next, 1, 5);
	assert_int_equal(objects_count(tree->objects), objects + 1);
	assert_true(connection(tree, next)->born);
	assert_int_equal(series_increase(tree->series, C_SOCK_TCP_RETRANS, connection(tree, next)->id), 5);
	/* what it sent again before anything was read says nothing */
	read_connections(tree, 0, next + 1, 1, 5);
	assert_null(connection(tree, next + 1));
}

static void those_that_are_known_go_on_being_read(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_with(SOCKET_QUIET_MAX);

	read_connections(tree, SOCKET_PART_TCP, 7, 1, 0);
	assert_false(left_out);
	read_connections(tree, SOCKET_PART_TCP, 7, 1, 3);
	assert_int_equal(series_increase(tree->series, C_SOCK_TCP_RETRANS, connection(tree, 7)->id), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below_the_bound_each_is_kept),
		cmocka_unit_test(beyond_it_only_those_in_trouble_are),
		cmocka_unit_test(those_that_are_known_go_on_being_read),
	};

	return cmocka_run_group_tests_name("source/socket many", tests, NULL, NULL);
}
