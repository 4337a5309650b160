/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/lldp over any bytes as a data unit: what it names is text that may be printed. */
#include "fuzz/fuzz.h"
#include "source/lldp.h"

#include <stdlib.h>

static void assert_printable(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lldp_neighbour neighbour;

	if (!lldp_parse(data, size, &neighbour))
		return 0;
	assert_printable(neighbour.chassis);
	assert_printable(neighbour.port);
	assert_printable(neighbour.system);
	return 0;
}
