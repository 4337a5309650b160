/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as what unix_diag answers: names without control characters, no reading behind the end. */
#include "fuzz/netlink_fuzz.h"
#include "source/socket_unix.h"

#include <ctype.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_case fuzz;
	struct unix_reading reading = { .context = &fuzz.context, .snapshot = &fuzz.snapshot };

	fuzz_begin(&fuzz, data, size);
	(void)socket_unix_take(&reading, fuzz.bytes, size);
	for (uint32_t id = 0; id < objects_count(fuzz.objects); id++) {
		for (const char *c = object_text(object_get(fuzz.objects, id), LABEL_NAME); *c; c++) {
			if (!isprint((unsigned char)*c))
				abort();
		}
	}
	fuzz_end(&fuzz);
	return 0;
}
