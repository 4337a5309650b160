/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings below /proc/sys/net that decide when packets are lost.
 *
 * /proc/sys/net shows the namespace of the thread that looks. Settings of the
 * whole host are there only in the first namespace, or as a read-only copy
 * (net.core.rmem_max since 6.16); they are put to the host. What a kernel or a
 * namespace does not have is passed over.
 *
 * What a device has of its own is read from the list of interfaces (IFLA_INET_CONF, net/ipv4/devinet.c:
 * inet_fill_link_af): one question instead of four files for each. Only devices that the link source knows already
 * get their settings.
 */
#include "source/sysctl.h"

#include "source/netlink.h"
#include "source/procfs.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <sys/socket.h>

#define BASE "/proc/sys/net/"
#define DEVICES BASE "ipv4/conf"

static const struct sysctl_setting settings[] = {
	{ "core/rmem_default", 1, { C_SYSCTL_RMEM_DEFAULT }, true },
	{ "core/rmem_max", 1, { C_SYSCTL_RMEM_MAX }, true },
	{ "core/wmem_default", 1, { C_SYSCTL_WMEM_DEFAULT }, true },
	{ "core/netdev_max_backlog", 1, { C_SYSCTL_NETDEV_MAX_BACKLOG }, true },
	{ "core/netdev_budget", 1, { C_SYSCTL_NETDEV_BUDGET }, true },
	{ "core/netdev_budget_usecs", 1, { C_SYSCTL_NETDEV_BUDGET_USECS }, true },
	{ "core/somaxconn", 1, { C_SYSCTL_SOMAXCONN }, false },
	{ "ipv4/tcp_max_syn_backlog", 1, { C_SYSCTL_TCP_MAX_SYN_BACKLOG }, false },
	{ "ipv4/tcp_syncookies", 1, { C_SYSCTL_TCP_SYNCOOKIES }, false },
	{ "ipv4/ip_forward", 1, { C_SYSCTL_IP_FORWARD }, false },
	{ "ipv4/icmp_echo_ignore_all", 1, { C_SYSCTL_ICMP_ECHO_IGNORE_ALL }, false },
	{ "ipv6/icmp/echo_ignore_all", 1, { C_SYSCTL_ICMP6_ECHO_IGNORE_ALL }, false },
	{ "ipv4/tcp_mem", 3, { C_SYSCTL_TCP_MEM_LOW, C_SYSCTL_TCP_MEM_PRESSURE, C_SYSCTL_TCP_MEM_MAX }, true },
	{ "ipv4/udp_mem", 3, { C_SYSCTL_UDP_MEM_LOW, C_SYSCTL_UDP_MEM_PRESSURE, C_SYSCTL_UDP_MEM_MAX }, true },
	{ "ipv4/tcp_rmem", 3, { C_SYSCTL_TCP_RMEM_MIN, C_SYSCTL_TCP_RMEM_DEFAULT, C_SYSCTL_TCP_RMEM_MAX }, false },
	{ "ipv4/tcp_max_orphans", 1, { C_SYSCTL_TCP_MAX_ORPHANS }, true },
	{ "ipv4/tcp_max_tw_buckets", 1, { C_SYSCTL_TCP_MAX_TW_BUCKETS }, false },
	{ "ipv4/ipfrag_high_thresh", 1, { C_SYSCTL_IPFRAG_HIGH_THRESH }, false },
	{ "ipv4/ipfrag_time", 1, { C_SYSCTL_IPFRAG_TIME }, false },
	{ "ipv6/ip6frag_high_thresh", 1, { C_SYSCTL_IP6FRAG_HIGH_THRESH }, false },
	{ "ipv4/ip_default_ttl", 1, { C_SYSCTL_IP_DEFAULT_TTL }, false },
	{ "ipv4/tcp_abort_on_overflow", 1, { C_SYSCTL_TCP_ABORT_ON_OVERFLOW }, false },
	{ "ipv4/conf/all/rp_filter", 1, { C_SYSCTL_RP_FILTER_ALL }, false },
	{ "ipv4/conf/default/rp_filter", 1, { C_SYSCTL_RP_FILTER_DEFAULT }, false },
	{ "ipv4/conf/all/forwarding", 1, { C_SYSCTL_FORWARDING_ALL }, false },
	{ "ipv4/conf/default/forwarding", 1, { C_SYSCTL_FORWARDING_DEFAULT }, false },
	{ "ipv4/conf/all/log_martians", 1, { C_SYSCTL_LOG_MARTIANS_ALL }, false },
	{ "ipv4/conf/default/log_martians", 1, { C_SYSCTL_LOG_MARTIANS_DEFAULT }, false },
	{ "ipv4/conf/all/accept_local", 1, { C_SYSCTL_ACCEPT_LOCAL_ALL }, false },
	{ "ipv4/conf/default/accept_local", 1, { C_SYSCTL_ACCEPT_LOCAL_DEFAULT }, false },
	{ "ipv6/conf/all/forwarding", 1, { C_SYSCTL_IP6_FORWARDING_ALL }, false },
	{ "ipv4/neigh/default/gc_thresh1", 1, { C_SYSCTL_NEIGH4_GC_THRESH1 }, true },
	{ "ipv4/neigh/default/gc_thresh2", 1, { C_SYSCTL_NEIGH4_GC_THRESH2 }, true },
	{ "ipv4/neigh/default/gc_thresh3", 1, { C_SYSCTL_NEIGH4_GC_THRESH3 }, true },
	{ "ipv4/neigh/default/unres_qlen_bytes", 1, { C_SYSCTL_NEIGH4_UNRES_QLEN_BYTES }, true },
	{ "ipv6/neigh/default/gc_thresh3", 1, { C_SYSCTL_NEIGH6_GC_THRESH3 }, true },
	{ "ipv6/neigh/default/unres_qlen_bytes", 1, { C_SYSCTL_NEIGH6_UNRES_QLEN_BYTES }, true },
	{ "netfilter/nf_conntrack_max", 1, { C_CONNTRACK_MAX }, false },
	{ "netfilter/nf_conntrack_buckets", 1, { C_CONNTRACK_BUCKETS }, false },
};

