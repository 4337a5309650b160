/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parser of the iptables rules' text over any bytes, up to objects and samples. */
#include "fuzz/firewall_fuzz.h"
#include "source/iptables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	firewall_fuzz(data, size, &iptables_rows, iptables_save_add);
	return 0;
}
