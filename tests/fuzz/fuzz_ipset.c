/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/ipset over any bytes as the answer to its dump; no more is named than allowed. */
#include "fuzz/netlink_fuzz.h"
#include "source/ipset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipset_counts counts = { 0 };
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	(void)ipset_parse(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size, &counts);
	if (counts.named > IPSETS_MAX)
		abort();
	fuzz_end(&fuzz);
	return 0;
}
