/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw and ping sockets: /proc/net/{raw,raw6,icmp,icmp6}, in the form of
 * /proc/net/udp (net/ipv4/raw.c: raw_sock_seq_show, net/ipv4/ping.c:
 * ping_v4_format_sock). The port of a raw socket is its IP protocol, that of a
 * ping socket its ICMP identifier. Their drops are in no statistic of IP or
 * ICMP: each socket gets a copy, and a copy that finds the receive buffer full
 * is gone for that socket alone.
 */
#include "source/procfs.h"

#include "model/series.h"
#include "source/socket.h"

#include "base/alloc.h"

#include <errno.h>

#define SOCKETS_MAX 10000

struct table {
	const char *path, *kind;
	uint8_t family, protocol; /* protocol: as in an object's key */
};

static const struct table tables[] = {
	{ "/proc/thread-self/net/raw", "raw", AF_INET, IPPROTO_RAW },
	{ "/proc/thread-self/net/raw6", "raw", AF_INET6, IPPROTO_RAW },
	{ "/proc/thread-self/net/icmp", "ping", AF_INET, IPPROTO_ICMP },
	{ "/proc/thread-self/net/icmp6", "ping", AF_INET6, IPPROTO_ICMPV6 },
};

struct reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	bool seen_before;
	size_t sockets;
	const char *fault;
};

static void label_socket(struct object *object, const struct table *table, const struct socket_facts *facts)
{
	CLEANUP_TEXT struct text local = { 0 }, remote = { 0 };

	socket_address_text(&facts->local, false, NULL, &local);
	socket_address_text(&facts->remote, false, NULL, &remote);
	object_label(object, LABEL_PROTOCOL, table->kind);
	object_label(object, LABEL_LOCAL, text_string(&local));
	object_labelf(object, LABEL_NAME, "%s %s", table->kind, text_string(&local));
}

static void add_socket(struct reading *reading, const struct table *table, const struct socket_facts *facts)
{
	const struct source_context *context = reading->context;
	bool is_new;
	struct object *object = object_intern(context->objects,
					      (struct object_key){ OBJECT_SOCKET, context->netns->key.netns,
								   UINT64_C(1) << 63 | facts->inode, table->protocol },
					      &is_new);

	if (!object)
		return;
	if (is_new) {
		object->born = reading->seen_before || context->netns->born;
		label_socket(object, table, facts);
	}
	snapshot_add(reading->snapshot, C_RAW_DROPS, object, facts->memory[SK_MEMINFO_DROPS]);
	snapshot_add(reading->snapshot, C_RAW_RMEM, object, facts->rqueue);
	snapshot_add(reading->snapshot, C_RAW_INODE, object, facts->inode);
}

static void read_lines(struct reading *reading, const struct table *table, struct procfs_file *file)
{
	struct socket_facts facts;
	struct slice line;

	cursor_line(&file->lines, &line); /* headings */
	while (cursor_line(&file->lines, &line)) {
		if (!slice_trim(line).length)
			continue;
		if (socket_proc_parse(line, table->family, IPPROTO_UDP, &facts))
			procfs_fault(file, PROCFS_BAD_LINE);
		else if (reading->sockets++ < SOCKETS_MAX)
			add_socket(reading, table, &facts);
		else
			procfs_fault(file, "more sockets than are read at a time");
	}
}

/*
 * What a kernel without IPv6 or without ping sockets does not have is no miss; /proc/net/raw is always there, but for a
 * recorded file, which is one of them.
 */
static void raw_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct observation *before =
		context->series ? series_observation(context->series, SOURCE_RAW, context->netns->id) : NULL;
	struct reading reading = { .context = context,
				   .snapshot = snapshot,
				   .seen_before = before && before->readings && !before->partial };
	struct procfs_file whole = { .path = tables[0].path };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		struct procfs_file file = { 0 };
		int error = procfs_read_quietly(context, tables[i].path, &file);

		if (error == -ENOENT && (i || context->recorded))
			continue;
		if (error) {
			procfs_missed(snapshot, SOURCE_RAW, context->netns, tables[i].path, error);
			return;
		}
		read_lines(&reading, &tables[i], &file);
		if (file.fault && !whole.fault)
			whole = file;
	}
	procfs_covered(snapshot, SOURCE_RAW, context->netns, &whole);
}

const struct source source_raw = { SOURCE_RAW, SCOPE_NETNS, COST_MIDDLE, raw_read };
