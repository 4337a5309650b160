/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe where the kernel describes its types (BTF): what it reads are plain accesses. Linux 5.5 and later. */
#define IS_TYPED 1
#define READ(pointer, field) ((pointer)->field)
#define READ_BITS(pointer, field) BPF_CORE_READ_BITFIELD(pointer, field)
#include "bpf/drop_probe.h"

SEC("tp_btf/kfree_skb")
int wd_drop_typed(__u64 *context)
{
	return drop(context, (struct sk_buff *)context[0], context[1], HAS_REASON ? (__u32)context[2] : 0,
		    HAS_RECEIVER ? (struct sock *)context[3] : NULL);
}

char LICENSE[] SEC("license") = "GPL";
