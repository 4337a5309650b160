/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the settings' source that works without a kernel. */
#pragma once

#include "source/source.h"

#include "base/parse.h"

#define SYSCTL_VALUES_MAX 3

struct sysctl_setting {
	const char *path; /* below /proc/sys/net/ */
	size_t count;
	counter_id counters[SYSCTL_VALUES_MAX];
	bool whole_host;
};

/* The setting of that path below /proc/sys/net/, or NULL when it decides nothing that is known. */
const struct sysctl_setting *sysctl_setting(struct slice path);

/* The counter of a setting below net/ipv4/conf/DEVICE/ ("rp_filter"), or COUNTER_NONE. */
counter_id sysctl_of_device(struct slice name);

/*
 * Messages of an RTM_GETLINK dump of the context's namespace: adds the IPv4 settings of every device that is known.
 * False when the bytes end in the middle of a message or hold one that is too short.
 */
bool sysctl_parse_devices(const struct source_context *context, struct snapshot *snapshot, const void *bytes,
			  size_t length) __attribute__((warn_unused_result));
