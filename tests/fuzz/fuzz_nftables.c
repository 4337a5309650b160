/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser of the nftables rules' text over any bytes, up to objects and samples. */
#include "fuzz/fuzz.h"
#include "source/nftables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct objects *objects = objects_new();
	struct object *netns = object_intern(objects, (struct object_key){ OBJECT_NETNS, 1, 0, 0 }, NULL);
	struct firewall firewall = { 0 };
	struct snapshot snapshot = { 0 };

	snapshot_begin(&snapshot, objects);
	nftables_text_add(&firewall, text);
	for (uint32_t i = 0; i < firewall.nodes.count && i < 3; i++)
		if (firewall.nodes.data[i].kind == NODE_MAP)
			nftables_map_add(&firewall, i, text);
	firewall_resolve(&firewall);
	firewall_emit(&firewall, &nftables_rows, netns, &snapshot);
	firewall_free(&firewall);
	snapshot_free(&snapshot);
	objects_free(objects);
	return 0;
}
