/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the port source that work without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

#include "base/parse.h"

/*
 * Messages of an RTM_GETSTATS dump of the context's namespace that asked for extended statistics: spanning tree of
 * bridge ports, LACP of bond members. False when the bytes end in the middle of a message.
 */
bool port_parse_statistics(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			   size_t length);

/* The text of /proc/net/bonding/NAME: what it says of the members that are known by name. */
void port_parse_bonding(const struct source_context *context, struct snapshot *snapshot, struct cursor lines);

/* The answer to TEAM_CMD_PORT_LIST_GET. False when it ends in the middle of a message. */
bool port_parse_team(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length);
