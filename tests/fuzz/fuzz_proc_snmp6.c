/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name and a value per line: /proc/net/snmp6. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_snmp6, "/proc/thread-self/net/snmp6", data, size);
}
