/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A header of CPUs, rows of counts, names of devices: /proc/interrupts. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_interrupts, "/proc/interrupts", data, size);
}
