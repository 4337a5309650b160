/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings below /proc/sys/net that decide when packets are lost.
 *
 * /proc/sys/net shows the namespace of the thread that looks. Settings of the
 * whole host are there only in the first namespace, or as a read-only copy
 * (net.core.rmem_max since 6.16); they are put to the host. What a kernel or a
 * namespace does not have is passed over.
 *
 * Devices are listed by if_nameindex() (rtnetlink; a SIOCGIFINDEX could load a
 * module for a name that has just gone), and only those that the link source
 * knows already get their settings.
 */
#include "source/procfs.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define BASE "/proc/sys/net/"
#define DEVICES BASE "ipv4/conf"
#define VALUES_MAX 3

struct setting {
	const char *path; /* below /proc/sys/net/ */
	size_t count;
	counter_id counters[VALUES_MAX];
	bool whole_host;
};

static const struct setting settings[] = {
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

/* One reading: how many settings were found and what stood in the way of others. */
struct tally {
	size_t found;
	int error; /* the first that was neither 0 nor "there is none" */
};

static int add_setting(const struct source_context *context, struct snapshot *snapshot, const char *path,
		       const struct object *object, const counter_id *counters, size_t count)
{
	uint64_t values[VALUES_MAX];
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

static void add_device(const struct source_context *context, struct snapshot *snapshot, uint32_t ifindex,
		       const char *name, struct tally *tally)
{
	static const struct {
		const char *name;
		counter_id counter;
	} per_device[] = {
		{ "rp_filter", C_SYSCTL_RP_FILTER },
		{ "forwarding", C_SYSCTL_FORWARDING },
		{ "log_martians", C_SYSCTL_LOG_MARTIANS },
		{ "accept_local", C_SYSCTL_ACCEPT_LOCAL },
	};
	const struct object_key key = { OBJECT_LINK, context->netns->key.netns, ifindex, 0 };
	const struct object *link = object_find(context->objects, key);
	char path[PATH_MAX];

	for (size_t i = 0; link && i < ARRAY_SIZE(per_device); i++) {
		snprintf(path, sizeof(path), DEVICES "/%s/%s", name, per_device[i].name);
		note(tally, add_setting(context, snapshot, path, link, &per_device[i].counter, 1));
	}
}

static void free_names(struct if_nameindex **names)
{
	if (*names)
		if_freenameindex(*names);
}

static void add_live_devices(const struct source_context *context, struct snapshot *snapshot, struct tally *tally)
{
	CLEANUP(free_names) struct if_nameindex *names = if_nameindex();

	if (!names)
		note(tally, -errno);
	for (const struct if_nameindex *one = names; one && one->if_index; one++)
		add_device(context, snapshot, one->if_index, one->if_name, tally);
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
		uint64_t ifindex;

		snprintf(path, sizeof(path), "/sys/class/net/%s/ifindex", entry->d_name);
		if (procfs_read_number(context, path, &ifindex) == 0 && ifindex <= UINT32_MAX)
			add_device(context, snapshot, (uint32_t)ifindex, entry->d_name, tally);
	}
}

static void sysctl_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *setting = &settings[i];
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
