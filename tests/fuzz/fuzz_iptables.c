/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser of the iptables rules' text over any bytes, up to objects and samples. */
#include "fuzz/fuzz.h"
#include "source/iptables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct objects *objects = objects_new();
	struct object *netns = object_intern(objects, (struct object_key){ OBJECT_NETNS, 1, 0, 0 }, NULL);
	struct firewall firewall = { 0 };
	struct snapshot snapshot = { 0 };

	snapshot_begin(&snapshot, objects);
	iptables_save_add(&firewall, text);
	firewall_resolve(&firewall);
	firewall_emit(&firewall, &iptables_rows, netns, &snapshot);
	firewall_free(&firewall);
	snapshot_free(&snapshot);
	objects_free(objects);
	return 0;
}
