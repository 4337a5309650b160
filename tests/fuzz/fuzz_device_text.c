/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small texts about devices over any bytes: the bus, lists of CPUs, radios. A range never runs backwards. */
#include "fuzz/netlink_fuzz.h"
#include "source/pci.h"
#include "source/proc_wireless.h"
#include "source/topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct object *link;
	struct fuzz_case fuzz;
	struct cursor list;
	struct slice text;
	uint32_t first, last;
	uint64_t value;

	fuzz_begin(&fuzz, data, size);
	link = object_intern(fuzz.objects, (struct object_key){ OBJECT_LINK, 1, 1, 0 }, NULL);
	text = (struct slice){ fuzz.bytes ? fuzz.bytes : "", size };
	(void)pci_parse_speed(text);
	(void)pci_parse_total(text, &value);
	(void)pci_parse_first_cpu(text, &value);
	(void)wireless_add(&fuzz.snapshot, link, text);
	list = cursor_of(text.data, text.length);
	while (topology_next_range(&list, &first, &last)) {
		if (first > last)
			abort();
	}
	fuzz_end(&fuzz);
	return 0;
}
