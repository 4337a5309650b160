/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network devices that are hardware, or stand for some: the link source gives those that have a device behind
 * them its directory in sysfs (LABEL_PATH). Bridges, tunnels and veth have none: there is nothing to ask them.
 */
#pragma once

#include "source/source.h"

/*
 * The next hardware device of the context's namespace that is up; NULL when there are no more. *next starts at 0 and is
 * this function's to change.
 */
struct object *device_next(const struct source_context *context, uint32_t *next);

/* True when the namespace has such a device. */
bool device_any(const struct source_context *context);

/* The queue of a device as an object: "rx-3", "tx-0". */
struct object *device_queue(const struct source_context *context, const struct object *link, bool transmit,
			    uint32_t queue);

/*
 * The directory in sysfs of a device on a bus: "/sys/bus/pci/devices/0000:00:03.0", as a label of `link`. Names that lead
 * elsewhere are refused; without a name (NULL) nothing is changed.
 */
void device_label(struct object *link, const char *bus, const char *name);
