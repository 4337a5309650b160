/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the harnesses of the rulesets' parsers share: from any text up to objects and samples. */
#pragma once

#include "fuzz/fuzz.h"
#include "source/firewall.h"

static inline void firewall_fuzz(const uint8_t *data, size_t size, const struct firewall_rows *rows,
				 void (*parse)(struct firewall *firewall, struct slice text))
{
	struct objects *objects = objects_new();
	struct object *netns = object_intern(objects, (struct object_key){ OBJECT_NETNS, 1, 0, 0 }, NULL);
	struct firewall firewall = { 0 };
	struct snapshot snapshot = { 0 };

	snapshot_begin(&snapshot, objects);
	parse(&firewall, (struct slice){ (const char *)data, size });
	firewall_resolve(&firewall);
	firewall_emit(&firewall, rows, netns, &snapshot);
	firewall_free(&firewall);
	snapshot_free(&snapshot);
	objects_free(objects);
}
