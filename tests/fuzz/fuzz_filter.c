/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/filter over any bytes: as the answer to RTM_GETQDISC and to RTM_GETTFILTER. */
#include "fuzz/netlink_fuzz.h"
#include "source/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filter_places places = { 0 };
	struct filter_reading reading;
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	reading =
		(struct filter_reading){ &fuzz.context, &fuzz.snapshot, { 2, 0xfffffff2, "ingress" }, 0, true, false };
	(void)filter_parse_places(fuzz.bytes, size, &places);
	(void)filter_parse(&reading, fuzz.bytes, size);
	vec_free(&places.list);
	fuzz_end(&fuzz);
	return 0;
}
