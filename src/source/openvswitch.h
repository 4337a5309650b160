/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the Open vSwitch source that work without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

/*
 * Messages of OVS_DP_CMD_GET and OVS_VPORT_CMD_GET dumps of the context's namespace: a datapath's samples belong to the
 * device that stands for it, a port's to its own device. False when the bytes end in the middle of a message.
 */
bool openvswitch_parse_datapaths(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
				 size_t length);
bool openvswitch_parse_ports(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			     size_t length);
