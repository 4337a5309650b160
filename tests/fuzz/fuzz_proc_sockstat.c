/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and values after a protocol: /proc/net/sockstat. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_sockstat, "/proc/thread-self/net/sockstat", data, size);
}
