/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the LLDP source that works without a network, and what others have to know of its socket. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who sent a frame: text as people read it, printable, "" where it was not said. */
struct lldp_neighbour {
	char chassis[128], port[128], system[128];
	uint16_t port_vlan, max_frame_bytes; /* 0: not said */
};

/*
 * An LLDP data unit, without the Ethernet header. False when one of its parts is cut or the mandatory ones (chassis and
 * port) are missing; *ret is untouched then.
 */
bool lldp_parse(const void *bytes, size_t length, struct lldp_neighbour *ret);

/* The inode of the packet socket that this source listens on, which is nobody's but the tool's; 0 before it does. */
uint64_t lldp_inode(void);
