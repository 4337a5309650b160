/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the queue statistics source that works without a kernel. */
#pragma once

#include "source/source.h"

/*
 * Answers to NETDEV_CMD_QSTATS_GET, of devices or of queues, as samples of those links and their queues. Links that
 * nobody has seen yet are left out. False when an answer was cut or malformed.
 */
bool qstats_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length);
