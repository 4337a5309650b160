/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/xfrm_stat (net/xfrm/xfrm_proc.c): what IPsec refused in this
 * namespace, a line of name and number per reason
 * (Documentation/networking/xfrm_proc.rst). Every one counts a lost packet.
 * Kernels without CONFIG_XFRM_STATISTICS have no such file and count nothing.
 *
 * Whether IPsec is in use at all is asked of NETLINK_XFRM (net/xfrm/xfrm_user.c:
 * xfrm_get_sadinfo), where the kernel part xfrm_user is there already.
 */
#include "source/procfs.h"

#include "source/netlink.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <linux/xfrm.h>

/* Reading the lists of modules costs more than the question: once in a while for all namespaces. */
#define MODULES_VALID_NS (10 * NS_PER_S)

static bool xfrm_user_present(const struct source_context *context)
{
	static bool present;
	static uint64_t until_ns;
	uint64_t now_ns = clock_monotonic_ns();

	if (*context->sysroot)
		return false;
	if (now_ns >= until_ns) {
		present = source_module_present(context, "xfrm_user");
		until_ns = now_ns + MODULES_VALID_NS;
	}
	return present;
}

/* How many states there are; without the privilege to ask nothing is added. */
static void add_states(const struct source_context *context, struct snapshot *snapshot)
{
	CLEANUP_NETLINK struct netlink netlink = NETLINK_CLOSED;
	CLEANUP_TEXT struct text answer = { .max = 4096 };
	const struct nlattr *attributes[XFRMA_SAD_MAX + 1];
	struct netlink_request request;
	const struct nlmsghdr *message;
	struct netlink_walk walk;
	uint32_t *flags;

	if (context->between || !xfrm_user_present(context) || netlink_open(&netlink, NETLINK_XFRM))
		return;
	flags = netlink_request(&request, XFRM_MSG_GETSADINFO, 0, sizeof(*flags));
	*flags = UINT32_MAX;
	if (netlink_ask(&netlink, &request, &answer))
		return;
	walk = netlink_walk(text_string(&answer), answer.length);
	message = netlink_next(&walk, sizeof(*flags));
	if (!message || message->nlmsg_type != XFRM_MSG_NEWSADINFO)
		return;
	netlink_attributes(message, sizeof(*flags), attributes, ARRAY_SIZE(attributes));
	snapshot_add(snapshot, C_XFRM_STATES, context->netns, netlink_u32(attributes[XFRMA_SAD_CNT], 0));
}

static void xfrm_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct procfs_file file;

	if (!procfs_read(context, snapshot, SOURCE_XFRM, context->netns, "/proc/thread-self/net/xfrm_stat", &file))
		return;
	procfs_add_statistics(&file, snapshot, context->netns, SOURCE_XFRM, DOMAIN_OVERLAY,
			      "grep {name} /proc/net/xfrm_stat");
	procfs_covered(snapshot, SOURCE_XFRM, context->netns, &file);
	add_states(context, snapshot);
}

const struct source source_xfrm = { SOURCE_XFRM, SCOPE_NETNS, COST_MIDDLE, xfrm_read };
