/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairs of lines: /proc/net/snmp, and netstat, which has the same form. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_snmp, "/proc/thread-self/net/snmp", data, size);
}
