/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows without a heading: /proc/net/netfilter/nfnetlink_queue. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_nfqueue, "/proc/thread-self/net/netfilter/nfnetlink_queue", data, size);
}
