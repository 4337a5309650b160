/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row below two lines of heading: /proc/net/ip_vs_stats. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_ipvs, "/proc/thread-self/net/ip_vs_stats", data, size);
}
