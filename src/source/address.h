/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the address source that works without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

/*
 * Messages of an RTM_GETADDR dump of the context's namespace: addresses that this host may not use because another has
 * them (IFA_F_DADFAILED) become objects. False when the bytes end in the middle of a message.
 */
bool address_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length);
