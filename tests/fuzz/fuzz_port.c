/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/port over any bytes: as the answer to RTM_GETSTATS, and as the text of a file of /proc/net/bonding. */
#include "fuzz/netlink_fuzz.h"
#include "source/link.h"
#include "source/port.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	object_label(link_object(&fuzz.context, 5), LABEL_NAME, "eth1");
	(void)port_parse_statistics(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size);
	port_parse_bonding(&fuzz.context, &fuzz.snapshot, cursor_of(fuzz.bytes, size));
	fuzz_end(&fuzz);
	return 0;
}
