/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/qstats over any bytes as an answer about the links 1 to 4. */
#include "fuzz/netlink_fuzz.h"
#include "source/qstats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	for (uint64_t ifindex = 1; ifindex <= 4; ifindex++)
		(void)object_intern(fuzz.objects, (struct object_key){ OBJECT_LINK, 1, ifindex, 0 }, NULL);
	(void)qstats_parse(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size);
	fuzz_end(&fuzz);
	return 0;
}
