/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What network drivers count by themselves (ethtool -S), over the SIOCETHTOOL
 * ioctl: netlink has no such strings. Some drivers take milliseconds and some
 * ask their firmware, so this runs where it may block.
 *
 * An ioctl on a name that has just vanished makes the kernel load a module of that
 * name (net/core/dev_ioctl.c: dev_load) for those who may do so; the two capabilities
 * that this takes are laid down meanwhile. None of these requests needs them.
 */
#include "source/ethtool.h"

#include "source/netlink.h"

#include "base/intern.h"
#include "model/driver.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STATISTICS_MAX 65536
#define NAME_SIZE 64

static const char check_by_name[] = "ethtool -S {ifname} | grep -F ' {name}:'";
static const char check_by_list[] = "ethtool -S {ifname}"; /* names that had to be changed or that repeat */

/* ---- names ---- */

/* A name that is safe to print and to quote; true when it is the driver's own. */
static bool name_clean(struct slice name, unsigned int position, char ret[NAME_SIZE])
{
	size_t length = name.length < ETH_GSTRING_LEN ? name.length : ETH_GSTRING_LEN;
	bool own = position == 0;

	for (size_t i = 0; i < length; i++) {
		bool plain = name.data[i] >= ' ' && name.data[i] <= '~' && !strchr("'\"\\`$", name.data[i]);

		ret[i] = plain ? name.data[i] : '_';
		own &= plain;
	}
	ret[length] = '\0';
	if (position)
		snprintf(ret + length, NAME_SIZE - length, " [%u]", position + 1);
	return own;
}

bool ethtool_add_statistic(struct snapshot *snapshot, const struct object *link, const char *driver, struct slice name,
			   unsigned int position, uint64_t value)
{
	char clean[NAME_SIZE], base[NAME_SIZE];
	const struct driver_counter *row;
	enum domain domain = DOMAIN_NIC;
	counter_id counter;
	bool own;

	name = slice_trim(name);
	if (!name.length)
		return false;
	name_clean(name, 0, base);
	own = name_clean(name, position, clean);
	row = driver_counter_find(driver, base);
	if (!row && !counter_smells_of_loss(base, strlen(base)))
		return false;
	if (row && row->cause != CAUSE_NONE)
		domain = cause_get(row->cause)->domain;
	counter = counter_intern(SOURCE_ETHTOOL, clean, strlen(clean), domain, own ? check_by_name : check_by_list);
	if (counter == COUNTER_NONE)
		return false;
	if (row)
		counter_classify(counter, row->kind, row->meaning);
	snapshot_add(snapshot, counter, link, value);
	return true;
}

void ethtool_add_statistics(struct snapshot *snapshot, const struct object *link, const char *driver, const char *names,
			    const uint64_t *values, size_t count)
{
	CLEANUP_FREE uint64_t *hashes = mem_new(count + 1, sizeof(*hashes));
	size_t taken = 0;

	for (size_t i = 0; i < count; i++) {
		CLEANUP_FREE char *name = NULL;
		unsigned int position = 0;
		struct slice trimmed;
		uint64_t hash;

		trimmed.data = names + i * ETH_GSTRING_LEN;
		trimmed.length = strnlen(trimmed.data, ETH_GSTRING_LEN);
		trimmed = slice_trim(trimmed);
		name = mem_strndup(trimmed.data, trimmed.length);
		hash = object_hash(name);
		for (size_t before = 0; before < taken; before++)
			position += hashes[before] == hash;
		if (ethtool_add_statistic(snapshot, link, driver, trimmed, position, values[i]))
			hashes[taken++] = hash;
	}
}

/* ---- requests ---- */

int ethtool_ask(int fd, const char *ifname, void *command)
{
	struct ifreq request = { .ifr_data = command };
	size_t length = strnlen(ifname, IFNAMSIZ - 1);

	memcpy(request.ifr_name, ifname, length);
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

/* How many statistics the driver offers: 0 when none. */
static int statistics_count(int fd, const char *ifname, uint32_t *ret)
{
	union {
		struct ethtool_sset_info info;
		char bytes[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} sets = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = UINT64_C(1) << ETH_SS_STATS } };
	int error = ethtool_ask(fd, ifname, &sets);

	if (error)
		return error;
	*ret = sets.info.sset_mask ? sets.info.data[0] : 0;
	return 0;
}

static int read_statistics(int fd, struct snapshot *snapshot, const struct object *link, const char *ifname,
			   const char *driver)
{
	CLEANUP_FREE struct ethtool_gstrings *names = NULL;
	CLEANUP_FREE struct ethtool_stats *values = NULL;
	uint32_t count = 0;
	int error = statistics_count(fd, ifname, &count);

	if (error == -EOPNOTSUPP || (!error && !count))
		return 0;
	if (error || count > STATISTICS_MAX)
		return error ? error : -E2BIG;
	/* Zeroed, and room for as many again: a driver may write more than it said when its queues were changed meanwhile. */
	names = mem_new(1, sizeof(*names) + (size_t)count * 2 * ETH_GSTRING_LEN);
	values = mem_new(1, sizeof(*values) + (size_t)count * 2 * sizeof(uint64_t));
	*names = (struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_STATS, .len = count };
	*values = (struct ethtool_stats){ .cmd = ETHTOOL_GSTATS, .n_stats = count };
	error = ethtool_ask(fd, ifname, names);
	if (!error)
		error = ethtool_ask(fd, ifname, values);
	if (error)
		return error;
	if (names->len != count || values->n_stats != count)
		return -EAGAIN; /* its queues were changed between the questions */
	ethtool_add_statistics(snapshot, link, driver, (const char *)names->data, (const uint64_t *)values->data,
			       count);
	return 0;
}

