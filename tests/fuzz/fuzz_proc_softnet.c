/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of hexadecimal numbers: /proc/net/softnet_stat. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_softnet, "/proc/thread-self/net/softnet_stat", data, size);
}
