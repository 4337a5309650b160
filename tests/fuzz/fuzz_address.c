/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/address over any bytes as the answer to RTM_GETADDR, and neighbours with a memory, twice: RTM_GETNEIGH. */
#include "fuzz/netlink_fuzz.h"
#include "source/address.h"
#include "source/neighbour.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct neighbour_counts counts = { .memory = NEW(struct neighbour_memory) };
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	(void)address_parse(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size);
	for (int i = 0; i < 2; i++)
		(void)neighbour_parse_entries(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size, &counts);
	free(counts.memory);
	fuzz_end(&fuzz);
	return 0;
}
