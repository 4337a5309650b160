/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of CPU time: /proc/stat. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_cpu, "/proc/stat", data, size);
}
