/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and numbers of which some are known: /proc/meminfo. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_memory, "/proc/meminfo", data, size);
}
