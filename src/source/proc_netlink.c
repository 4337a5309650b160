/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/netlink (net/netlink/af_netlink.c: netlink_native_seq_show), a row
 * per netlink socket of this namespace:
 *
 *	sk  Eth  Pid  Groups  Rmem  Wmem  Dump  Locks  Drops  Inode
 *
 * "Eth" is the protocol (0 route, 12 netfilter …) and "Pid" the port, which is
 * a process's id for the first socket it opens only; the kernel's own sockets
 * have 0 and are left out. Drops are messages that found the receive buffer
 * full (netlink_overrun): kernel notifications, and for protocol 12 also what a
 * netfilter queue wanted to hand over. Columns are told by their names.
 */
#include "source/procfs.h"

#include "model/series.h"
#include "source/socket.h"

#include "base/alloc.h"

#include <errno.h>

#define PATH "/proc/thread-self/net/netlink"
#define SOCKETS_MAX 10000
#define COLUMNS_MAX 16

enum column { COLUMN_PROTOCOL, COLUMN_PORT, COLUMN_RMEM, COLUMN_DROPS, COLUMN_INODE, COLUMN_COUNT };

/* Where each column is, from 0. */
struct layout {
	size_t at[COLUMN_COUNT];
};

struct row {
	uint64_t values[COLUMN_COUNT];
};

static int read_layout(struct slice header, struct layout *ret)
{
	static const char *const names[COLUMN_COUNT] = { "Eth", "Pid", "Rmem", "Drops", "Inode" };
	struct cursor words = cursor_of(header.data, header.length);
	bool found[COLUMN_COUNT] = { false };
	struct slice word;

	for (size_t column = 0; column < COLUMNS_MAX && cursor_word(&words, &word); column++) {
		for (size_t i = 0; i < COLUMN_COUNT; i++) {
			if (!slice_is(word, names[i]))
				continue;
			ret->at[i] = column;
			found[i] = true;
		}
	}
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (!found[i])
			return -EBADMSG;
	}
	return 0;
}

static bool read_row(struct slice line, const struct layout *layout, struct row *ret)
{
	struct cursor words = cursor_of(line.data, line.length);
	size_t found = 0;
	struct slice word;

	for (size_t column = 0; column < COLUMNS_MAX && cursor_word(&words, &word); column++) {
		for (size_t i = 0; i < COLUMN_COUNT; i++) {
			if (layout->at[i] != column)
				continue;
			if (parse_u64(word, &ret->values[i]))
				return false;
			found++;
		}
	}
	return found == COLUMN_COUNT && ret->values[COLUMN_PROTOCOL] < SOCKET_NETLINK_PROTOCOLS &&
	       ret->values[COLUMN_PORT] <= UINT32_MAX;
}

/* include/uapi/linux/netlink.h */
static const char *protocol_name(uint64_t protocol)
{
	static const char *const names[SOCKET_NETLINK_PROTOCOLS] = {
		[0] = "route",	    [2] = "usersock", [4] = "sock_diag", [6] = "xfrm",
		[7] = "selinux",    [9] = "audit",    [10] = "fib",	 [11] = "connector",
		[12] = "netfilter", [15] = "uevent",  [16] = "generic",	 [21] = "crypto",
	};

	return names[protocol] ? names[protocol] : "other";
}

static void add_socket(const struct source_context *context, struct snapshot *snapshot, const struct row *row,
		       bool seen_before)
{
	const uint64_t *values = row->values;
	bool is_new;
	struct object *object =
		object_intern(context->objects,
			      (struct object_key){ OBJECT_SOCKET, context->netns->key.netns, values[COLUMN_PORT],
						   SOCKET_PROTOCOL_NETLINK(values[COLUMN_PROTOCOL]) },
			      &is_new);

	if (!object)
		return;
	if (is_new) {
		object->born = seen_before || context->netns->born;
		object_label(object, LABEL_PROTOCOL, "netlink");
		object_labelf(object, LABEL_NAME, "netlink %s socket, port %u", protocol_name(values[COLUMN_PROTOCOL]),
			      (unsigned int)values[COLUMN_PORT]);
	}
	snapshot_add(snapshot, C_NETLINK_DROPS, object, values[COLUMN_DROPS]);
	snapshot_add(snapshot, C_NETLINK_RMEM, object, values[COLUMN_RMEM]);
	snapshot_add(snapshot, C_NETLINK_INODE, object, values[COLUMN_INODE]);
}

static void netlink_sockets_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct observation *before =
		context->series ? series_observation(context->series, SOURCE_NETLINK, context->netns->id) : NULL;
	struct procfs_file file;
	struct layout layout;
	struct slice line;
	size_t count = 0;

	if (!procfs_read(context, snapshot, SOURCE_NETLINK, context->netns, PATH, &file))
		return;
	if (!cursor_line(&file.lines, &line) || read_layout(line, &layout)) {
		procfs_missed(snapshot, SOURCE_NETLINK, context->netns, PATH, -EBADMSG);
		return;
	}
	while (cursor_line(&file.lines, &line)) {
		struct row row;

		if (!read_row(line, &layout, &row))
			procfs_fault(&file, PROCFS_BAD_LINE);
		else if (!row.values[COLUMN_PORT])
			continue;
		else if (count++ < SOCKETS_MAX)
			add_socket(context, snapshot, &row, before && before->readings && !before->partial);
		else
			procfs_fault(&file, "more sockets than are read at a time");
	}
	procfs_covered(snapshot, SOURCE_NETLINK, context->netns, &file);
}

const struct source source_netlink = { SOURCE_NETLINK, SCOPE_NETNS, COST_MIDDLE, netlink_sockets_read };
