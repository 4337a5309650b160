/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of this host that it may not use because another has them: what duplicate address detection refused
 * (RTM_GETADDR, net/ipv6/addrconf.c: addrconf_dad_failure). IPv4 has no such detection in the kernel.
 */
#include "source/address.h"

#include "source/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

static void name_refused(const struct source_context *context, struct snapshot *snapshot,
			 const struct ifaddrmsg *header, const struct nlattr *address)
{
	struct object_key key = { OBJECT_ADDRESS, context->netns->key.netns, header->ifa_index, 0 };
	const struct object *link = link_object(context, header->ifa_index);
	char text[INET6_ADDRSTRLEN];
	struct object *object;

	if (!link || header->ifa_family != AF_INET6 || !address ||
	    mnl_attr_get_payload_len(address) < sizeof(struct in6_addr) ||
	    !inet_ntop(AF_INET6, mnl_attr_get_payload(address), text, sizeof(text)))
		return;
	key.b = object_hash(text);
	object = object_intern(context->objects, key, NULL);
	if (!object)
		return;
	object->link = link->id;
	object_label(object, LABEL_NAME, text);
	object_label(object, LABEL_ADDRESS, text);
	snapshot_add(snapshot, C_ADDRESS_DUPLICATE, object, 1);
}

bool address_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct ifaddrmsg)))) {
		const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *attributes[IFA_FLAGS + 1];

		if (message->nlmsg_type != RTM_NEWADDR)
			continue;
		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		if (netlink_u32(attributes[IFA_FLAGS], header->ifa_flags) & IFA_F_DADFAILED)
			name_refused(context, snapshot, header, attributes[IFA_ADDRESS]);
	}
	return !walk.broken;
}

static int address_dump(const struct source_context *context, struct netlink *netlink, unsigned int *ret_state)
{
	struct netlink_request request;
	struct ifaddrmsg *header = netlink_request(&request, RTM_GETADDR, 0, sizeof(*header));

	header->ifa_family = AF_INET6; /* the only family that detects duplicates */
	return netlink_dump(netlink, &request, context->buffer, ret_state);
}

static void address_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	unsigned int state = 0;
	int error = *context->sysroot ? -EOPNOTSUPP : netlink_open(&netlink, NETLINK_ROUTE);

	if (!error)
		error = address_dump(context, &netlink, &state);
	if (error == -EAFNOSUPPORT)
		error = 0; /* no IPv6 */
	else if (!error && !address_parse(context, snapshot, context->buffer->data, context->buffer->length))
		state = NETLINK_CUT;
	if (error)
		snapshot_missed(snapshot, SOURCE_ADDRESS, context->netns, error,
				netlink_reason(&netlink, "listing the addresses (RTM_GETADDR)", error));
	else if (state)
		snapshot_covered_partly(snapshot, SOURCE_ADDRESS, context->netns,
					"the list of addresses was cut short or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_ADDRESS, context->netns);
}

const struct source source_address = { SOURCE_ADDRESS, SCOPE_NETNS, COST_MIDDLE, address_read };
