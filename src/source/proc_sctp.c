/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/sctp/snmp (net/sctp/proc.c: sctp_snmp_seq_show): a line of name and
 * number per counter. It is there once the kernel part sctp is loaded; before
 * that no SCTP packet can be lost here, so nothing is missed.
 */
#include "source/procfs.h"

#include <errno.h>

#define PATH "/proc/thread-self/net/sctp/snmp"

static void sctp_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct procfs_file file;
	int error = procfs_read_quietly(context, PATH, &file);

	if (error == -ENOENT) {
		snapshot_covered(snapshot, SOURCE_SCTP, context->netns);
		return;
	}
	if (error) {
		procfs_missed(snapshot, SOURCE_SCTP, context->netns, PATH, error);
		return;
	}
	procfs_add_statistics(&file, snapshot, context->netns, SOURCE_SCTP, DOMAIN_TRANSPORT,
			      "grep {name} /proc/net/sctp/snmp");
	procfs_covered(snapshot, SOURCE_SCTP, context->netns, &file);
}

const struct source source_sctp = { SOURCE_SCTP, SCOPE_NETNS, COST_MIDDLE, sctp_read };
