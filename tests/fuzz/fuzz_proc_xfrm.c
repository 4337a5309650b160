/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of name and number, each a counter: /proc/net/xfrm_stat, in whose form /proc/net/sctp/snmp is too. */
#include "fuzz/proc_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return proc_fuzz(&source_xfrm, "/proc/thread-self/net/xfrm_stat", data, size);
}
