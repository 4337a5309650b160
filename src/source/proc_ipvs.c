/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/ip_vs_stats (net/netfilter/ipvs/ip_vs_ctl.c: ip_vs_stats_show): what
 * the load balancer in the kernel passed on in this namespace. Two lines of
 * heading, then connections, packets in, packets out, bytes in, bytes out, in
 * hexadecimal; rates follow. Without the kernel part ip_vs there is no such
 * file and nothing passed on.
 */
#include "source/procfs.h"

#include <errno.h>

#define PATH "/proc/thread-self/net/ip_vs_stats"
#define HEADING_LINES 2

static void ipvs_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct procfs_file file;
	int error = procfs_read_quietly(context, PATH, &file);
	struct slice line = { 0 };
	struct cursor words;
	uint64_t packets;

	if (error == -ENOENT) {
		snapshot_covered(snapshot, SOURCE_IPVS, context->netns);
		return;
	}
	for (size_t i = 0; !error && i <= HEADING_LINES; i++)
		error = cursor_line(&file.lines, &line) ? 0 : -EBADMSG;
	words = cursor_of(line.data, line.length);
	cursor_hex(&words); /* connections */
	packets = cursor_hex(&words);
	if (!error && words.error)
		error = -EBADMSG;
	if (error) {
		procfs_missed(snapshot, SOURCE_IPVS, context->netns, PATH, error);
		return;
	}
	snapshot_add(snapshot, C_IPVS_IN_PACKETS, context->netns, packets);
	procfs_covered(snapshot, SOURCE_IPVS, context->netns, &file);
}

const struct source source_ipvs = { SOURCE_IPVS, SCOPE_NETNS, COST_MIDDLE, ipvs_read };
