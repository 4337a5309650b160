/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP sets with how many elements they hold and may hold: IPSET_CMD_LIST of their
 * headers alone (include/uapi/linux/netfilter/ipset/ip_set.h, net/netfilter/ipset/
 * ip_set_core.c: ip_set_dump_do). Asking would load ip_set where it is missing, so
 * it is asked only where it is there. A set with timeouts is counted through by the
 * kernel at each question, so this may take long.
 */
#include "source/ipset.h"
#include "source/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>

static uint64_t be32(const struct nlattr *attribute)
{
	return ntohl(netlink_u32(attribute, 0));
}

static struct object *set_object(const struct source_context *context, const char *name)
{
	CLEANUP_FREE char *full = text_format("ipset %s", name);
	struct object_key key = { OBJECT_RULE, context->netns->key.netns, object_hash(full), 0 };
	struct object *object = object_intern(context->objects, key, NULL);

	if (!object)
		return NULL;
	object->netns = context->netns->id;
	object_label(object, LABEL_NAME, full);
	object_label(object, LABEL_KIND, "set");
	object_label(object, LABEL_CHAIN, name);
	return object;
}

static bool take_set(const struct source_context *context, struct snapshot *snapshot, const struct nlmsghdr *message,
		     struct ipset_counts *counts)
{
	const struct nlattr *attributes[IPSET_ATTR_CMD_MAX + 1], *data[IPSET_ATTR_CREATE_MAX + 1];
	const char *name;
	struct object *object;

	netlink_attributes(message, sizeof(struct nfgenmsg), attributes, ARRAY_SIZE(attributes));
	netlink_nested(attributes[IPSET_ATTR_DATA], 0, data, ARRAY_SIZE(data));
	name = netlink_string(attributes[IPSET_ATTR_SETNAME]);
	if (!name || !data[IPSET_ATTR_MAXELEM] || !data[IPSET_ATTR_ELEMENTS])
		return true; /* bitmaps hold what their range holds; kernels before 4.9 do not count */
	if (counts->named == IPSETS_MAX)
		return false;
	object = set_object(context, name);
	if (!object)
		return false;
	counts->named++;
	snapshot_add(snapshot, C_IPSET_ELEMENTS, object, be32(data[IPSET_ATTR_ELEMENTS]));
	snapshot_add(snapshot, C_IPSET_SIZE, object, be32(data[IPSET_ATTR_MAXELEM]));
	return true;
}

bool ipset_parse(const struct source_context *context, struct snapshot *snapshot, const char *bytes, size_t length,
		 struct ipset_counts *counts)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct nfgenmsg))))
		if (message->nlmsg_type == (NFNL_SUBSYS_IPSET << 8 | IPSET_CMD_LIST) &&
		    !take_set(context, snapshot, message, counts))
			return false;
	counts->broken = counts->broken || walk.broken;
	return true;
}

struct reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	struct ipset_counts counts;
};

static bool take(void *data, const char *bytes, size_t length)
{
	struct reading *reading = data;

	return ipset_parse(reading->context, reading->snapshot, bytes, length, &reading->counts);
}

static int list_headers(struct netlink *netlink, struct reading *reading, unsigned int *ret_state)
{
	struct netlink_request request;
	struct nfgenmsg *header =
		netlink_request(&request, NFNL_SUBSYS_IPSET << 8 | IPSET_CMD_LIST, 0, sizeof(*header));

	header->nfgen_family = NFPROTO_IPV4;
	header->version = NFNETLINK_V0;
	mnl_attr_put_u8(request.header, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_MIN);
	mnl_attr_put_u32(request.header, IPSET_ATTR_FLAGS | NLA_F_NET_BYTEORDER, htonl(IPSET_FLAG_LIST_HEADER));
	return netlink_stream(netlink, &request, take, reading, ret_state);
}

static void read_live(const struct source_context *context, struct snapshot *snapshot)
{
	struct reading reading = { .context = context, .snapshot = snapshot };
	CLEANUP_NETLINK struct netlink netlink = NETLINK_CLOSED;
	unsigned int state = 0;
	int error = netlink_open(&netlink, NETLINK_NETFILTER);

	if (!error)
		error = list_headers(&netlink, &reading, &state);
	if (error == -EINVAL || error == -EPROTONOSUPPORT)
		snapshot_covered(snapshot, SOURCE_IPSET, context->netns); /* the kernel has no such part */
	else if (error)
		snapshot_missed(snapshot, SOURCE_IPSET, context->netns, error,
				netlink_reason(&netlink, "listing IP sets (IPSET_CMD_LIST)", error));
	else if (state || reading.counts.broken)
		snapshot_covered_partly(snapshot, SOURCE_IPSET, context->netns,
					"the list of IP sets was too long or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_IPSET, context->netns);
}

static void ipset_read(const struct source_context *context, struct snapshot *snapshot)
{
	if (source_part_there(context, snapshot, SOURCE_IPSET, "ip_set", "ip_set_test"))
		read_live(context, snapshot);
}

const struct source source_ipset = { SOURCE_IPSET, SCOPE_NETNS, COST_DEAR, ipset_read };
