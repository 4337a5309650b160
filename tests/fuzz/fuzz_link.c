/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/link over any bytes as the answer to RTM_GETLINK, twice: the second time every object is known. */
#include "fuzz/netlink_fuzz.h"
#include "source/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link_remotes remotes = { 0 };
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	for (int i = 0; i < 2; i++)
		(void)link_parse(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size, &remotes);
	vec_free(&remotes.list);
	fuzz_end(&fuzz);
	return 0;
}
