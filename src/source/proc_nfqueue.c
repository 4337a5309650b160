/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/netfilter/nfnetlink_queue (net/netfilter/nfnetlink_queue.c:
 * seq_show), a row without heading per netfilter queue of this namespace:
 *
 *	queue  port  waiting  copy-mode  copy-range  dropped  user-dropped  id  1
 *
 * "dropped": the queue was at its length; "user-dropped": the packet did not
 * fit into the receive buffer of the program's netlink socket, whose port it is.
 * Without nfnetlink_queue, or while no program listens, there are no rows, and
 * what a rule sends to such a queue is dropped without a trace here.
 */
#include "source/procfs.h"

#include "model/series.h"
#include "source/socket.h"

#include <errno.h>
#include <linux/netlink.h>

#define PATH "/proc/thread-self/net/netfilter/nfnetlink_queue"
#define QUEUES_MAX 65536

enum column { COLUMN_QUEUE, COLUMN_PORT, COLUMN_WAITING, COLUMN_DROPPED = 5, COLUMN_USER_DROPPED, COLUMN_LEAST };

static bool read_row(struct slice line, uint64_t ret[COLUMN_LEAST])
{
	struct cursor words = cursor_of(line.data, line.length);

	for (size_t i = 0; i < COLUMN_LEAST; i++)
		ret[i] = cursor_u64(&words);
	return !words.error && ret[COLUMN_QUEUE] < QUEUES_MAX && ret[COLUMN_PORT] <= UINT32_MAX;
}

static void add_queue(const struct source_context *context, struct snapshot *snapshot, const uint64_t row[COLUMN_LEAST],
		      bool seen_before)
{
	uint64_t netns = context->netns->key.netns;
	const struct object_key socket = { OBJECT_SOCKET, netns, row[COLUMN_PORT],
					   SOCKET_PROTOCOL_NETLINK(NETLINK_NETFILTER) };
	const struct object *reader = object_find(context->objects, socket);
	bool is_new;
	struct object *queue = object_intern(
		context->objects, (struct object_key){ OBJECT_NFQUEUE, netns, row[COLUMN_QUEUE], 0 }, &is_new);

	if (!queue)
		return;
	if (is_new) {
		queue->born = seen_before;
		object_labelf(queue, LABEL_NAME, "netfilter queue %u", (unsigned int)row[COLUMN_QUEUE]);
	}
	queue->parent = reader ? reader->id : OBJECT_HOST_ID;
	snapshot_add(snapshot, C_NFQUEUE_DROPPED, queue, row[COLUMN_DROPPED]);
	snapshot_add(snapshot, C_NFQUEUE_USER_DROPPED, queue, row[COLUMN_USER_DROPPED]);
	snapshot_add(snapshot, C_NFQUEUE_WAITING, queue, row[COLUMN_WAITING]);
}

static void nfqueue_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct observation *before =
		context->series ? series_observation(context->series, SOURCE_NFQUEUE, context->netns->id) : NULL;
	struct procfs_file file = { .path = PATH };
	int error = procfs_read_quietly(context, PATH, &file);
	struct slice line;

	if (error && error != -ENOENT && error != -ENODATA) {
		procfs_missed(snapshot, SOURCE_NFQUEUE, context->netns, PATH, error);
		return;
	}
	while (!error && cursor_line(&file.lines, &line)) {
		uint64_t row[COLUMN_LEAST];

		if (read_row(line, row))
			add_queue(context, snapshot, row, before && before->readings && !before->partial);
		else
			procfs_fault(&file, PROCFS_BAD_LINE);
	}
	procfs_covered(snapshot, SOURCE_NFQUEUE, context->netns, &file);
}

const struct source source_nfqueue = { SOURCE_NFQUEUE, SCOPE_NETNS, COST_MIDDLE, nfqueue_read };
