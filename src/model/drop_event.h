/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One dropped packet, as a sample of many: what its headers say and where it was, not its content. Reason, place, namespace
 * and direction are those of the object that counts its kind.
 */
#pragma once

#include "model/packet.h"

#include <stdint.h>

#define DROP_EVENT_NAME 32

struct drop_event {
	uint64_t time_ns; /* monotonic */
	uint32_t object;  /* OBJECT_DROP, by its id in the registry */
	uint32_t cpu, ifindex, length, segments;
	int pid; /* that ran when the first packet of its kind fell: its own only where the kind's stack says so; 0: not known */
	char comm[DROP_EVENT_NAME], device[DROP_EVENT_NAME]; /* "" when not known */
	uint64_t socket_inode;				     /* 0 likewise */
	const char *cgroup, *container;			     /* interned (base/intern.h); "" when not known */
	struct packet packet;
};
