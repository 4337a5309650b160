/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probe at skb:kfree_skb, written once for both ways of attaching it: READ() is a plain access where the program
 * knows the kernel's types (drop_typed.bpf.c), a helper's call where it does not (drop_raw.bpf.c).
 */
#include "bpf/drop.h"
#include "bpf/kernel.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define REF_DST_MASK (~1UL) /* SKB_DST_PTRMASK */
#define CACHE_LINE 64

const volatile __u32 only_netns, only_ifindex; /* 0: samples of all */
const volatile __u32 samples_per_second;       /* of each CPU, beside the first of each key */
const volatile bool want_stack;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* set before loading: DROP_SLOTS for each CPU */
	__type(key, __u32);
	__type(value, struct drop_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* one for each CPU */
	__type(key, __u32);
	__type(value, struct drop_cpu);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} ring SEC(".maps");

/*
 * skb->dev shares its place with what a socket's queue keeps there (dev_scratch, a tree's node). A device is believed
 * when its namespace's loopback device names that namespace again.
 */
static __always_inline struct net *net_of(struct net_device *dev)
{
	struct net *net = dev ? READ(dev, nd_net.net) : NULL;
	struct net_device *loopback = net ? READ(net, loopback_dev) : NULL;

	return loopback && READ(loopback, nd_net.net) == net ? net : NULL;
}

/* Device and namespace, from the field that holds. */
static __always_inline void whereabouts(struct sk_buff *skb, struct sock *receiver, struct drop_key *key)
{
	struct net_device *dev = READ(skb, dev);
	struct net *net = net_of(dev);
	struct sock *owner;

	key->direction = DROP_DIRECTION_UNKNOWN;
	if (net) {
		key->ifindex = READ(dev, ifindex);
	} else {
		key->ifindex = READ(skb, skb_iif);
	}
	owner = receiver ? receiver : READ(skb, sk);
	if (owner)
		net = READ(owner, __sk_common.skc_net.net);
	if (receiver)
		key->direction = DROP_ARRIVING;
	key->netns = net ? READ(net, ns.inum) : 0;
}

static __always_inline __u16 network_of(__u16 protocol)
{
	return __builtin_bswap16(protocol);
}

static __always_inline __u8 protocol_of(struct sk_buff *skb, __u16 ethertype)
{
	unsigned int offset = ethertype == ETHERTYPE_IPV4 ? 9 : ethertype == ETHERTYPE_IPV6 ? 6 : 0;
	__u8 protocol = 0;

	if (offset)
		bpf_probe_read_kernel(&protocol, 1, READ(skb, head) + READ(skb, network_header) + offset);
	return protocol;
}

static __always_inline __u64 segments_of(struct sk_buff *skb)
{
	struct skb_shared_info *info = (void *)(READ(skb, head) + READ(skb, end));
	unsigned short segments = BPF_CORE_READ(info, gso_segs);

	return segments ? segments : 1;
}

static __always_inline __u32 hash_of(const struct drop_key *key)
{
	__u64 hash = key->place * 0x9e3779b97f4a7c15ULL;

	hash ^= ((__u64)key->reason << 32 | key->netns) * 0xc2b2ae3d27d4eb4fULL;
	hash ^= ((__u64)key->ifindex << 32 | (__u32)key->ethertype << 16 | (__u32)key->protocol << 8 | key->direction) *
		0x165667b19e3779f9ULL;
	return hash >> 40;
}

static __always_inline bool is_same(const struct drop_key *a, const struct drop_key *b)
{
	return a->place == b->place && a->reason == b->reason && a->netns == b->netns && a->ifindex == b->ifindex &&
	       a->ethertype == b->ethertype && a->protocol == b->protocol && a->direction == b->direction;
}

/* The key's slot, its own or a free one that becomes it; NULL when there is none. */
static __always_inline struct drop_slot *slot_of(__u32 cpu, const struct drop_key *key)
{
	__u32 hash = hash_of(key);

#pragma unroll
	for (__u32 i = 0; i < DROP_TRIES; i++) {
		__u32 index = cpu * DROP_SLOTS + ((hash + i) & (DROP_SLOTS - 1));
		struct drop_slot *slot = bpf_map_lookup_elem(&slots, &index);

		if (!slot)
			return NULL;
		if (!slot->first_ns) {
			slot->key = *key;
			return slot;
		}
		if (is_same(&slot->key, key))
			return slot;
	}
	return NULL;
}

/* Whether this drop may still be shown: a new key always, another while the second's share lasts. */
static __always_inline bool may_sample(struct drop_cpu *cpu, bool is_new, __u64 now_ns)
{
	__u64 second = now_ns >> 30;

	if (cpu->second != second) {
		cpu->second = second;
		cpu->taken = 0;
	}
	if (is_new)
		return true;
	if (cpu->taken >= samples_per_second) {
		cpu->samples_left++;
		return false;
	}
	cpu->taken++;
	return true;
}

static __always_inline void sample(void *context, struct sk_buff *skb, const struct drop_key *key, __u64 segments,
				   struct drop_cpu *cpu, bool with_stack, __u64 now_ns)
{
	struct drop_sample *sample = bpf_ringbuf_reserve(&ring, sizeof(*sample), 0);
	unsigned int length = READ(skb, len);

	if (!sample) {
		cpu->samples_lost++;
		return;
	}
	sample->time_ns = now_ns;
	sample->key = *key;
	sample->cpu = bpf_get_smp_processor_id();
	sample->length = length;
	sample->pid = bpf_get_current_pid_tgid() >> 32;
	sample->segments = segments;
	bpf_get_current_comm(sample->comm, sizeof(sample->comm));
	sample->header_bytes = DROP_HEADER;
	if (bpf_probe_read_kernel(sample->header, DROP_HEADER, READ(skb, head) + READ(skb, network_header)))
		sample->header_bytes = 0;
	sample->stack_bytes = -1;
	if (with_stack)
		sample->stack_bytes = bpf_get_stack(context, sample->stack, sizeof(sample->stack), 0);
	bpf_ringbuf_submit(sample, 0);
}

static __always_inline int drop(void *context, struct sk_buff *skb, __u64 place, __u32 reason, struct sock *receiver)
{
	__u32 cpu_index = bpf_get_smp_processor_id();
	struct drop_cpu *cpu = bpf_map_lookup_elem(&cpus, &cpu_index);
	struct drop_key key = { .place = place, .reason = reason };
	struct drop_slot *slot;
	__u64 segments;
	bool is_new = false;

	if (!cpu)
		return 0;
	key.ethertype = network_of(READ(skb, protocol));
	key.protocol = protocol_of(skb, key.ethertype);
	whereabouts(skb, receiver, &key);
	segments = segments_of(skb);
	slot = slot_of(cpu_index, &key);
	if (slot) {
		is_new = !slot->first_ns;
		if (is_new)
			slot->first_ns = bpf_ktime_get_ns();
		slot->skbs++;
		slot->segments += segments;
		slot->bytes += READ(skb, len);
	} else {
		cpu->skbs++;
		cpu->segments += segments;
	}
	if ((is_new || samples_per_second) && (!only_netns || key.netns == only_netns) &&
	    (!only_ifindex || key.ifindex == only_ifindex)) {
		__u64 now_ns = bpf_ktime_get_ns();

		if (may_sample(cpu, is_new, now_ns))
			sample(context, skb, &key, segments, cpu, is_new || want_stack, now_ns);
	}
	return 0;
}
