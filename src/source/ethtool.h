/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the ethtool source that work without a device. */
#pragma once

#include "source/source.h"

#include "base/parse.h"

#include <linux/ethtool.h>

/*
 * One statistic as a driver names it. It becomes a counter of `link` when drivers.def knows its name or the name
 * smells of loss; true then. `position` says how many of the same name came before it: the second is called
 * "name [2]". Blanks around names are dropped, characters that a command line could trip over become '_'.
 */
bool ethtool_add_statistic(struct snapshot *snapshot, const struct object *link, const char *driver, struct slice name,
			   unsigned int position, uint64_t value);

/* All statistics of a device: `count` names of ETH_GSTRING_LEN bytes each, not all terminated, and their values. */
void ethtool_add_statistics(struct snapshot *snapshot, const struct object *link, const char *driver, const char *names,
			    const uint64_t *values, size_t count);

/* The answer to ETHTOOL_GLINKSETTINGS: `length` bytes, the masks of link modes included. */
void ethtool_add_link_settings(struct snapshot *snapshot, const struct object *link, const void *bytes, size_t length);

/* One request to a device (linux/ethtool.h); 0 or -errno. `command` begins with the command's number. */
int ethtool_ask(int fd, const char *ifname, void *command);

/* Rings, channels, offloads, pause and speed as gauges (ethtool_settings.c); what is not answered is left out. */
void ethtool_read_settings(int fd, struct snapshot *snapshot, const struct object *link, const char *ifname);
