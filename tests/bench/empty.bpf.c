/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it costs to be called at all. */
#include "bpf/kernel.h"

SEC("tp_btf/kfree_skb")
int wd_empty(__u64 *context)
{
	(void)context;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
