/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/neighbour and source/route over any bytes as the answers to their dumps; no more is named than allowed. */
#include "fuzz/netlink_fuzz.h"
#include "source/neighbour.h"
#include "source/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct neighbour_counts neighbours = { 0 };
	struct route_counts routes = { .limit = ROUTES_READ };
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	(void)neighbour_parse_tables(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size);
	(void)neighbour_parse_entries(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size, &neighbours);
	(void)route_parse(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size, &routes);
	if (neighbours.named > NEIGHBOURS_NAMED || routes.named > ROUTES_NAMED)
		abort();
	fuzz_end(&fuzz);
	return 0;
}