/* Drivers that have none to tell say nothing, or so. */
static void label_firmware(struct object *link, const struct ethtool_drvinfo *information)
{
	char firmware[sizeof(information->fw_version) + 1] = "";

	memcpy(firmware, information->fw_version, sizeof(information->fw_version));
	object_label(link, LABEL_FIRMWARE, *firmware && strcmp(firmware, "N/A") != 0 ? firmware : NULL);
}

static void read_link(int fd, struct snapshot *snapshot, struct object *link, const char *ifname)
{
	struct ethtool_drvinfo information = { .cmd = ETHTOOL_GDRVINFO };
	char driver[sizeof(information.driver) + 1] = "";
	int error = ethtool_ask(fd, ifname, &information);

	if (error == -ENODEV || error == -EOPNOTSUPP)
		return; /* gone, or nothing to ask: the link's own statistics say it all */
	if (!error) {
		memcpy(driver, information.driver, sizeof(information.driver));
		object_label(link, LABEL_DRIVER, driver);
		label_firmware(link, &information);
		error = read_statistics(fd, snapshot, link, ifname, driver);
		ethtool_read_settings(fd, snapshot, link, ifname);
	}
	if (error)
		snapshot_missed(snapshot, SOURCE_ETHTOOL, link, error,
				text_internf("statistics of %s (driver %s): %s", ifname, *driver ? driver : "unknown",
					     source_error_phrase(error)));
	else
		snapshot_covered(snapshot, SOURCE_ETHTOOL, link);
}

/* ---- capabilities ---- */

struct capabilities {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
};

/* Takes the capabilities that load modules out of this thread's effective set; *ret_before is what it had. */
static int capabilities_lower(struct capabilities *ret_before)
{
	struct capabilities lower = { .header = { .version = _LINUX_CAPABILITY_VERSION_3 } };

	if (syscall(SYS_capget, &lower.header, lower.data) < 0)
		return -errno;
	*ret_before = lower;
	lower.data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective &= ~CAP_TO_MASK(CAP_NET_ADMIN);
	lower.data[CAP_TO_INDEX(CAP_SYS_MODULE)].effective &= ~CAP_TO_MASK(CAP_SYS_MODULE);
	return syscall(SYS_capset, &lower.header, lower.data) < 0 ? -errno : 0;
}

static int capabilities_restore(struct capabilities *before)
{
	return syscall(SYS_capset, &before->header, before->data) < 0 ? -errno : 0;
}

/* ---- the source ---- */

static int list_links(const struct source_context *context)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	struct netlink_request request;
	unsigned int state = 0;
	int error = netlink_open(&netlink, NETLINK_ROUTE);

	if (error)
		return error;
	netlink_request(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(request.header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return netlink_dump(&netlink, &request, context->buffer, &state);
}

static void read_links(const struct source_context *context, struct snapshot *snapshot, int fd)
{
	struct netlink_walk walk = netlink_walk(context->buffer->data, context->buffer->length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct ifinfomsg)))) {
		const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
		struct object_key key = { OBJECT_LINK, context->netns->key.netns, (uint32_t)header->ifi_index, 0 };
		const struct nlattr *attributes[IFLA_IFNAME + 1];
		struct object *link;
		const char *name;

		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		name = netlink_string(attributes[IFLA_IFNAME]);
		if (message->nlmsg_type != RTM_NEWLINK || !name || header->ifi_flags & IFF_LOOPBACK)
			continue;
		link = object_intern(context->objects, key, NULL);
		if (!link)
			return;
		object_label(link, LABEL_NAME, name);
		read_link(fd, snapshot, link, name);
	}
}

static void ethtool_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	CLEANUP_CLOSE int fd = *context->sysroot ? -1 : socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct capabilities before = { 0 };
	int error = fd >= 0 ? 0 : *context->sysroot ? -EOPNOTSUPP : -errno;

	if (!error)
		error = list_links(context);
	if (!error)
		error = capabilities_lower(&before);
	if (!error) {
		read_links(context, snapshot, fd);
		error = capabilities_restore(&before);
	}
	if (error)
		snapshot_missed(snapshot, SOURCE_ETHTOOL, context->netns, error,
				text_internf("asking drivers (ethtool): %s", source_error_phrase(error)));
	else
		snapshot_covered(snapshot, SOURCE_ETHTOOL, context->netns);
}

const struct source source_ethtool = { SOURCE_ETHTOOL, SCOPE_NETNS, COST_DEAR, ethtool_source_read };
