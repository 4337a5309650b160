/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses that two hosts claim: those of this host that duplicate address
 * detection refused (RTM_GETADDR, net/ipv6/addrconf.c: addrconf_dad_failure), and neighbours whose
 * hardware address changes from reading to reading (RTM_GETNEIGH). IPv4 has no such detection in the kernel and no
 * counter for it; an ARP entry keeps its hardware address for at least a second (locktime).
 */
#include "source/address.h"

#include "source/link.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define PROBES 16 /* slots tried for one neighbour */

/* "10.0.0.1"; false when there is no address of that family. */
static bool address_text(int family, const struct nlattr *address, char *ret, size_t size)
{
	size_t needed = family == AF_INET ? 4 : 16;

	return (family == AF_INET || family == AF_INET6) && address && mnl_attr_get_payload_len(address) >= needed &&
	       inet_ntop(family, mnl_attr_get_payload(address), ret, (socklen_t)size);
}

/* An address or neighbour of a device. */
static struct object *on_device(const struct source_context *context, enum object_kind kind, uint32_t ifindex,
				const char *text)
{
	struct object_key key = { kind, context->netns->key.netns, ifindex, object_hash(text) };
	const struct object *link = link_object(context, ifindex);
	struct object *object = link ? object_intern(context->objects, key, NULL) : NULL;

	if (!object)
		return NULL;
	object->link = link->id;
	object_label(object, LABEL_NAME, text);
	object_label(object, LABEL_ADDRESS, text);
	return object;
}

bool address_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct ifaddrmsg)))) {
		const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *attributes[IFA_FLAGS + 1];
		const struct object *address;
		char text[INET6_ADDRSTRLEN];

		if (message->nlmsg_type != RTM_NEWADDR)
			continue;
		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		if (!(netlink_u32(attributes[IFA_FLAGS], header->ifa_flags) & IFA_F_DADFAILED) ||
		    !address_text(header->ifa_family, attributes[IFA_ADDRESS], text, sizeof(text)))
			continue;
		address = on_device(context, OBJECT_ADDRESS, header->ifa_index, text);
		if (address)
			snapshot_add(snapshot, C_ADDRESS_DUPLICATE, address, 1);
	}
	return !walk.broken;
}

/* ---- neighbours ---- */

static struct address_slot *slot_find(struct address_memory *memory, uint64_t neighbour)
{
	for (size_t i = 0; i < PROBES; i++) {
		struct address_slot *slot = &memory->slots[(neighbour + i) % ADDRESS_SLOTS];

		if (slot->neighbour == neighbour || !slot->neighbour)
			return slot;
	}
	return NULL; /* so many that this one is not remembered */
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * UINT64_C(1099511628211);
	return hash;
}

static uint64_t neighbour_hash(const struct address_reading *reading, const struct ndmsg *header, const char *text)
{
	uint64_t netns = reading->context->netns->key.netns;
	uint64_t hash = hash_bytes(object_hash(text), &netns, sizeof(netns));

	hash = hash_bytes(hash, &header->ndm_ifindex, sizeof(header->ndm_ifindex));
	return hash ? hash : 1;
}

static void parse_neighbour(struct address_reading *reading, const struct ndmsg *header,
			    const struct nlattr *const *attributes)
{
	const struct nlattr *hardware = attributes[NDA_LLADDR];
	char text[INET6_ADDRSTRLEN];
	struct address_slot *slot;
	struct object *object;
	uint64_t now, before;

	if (!hardware || !address_text(header->ndm_family, attributes[NDA_DST], text, sizeof(text)))
		return;
	slot = slot_find(reading->memory, neighbour_hash(reading, header, text));
	if (!slot)
		return;
	now = hash_bytes(UINT64_C(14695981039346656037), mnl_attr_get_payload(hardware),
			 mnl_attr_get_payload_len(hardware));
	before = slot->neighbour ? slot->hardware : now;
	slot->neighbour = neighbour_hash(reading, header, text);
	slot->hardware = now;
	slot->changes += before != now;
	if (!slot->changes)
		return;
	object = on_device(reading->context, OBJECT_NEIGHBOUR, (uint32_t)header->ndm_ifindex, text);
	if (!object)
		return;
	object->born = true; /* it counts from the tool's start */
	snapshot_add(reading->snapshot, C_ADDRESS_CHANGES, object, slot->changes);
}

bool address_parse_neighbours(struct address_reading *reading, const void *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct ndmsg)))) {
		const struct ndmsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *attributes[NDA_LLADDR + 1];

		if (message->nlmsg_type != RTM_NEWNEIGH || header->ndm_ifindex <= 0)
			continue;
		reading->seen++;
		if (header->ndm_state & (NUD_FAILED | NUD_INCOMPLETE | NUD_NOARP))
			continue;
		netlink_attributes(message, sizeof(*header), attributes, ARRAY_SIZE(attributes));
		parse_neighbour(reading, header, attributes);
	}
	reading->broken |= walk.broken;
	return reading->seen < ADDRESS_NEIGHBOURS_READ;
}

/* ---- reading ---- */

static bool take_neighbours(void *data, const char *bytes, size_t length)
{
	return address_parse_neighbours(data, bytes, length);
}

static int read_addresses(const struct source_context *context, struct snapshot *snapshot, struct netlink *netlink,
			  bool *whole)
{
	struct netlink_request request;
	struct ifaddrmsg *header = netlink_request(&request, RTM_GETADDR, 0, sizeof(*header));
	unsigned int state = 0;
	int error;

	header->ifa_family = AF_INET6; /* the only family that detects duplicates */
	error = netlink_dump(netlink, &request, context->buffer, &state);
	if (!error)
		*whole &= address_parse(context, snapshot, context->buffer->data, context->buffer->length) && !state;
	return error;
}

static int read_neighbours(const struct source_context *context, struct snapshot *snapshot, struct netlink *netlink,
			   bool *whole)
{
	static struct address_memory *memory;
	struct address_reading reading = { .context = context, .snapshot = snapshot };
	struct netlink_request request;
	unsigned int state = 0;
	int error;

	if (!memory)
		memory = NEW(struct address_memory);
	reading.memory = memory;
	netlink_request(&request, RTM_GETNEIGH, 0, sizeof(struct ndmsg));
	error = netlink_stream(netlink, &request, take_neighbours, &reading, &state);
	*whole &= !state && !reading.broken;
	return error;
}

static void address_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct netlink netlink CLEANUP_NETLINK = NETLINK_CLOSED;
	const char *what = "listing the addresses (RTM_GETADDR)";
	bool whole = true;
	int error = *context->sysroot ? -EOPNOTSUPP : netlink_open(&netlink, NETLINK_ROUTE);

	if (!error)
		error = read_addresses(context, snapshot, &netlink, &whole);
	if (!error) {
		what = "listing the neighbours (RTM_GETNEIGH)";
		error = read_neighbours(context, snapshot, &netlink, &whole);
	}
	if (error)
		snapshot_missed(snapshot, SOURCE_ADDRESS, context->netns, error, netlink_reason(&netlink, what, error));
	else if (!whole)
		snapshot_covered_partly(
			snapshot, SOURCE_ADDRESS, context->netns,
			"the list of addresses or neighbours was too long or changed while it was read");
	else
		snapshot_covered(snapshot, SOURCE_ADDRESS, context->netns);
}

const struct source source_address = { SOURCE_ADDRESS, SCOPE_NETNS, COST_MIDDLE, address_read };
