/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser of the nftables rules' text over any bytes, up to objects and samples. */
#include "fuzz/firewall_fuzz.h"
#include "source/nftables.h"

static void parse(struct firewall *firewall, struct slice text)
{
	nftables_text_add(firewall, text);
	for (uint32_t i = 0; i < firewall->nodes.count && i < 3; i++)
		if (firewall->nodes.data[i].kind == NODE_MAP)
			nftables_map_add(firewall, i, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	firewall_fuzz(data, size, &nftables_rows, parse);
	return 0;
}