const struct sysctl_setting *sysctl_setting(struct slice path)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (slice_is(path, settings[i].path))
			return &settings[i];
	}
	return NULL;
}

/* One reading: how many settings were found and what stood in the way of others. */
struct tally {
	size_t found;
	int error; /* the first that was neither 0 nor "there is none" */
};

static int add_setting(const struct source_context *context, struct snapshot *snapshot, const char *path,
		       const struct object *object, const counter_id *counters, size_t count)
{
	uint64_t values[SYSCTL_VALUES_MAX];
	struct cursor words;
	int error = source_read_file(context, path);

	if (error)
		return error;
	words = cursor_of(text_string(context->buffer), context->buffer->length);
	for (size_t i = 0; i < count; i++)
		values[i] = cursor_u64(&words);
	if (words.error || slice_trim(words.rest).length)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++)
		snapshot_add(snapshot, counters[i], object, values[i]);
	return 0;
}

static void note(struct tally *tally, int error)
{
	if (!error)
		tally->found++;
	else if (error != -ENOENT && !tally->error)
		tally->error = error;
}

static const struct {
	const char *name;
	unsigned int index; /* in the kernel's own list */
	counter_id counter;
} per_device[] = {
	{ "rp_filter", IPV4_DEVCONF_RP_FILTER, C_SYSCTL_RP_FILTER },
	{ "forwarding", IPV4_DEVCONF_FORWARDING, C_SYSCTL_FORWARDING },
	{ "log_martians", IPV4_DEVCONF_LOG_MARTIANS, C_SYSCTL_LOG_MARTIANS },
	{ "accept_local", IPV4_DEVCONF_ACCEPT_LOCAL, C_SYSCTL_ACCEPT_LOCAL },
};

counter_id sysctl_of_device(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(per_device); i++) {
		if (slice_is(name, per_device[i].name))
			return per_device[i].counter;
	}
	return COUNTER_NONE;
}

