/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe where the kernel describes its types (BTF): what it reads are plain accesses. Linux 5.5 and later. */
#define READ(pointer, field) ((pointer)->field)
#include "bpf/drop_probe.h"

const volatile bool has_reason;	  /* 5.17 and later */
const volatile bool has_receiver; /* 6.11 and later */

SEC("tp_btf/kfree_skb")
int wd_drop_typed(__u64 *context)
{
	return drop(context, (struct sk_buff *)context[0], context[1], has_reason ? (__u32)context[2] : 0,
		    has_receiver ? (struct sock *)context[3] : NULL);
}

char LICENSE[] SEC("license") = "GPL";
