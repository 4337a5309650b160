/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the settings' source that works without a kernel. */
#pragma once

#include "source/source.h"

/*
 * Messages of an RTM_GETLINK dump of the context's namespace: adds the IPv4 settings of every device that is known.
 * False when the bytes end in the middle of a message or hold one that is too short.
 */
bool sysctl_parse_devices(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			  size_t length) __attribute__((warn_unused_result));
