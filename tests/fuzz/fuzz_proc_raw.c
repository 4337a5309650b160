/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw sockets: /proc/net/raw. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_raw, "/proc/thread-self/net/raw", data, size);
}
