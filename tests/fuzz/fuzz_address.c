/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/address over any bytes: as the answer to RTM_GETADDR and, twice, to RTM_GETNEIGH. */
#include "fuzz/netlink_fuzz.h"
#include "source/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address_reading reading;
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	reading = (struct address_reading){ &fuzz.context, &fuzz.snapshot, NEW(struct address_memory), 0, false };
	(void)address_parse(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size);
	for (int i = 0; i < 2; i++)
		(void)address_parse_neighbours(&reading, fuzz.bytes, size);
	free(reading.memory);
	fuzz_end(&fuzz);
	return 0;
}
