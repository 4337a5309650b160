/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening unix sockets out of unix_diag's bytes. */
#include "source/socket.h"
#include "source/socket_unix.h"
#include "unit/tree_fixture.h"

#include <libmnl/libmnl.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>

struct listener {
	uint32_t cookie, waiting, limit;
	uint8_t state;
	const char *name;
	size_t name_length;
};

/* A message as net/unix/diag.c: sk_diag_fill() writes it. */
static void put(struct text *bytes, const struct listener *listener)
{
	char memory[512] = { 0 };
	struct nlmsghdr *header = mnl_nlmsg_put_header(memory);
	struct unix_diag_msg *diag = mnl_nlmsg_put_extra_header(header, sizeof(*diag));
	struct unix_diag_rqlen queue = { listener->waiting, listener->limit };

	diag->udiag_family = AF_UNIX;
	diag->udiag_state = listener->state;
	diag->udiag_ino = 5000 + listener->cookie;
	diag->udiag_cookie[0] = listener->cookie;
	if (listener->name_length)
		mnl_attr_put(header, UNIX_DIAG_NAME, listener->name_length, listener->name);
	mnl_attr_put(header, UNIX_DIAG_RQLEN, sizeof(queue), &queue);
	text_add_bytes(bytes, memory, MNL_ALIGN(header->nlmsg_len));
}

static void read_listeners(struct tree *tree, const struct listener *listeners, size_t count)
{
	struct source_context context = tree_context(tree);
	struct unix_reading reading = { .context = &context, .snapshot = &tree->snapshot };
	CLEANUP_TEXT struct text bytes = { 0 };

	for (size_t i = 0; i < count; i++)
		put(&bytes, &listeners[i]);
	tree_begin(tree);
	assert_true(socket_unix_take(&reading, text_string(&bytes), bytes.length));
	assert_false(reading.broken);
	tree_end(tree);
}

static void listeners_with_waiting_programs_are_told(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	static const struct listener listeners[] = {
		{ 1, 3, 128, SOCKET_LISTEN, "/run/php.sock", 14 },
		{ 2, 0, 128, SOCKET_LISTEN, "/run/idle.sock", 15 },
		{ 3, 9, 5, SOCKET_LISTEN, "\0abstract\x01", 10 },
		{ 4, 9, 5, SOCKET_ESTABLISHED, "/run/x", 7 },
		{ 5, 1, 5, SOCKET_LISTEN, NULL, 0 },
	};

	read_listeners(tree, listeners, ARRAY_SIZE(listeners));
	assert_int_equal(series_last(tree->series, C_UNIX_ACCEPT_QUEUE, tree_object(tree, "unix /run/php.sock")->id),
			 3);
	assert_int_equal(series_last(tree->series, C_UNIX_ACCEPT_LIMIT, tree_object(tree, "unix /run/php.sock")->id),
			 128);
	assert_int_equal(series_last(tree->series, C_UNIX_INODE, tree_object(tree, "unix /run/php.sock")->id), 5001);
	assert_int_equal(series_last(tree->series, C_UNIX_ACCEPT_QUEUE, tree_object(tree, "unix @abstract@")->id), 9);
	assert_int_equal(series_last(tree->series, C_UNIX_ACCEPT_QUEUE, tree_object(tree, "unix without a name")->id),
			 1);
	assert_int_equal(tree->snapshot.samples.count, 3 * 3);
}

/* Or its level would freeze at its last high. */
static void one_that_waited_is_told_on(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	read_listeners(tree, &(struct listener){ 1, 3, 128, SOCKET_LISTEN, "/run/php.sock", 14 }, 1);
	read_listeners(tree, &(struct listener){ 1, 0, 128, SOCKET_LISTEN, "/run/php.sock", 14 }, 1);
	assert_int_equal(series_last(tree->series, C_UNIX_ACCEPT_QUEUE, tree_object(tree, "unix /run/php.sock")->id),
			 0);
}

static void broken_bytes_are_told(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct source_context context = tree_context(tree);
	struct unix_reading reading = { .context = &context, .snapshot = &tree->snapshot };
	CLEANUP_TEXT struct text bytes = { 0 };

	put(&bytes, &(struct listener){ 1, 3, 128, SOCKET_LISTEN, "/run/php.sock", 14 });
	tree_begin(tree);
	assert_true(socket_unix_take(&reading, text_string(&bytes), bytes.length - 4));
	assert_true(reading.broken);
	assert_int_equal(tree->snapshot.samples.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listeners_with_waiting_programs_are_told),
		cmocka_unit_test(one_that_waited_is_told_on),
		cmocka_unit_test(broken_bytes_are_told),
	};

	return cmocka_run_group_tests_name("source/unix sockets", tests, NULL, NULL);
}
