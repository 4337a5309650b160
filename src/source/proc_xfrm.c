/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/xfrm_stat (net/xfrm/xfrm_proc.c): what IPsec refused in this
 * namespace, a line of name and number per reason
 * (Documentation/networking/xfrm_proc.rst). Every one counts a lost packet.
 * Kernels without CONFIG_XFRM_STATISTICS have no such file and count nothing.
 */
#include "source/procfs.h"

static void xfrm_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct procfs_file file;

	if (!procfs_read(context, snapshot, SOURCE_XFRM, context->netns, "/proc/thread-self/net/xfrm_stat", &file))
		return;
	procfs_add_statistics(&file, snapshot, context->netns, SOURCE_XFRM, DOMAIN_OVERLAY,
			      "grep {name} /proc/net/xfrm_stat");
	procfs_covered(snapshot, SOURCE_XFRM, context->netns, &file);
}

const struct source source_xfrm = { SOURCE_XFRM, SCOPE_NETNS, COST_MIDDLE, xfrm_read };
