/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/optics over any bytes: three that say what module it is, then its values, then its limits. */
#include "fuzz/netlink_fuzz.h"
#include "source/optics.h"

#define IDENTITY 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum optics_layout layout;
	const struct object *link;
	struct fuzz_case fuzz;
	size_t half;

	fuzz_begin(&fuzz, data, size);
	link = object_intern(fuzz.objects, (struct object_key){ OBJECT_LINK, 1, 1, 0 }, NULL);
	layout = optics_layout((struct slice){ fuzz.bytes, size });
	if (size > IDENTITY) {
		half = (size - IDENTITY) / 2;
		optics_add(&fuzz.snapshot, link, layout, (struct slice){ fuzz.bytes + IDENTITY, half },
			   (struct slice){ fuzz.bytes + IDENTITY + half, size - IDENTITY - half });
	}
	fuzz_end(&fuzz);
	return 0;
}
