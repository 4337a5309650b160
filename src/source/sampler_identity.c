/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which namespace a number stands for. The kernel gives the inode number of a namespace that went to the next one made
 * (fs/nsfs.c: ns_alloc_inum takes the lowest that is free), often within the same second. Its cookie (SO_NETNS_COOKIE,
 * Linux 5.14) is nobody else's, ever: a number seen with another cookie is another namespace. What is known of numbers
 * outlives the window, for the windows of a long wait are joined by the keys of their objects.
 */
#include "source/sampler_parts.h"

#include "base/alloc.h"

#define IDENTITIES_MAX (NETNS_MAX * 4)

struct identity {
	uint64_t inode, cookie; /* the cookie is 0 before it was asked for */
	uint64_t holder;	/* of that number: 0 the first */
};

static VEC(struct identity) identities;

static struct identity *identity_of(uint64_t inode)
{
	struct identity *identity;

	vec_each(&identities, identity) {
		if (identity->inode == inode)
			return identity;
	}
	identity = vec_add(&identities, IDENTITIES_MAX);
	if (identity)
		identity->inode = inode;
	return identity;
}

uint64_t identity_key(uint64_t inode)
{
	const struct identity *identity = identity_of(inode);

	return identity ? object_netns_key(inode, identity->holder) : inode;
}

bool identity_changed(uint64_t inode, uint64_t cookie)
{
	struct identity *identity = identity_of(inode);
	bool changed;

	if (!identity || !cookie)
		return false;
	changed = identity->cookie && identity->cookie != cookie;
	identity->cookie = cookie;
	identity->holder += changed;
	return changed;
}
