/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generic netlink over any bytes: the list of families, Open vSwitch, devlink and the ports of a team. */
#include "fuzz/netlink_fuzz.h"
#include "source/devlink.h"
#include "source/genl.h"
#include "source/openvswitch.h"
#include "source/port.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	(void)genl_family_find(fuzz.bytes, size, "devlink");
	(void)openvswitch_parse_datapaths(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size);
	(void)openvswitch_parse_ports(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size);
	(void)devlink_parse(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size);
	(void)port_parse_team(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size);
	fuzz_end(&fuzz);
	return 0;
}
