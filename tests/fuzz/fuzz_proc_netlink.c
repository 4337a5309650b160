/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns told by their names: /proc/net/netlink. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_netlink, "/proc/thread-self/net/netlink", data, size);
}
