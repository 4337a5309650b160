/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Neighbours whose hardware address is another one than at the reading before: two hosts that answer for one address, or
 * a failover. The kernel counts no such thing, and an ARP entry keeps its hardware address for at least a second
 * (net/ipv4/arp.c: arp_process, locktime).
 */
#include "source/link.h"
#include "source/neighbour.h"

#include "model/series.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>

#define PROBES 16 /* slots tried for one neighbour */

static struct neighbour_slot *slot_find(struct neighbour_memory *memory, uint64_t neighbour)
{
	for (size_t i = 0; i < PROBES; i++) {
		struct neighbour_slot *slot = &memory->slots[(neighbour + i) % NEIGHBOUR_SLOTS];

		if (slot->neighbour == neighbour || !slot->neighbour)
			return slot;
	}
	return NULL; /* so many that this one is not remembered */
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return (hash ^ number) * UINT64_C(1099511628211);
}

static uint64_t hash_attribute(uint64_t hash, const struct nlattr *attribute)
{
	const unsigned char *bytes = mnl_attr_get_payload(attribute);

	for (size_t i = 0; i < mnl_attr_get_payload_len(attribute); i++)
		hash = hash_number(hash, bytes[i]);
	return hash;
}

/* An object for a neighbour that changed, with how often. */
static void name_changed(const struct source_context *context, struct snapshot *snapshot, const struct ndmsg *header,
			 const struct nlattr *address, uint32_t changes)
{
	struct object_key key = { OBJECT_NEIGHBOUR, context->netns->key.netns, (uint32_t)header->ndm_ifindex, 0 };
	const struct object *link = link_object(context, (uint32_t)header->ndm_ifindex);
	size_t needed = header->ndm_family == AF_INET ? 4 : 16;
	char text[INET6_ADDRSTRLEN];
	struct object *entry;

	if (!link || mnl_attr_get_payload_len(address) < needed ||
	    !inet_ntop(header->ndm_family, mnl_attr_get_payload(address), text, sizeof(text)))
		return;
	key.b = object_hash(text);
	entry = object_intern(context->objects, key, NULL);
	if (!entry)
		return;
	entry->link = link->id;
	entry->born = true; /* it counts from the window's start */
	object_label(entry, LABEL_NAME, text);
	object_label(entry, LABEL_ADDRESS, text);
	snapshot_add(snapshot, C_NEIGH_ADDRESS_CHANGES, entry, changes);
}

void neighbour_memory_begin(struct neighbour_memory *memory, const struct series *series)
{
	bool first = series && !series_snapshots(series);

	memory->window += first && !memory->begun;
	memory->begun = first;
}

void neighbour_compare(const struct source_context *context, struct snapshot *snapshot, struct neighbour_memory *memory,
		       const struct ndmsg *header, const struct nlattr *address, const struct nlattr *hardware)
{
	uint64_t seed = UINT64_C(14695981039346656037), neighbour, now;
	struct neighbour_slot *slot;

	if (!address || !hardware)
		return;
	neighbour = hash_number(hash_number(seed, context->netns->key.netns), (uint32_t)header->ndm_ifindex);
	neighbour = hash_attribute(neighbour, address);
	neighbour = neighbour ? neighbour : 1;
	slot = slot_find(memory, neighbour);
	if (!slot)
		return;
	now = hash_attribute(seed, hardware);
	if (slot->window != memory->window)
		slot->changes = 0;
	slot->window = memory->window;
	slot->changes += slot->neighbour && slot->hardware != now;
	slot->neighbour = neighbour;
	slot->hardware = now;
	if (slot->changes)
		name_changed(context, snapshot, header, address, slot->changes);
}
