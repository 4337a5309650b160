/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables messages over any bytes, up to objects and samples; then the same bytes as the listing that gives the rules
 * their texts.
 */
#include "fuzz/netlink_fuzz.h"
#include "source/nftables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct firewall firewall = { 0 };
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	nftables_add(&firewall, fuzz.bytes, size);
	nftables_resolve(&firewall);
	for (uint32_t i = 0; i < firewall.nodes.count && i < 3; i++)
		nftables_text_take(&firewall, i, (struct slice){ fuzz.bytes, size });
	firewall_emit(&firewall, &nftables_rows, fuzz.context.netns, &fuzz.snapshot);
	firewall_free(&firewall);
	fuzz_end(&fuzz);
	return 0;
}
