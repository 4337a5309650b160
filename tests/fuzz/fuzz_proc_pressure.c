/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pressure stall information: /proc/pressure/io, in whose form the files of control groups are too. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_pressure, "/proc/pressure/io", data, size);
}