/* The device, when the link source knows it. */
static const struct object *device(const struct source_context *context, uint64_t ifindex)
{
	return object_find(context->objects, (struct object_key){ OBJECT_LINK, context->netns->key.netns, ifindex, 0 });
}

static void add_listed(struct snapshot *snapshot, const struct object *link, const struct nlattr *families)
{
	const struct nlattr *family[AF_INET + 1], *inet[IFLA_INET_CONF + 1];
	uint32_t values[IPV4_DEVCONF_MAX];
	size_t count;

	netlink_nested(families, 0, family, ARRAY_SIZE(family));
	netlink_nested(family[AF_INET], 0, inet, ARRAY_SIZE(inet));
	count = netlink_copy(inet[IFLA_INET_CONF], values, sizeof(values)) / sizeof(values[0]);
	for (size_t i = 0; i < ARRAY_SIZE(per_device); i++) {
		if (per_device[i].index <= count)
			snapshot_add(snapshot, per_device[i].counter, link, values[per_device[i].index - 1]);
	}
}

bool sysctl_parse_devices(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			  size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct ifinfomsg)))) {
		const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *attributes[IFLA_AF_SPEC + 1];
		const struct object *link = device(context, (uint32_t)header->ifi_index);

		if (message->nlmsg_type != RTM_NEWLINK || !link)
			continue;
		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		add_listed(snapshot, link, attributes[IFLA_AF_SPEC]);
	}
	return !walk.broken;
}

static void add_live_devices(const struct source_context *context, struct snapshot *snapshot, struct tally *tally)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	struct netlink_request request;
	unsigned int state = 0;
	int error = netlink_open(&netlink, NETLINK_ROUTE);

	if (!error) {
		netlink_request(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
		mnl_attr_put_u32(request.header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		error = netlink_dump(&netlink, &request, context->buffer, &state);
	}
	if (!error && !sysctl_parse_devices(context, snapshot, context->buffer->data, context->buffer->length))
		error = -EBADMSG;
	note(tally, error);
}

/* Below a sysroot: the devices of proc/sys/net/ipv4/conf, their numbers from sys/class/net/NAME/ifindex. */
static void add_recorded_devices(const struct source_context *context, struct snapshot *snapshot, struct tally *tally)
{
	CLEANUP_DIRECTORY DIR *directory = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" DEVICES, context->sysroot);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		const struct object *link = NULL;
		uint64_t ifindex;

		snprintf(path, sizeof(path), "/sys/class/net/%s/ifindex", entry->d_name);
		if (procfs_read_number(context, path, &ifindex) == 0)
			link = device(context, ifindex);
		for (size_t i = 0; link && i < ARRAY_SIZE(per_device); i++) {
			snprintf(path, sizeof(path), DEVICES "/%s/%s", entry->d_name, per_device[i].name);
			note(tally, add_setting(context, snapshot, path, link, &per_device[i].counter, 1));
		}
	}
}

static void sysctl_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct sysctl_setting *setting = &settings[i];
		char path[PATH_MAX];

		snprintf(path, sizeof(path), BASE "%s", setting->path);
		note(&tally,
		     add_setting(context, snapshot, path, setting->whole_host ? procfs_host(context) : context->netns,
				 setting->counters, setting->count));
	}
	if (*context->sysroot)
		add_recorded_devices(context, snapshot, &tally);
	else
		add_live_devices(context, snapshot, &tally);
	if (!tally.found)
		procfs_missed(snapshot, SOURCE_SYSCTL, context->netns, BASE, tally.error ? tally.error : -ENOENT);
	else if (tally.error)
		snapshot_covered_partly(snapshot, SOURCE_SYSCTL, context->netns, source_error_phrase(tally.error));
	else
		snapshot_covered(snapshot, SOURCE_SYSCTL, context->netns);
}

const struct source source_sysctl = { SOURCE_SYSCTL, SCOPE_NETNS, COST_MIDDLE, sysctl_read };
