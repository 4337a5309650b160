/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/ethtool over any bytes: the first says what the rest is, link settings (even) or names of 32 bytes, as many as
 * fit. A counter's name must be safe to quote.
 */
#include "fuzz/netlink_fuzz.h"
#include "source/ethtool.h"

static void statistics(struct fuzz_case *fuzz, const struct object *link, const char *names, size_t count)
{
	CLEANUP_FREE uint64_t *values = mem_new(count + 1, sizeof(*values));
	const struct sample *sample;

	ethtool_add_statistics(&fuzz->snapshot, link, "fuzz", names, values, count);
	vec_each(&fuzz->snapshot.samples, sample) {
		if (strpbrk(counter_name(sample->counter), "'\"\\`$\n\033"))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct object_key key = { OBJECT_LINK, 1, 1, 0 };
	const struct object *link;
	struct fuzz_case fuzz;

	if (!size)
		return 0;
	fuzz_begin(&fuzz, data + 1, size - 1);
	link = object_intern(fuzz.objects, key, NULL);
	if (*data % 2 == 0)
		ethtool_add_link_settings(&fuzz.snapshot, link, fuzz.bytes, size - 1);
	else
		statistics(&fuzz, link, fuzz.bytes, (size - 1) / ETH_GSTRING_LEN);
	fuzz_end(&fuzz);
	return 0;
}
