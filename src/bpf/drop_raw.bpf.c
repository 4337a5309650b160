/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe where programs that know the kernel's types are refused. */
#define IS_TYPED 0
#define READ(pointer, field) BPF_CORE_READ(pointer, field)
#define READ_BITS(pointer, field) BPF_CORE_READ_BITFIELD_PROBED(pointer, field)
#include "bpf/drop_probe.h"

SEC("raw_tp/kfree_skb")
int wd_drop_raw(struct bpf_raw_tracepoint_args *context)
{
	return drop(context, (struct sk_buff *)context->args[0], context->args[1],
		    HAS_REASON ? (__u32)context->args[2] : 0, HAS_RECEIVER ? (struct sock *)context->args[3] : NULL);
}

char LICENSE[] SEC("license") = "GPL";
