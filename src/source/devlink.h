/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the devlink source that works without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

/*
 * Messages of DEVLINK_CMD_TRAP_GET and DEVLINK_CMD_HEALTH_REPORTER_GET dumps, told apart by what they hold. False when the
 * bytes end in the middle of a message.
 */
bool devlink_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length);
