/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A header of names, rows of hexadecimal numbers: /proc/net/stat/nf_conntrack. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_conntrack, "/proc/thread-self/net/stat/nf_conntrack", data, size);
}
