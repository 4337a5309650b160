/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/ethnl over any bytes as answers of the ethtool family; what a module's memory is said to be stays inside them. */
#include "fuzz/netlink_fuzz.h"
#include "source/ethnl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct object *link;
	struct fuzz_case fuzz;
	struct slice memory;

	fuzz_begin(&fuzz, data, size);
	link = object_intern(fuzz.objects, (struct object_key){ OBJECT_LINK, 1, 1, 0 }, NULL);
	(void)ethnl_parse(&fuzz.snapshot, link, fuzz.bytes, size);
	(void)ethnl_parse_port(fuzz.bytes, size);
	memory = ethnl_parse_eeprom(fuzz.bytes, size);
	if (memory.length && (memory.data < fuzz.bytes || memory.data + memory.length > fuzz.bytes + size))
		abort();
	fuzz_end(&fuzz);
	return 0;
}
