/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probe at skb:kfree_skb, written once for both ways of attaching it: READ() is a plain access where the program
 * knows the kernel's types (drop_typed.bpf.c), a helper's call where it does not (drop_raw.bpf.c).
 */
#include "bpf/drop.h"
#include "bpf/filter.h"
#include "bpf/kernel.h"
#include "bpf/parts.h"

#define MAC_UNSET 0xffff
#define MAC_BYTES 6
#define PACKET_OTHERHOST 3

const volatile __u32 filter_count; /* instructions; 0: no filter */
const volatile struct filter_instruction filter[FILTER_INSTRUCTIONS];
const volatile bool want_stack;	 /* with each sample */
const volatile bool want_firsts; /* the first of each key whatever is wanted */
const volatile bool want_flows;

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
	__uint(max_entries, 1); /* DROP_FLOWS for each CPU, where flows are wanted */
	__type(key, __u32);
	__type(value, struct drop_flow);
} flows SEC(".maps");

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

struct scratch {
	struct filter_machine machine;
	__u8 bytes[FILTER_BYTES]; /* from the network header */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* What is known of the packet at hand. */
struct packet {
	struct sk_buff *skb;
	struct sock *socket;	       /* of the packet, or the one it was for; NULL: none */
	__u64 device[DROP_DEVICE / 8]; /* its name; read only where it may be shown */
	__u64 segments;
	__u32 length;
	struct drop_key key;
	struct start start;
};

/* A pointer as one of the kernel's types, so that what it points to can be read without a helper's call. */
extern void *bpf_rdonly_cast(const void *pointer, __u32 type) __ksym __weak;

#define HAS_CAST (IS_TYPED && bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast))
#define CAST(type, pointer) ((struct type *)bpf_rdonly_cast(pointer, bpf_core_type_id_kernel(struct type)))

/*
 * The same pointer, of which the verifier believes nothing: for each pointer loaded from one that it trusts, it searches
 * all types of the kernel, milliseconds a time.
 */
#define UNTRUSTED(type, pointer) (HAS_CAST ? CAST(type, pointer) : (pointer))

/*
 * Namespace and device: of the socket it was for; else of the device it is at, because a packet keeps its sender's socket
 * across a veth pair; else of its own socket, as before it has a device.
 */
static __always_inline void whereabouts(struct packet *packet, struct sock *receiver)
{
	struct sk_buff *skb = packet->skb; /* READ() of a member of `packet` would be taken for one of the kernel's */
	struct sk_buff *untrusted = UNTRUSTED(sk_buff, skb);
	struct net_device *dev = READ(untrusted, dev);
	struct sock *sender = READ(untrusted, sk);
	struct net *net = net_of(dev);
	int came_in = READ(skb, skb_iif);

	packet->key.direction = receiver || came_in ? DROP_ARRIVING : DROP_LEAVING;
	packet->key.ifindex = net ? READ(dev, ifindex) : came_in;
	packet->socket = receiver ? receiver : sender;
	if (receiver)
		net = READ(UNTRUSTED(sock, receiver), __sk_common.skc_net.net);
	else if (!net && sender)
		net = READ(sender, __sk_common.skc_net.net);
	packet->key.netns = net ? READ(net, ns.inum) : 0;
}

/*
 * A frame of a VLAN that no interface was made for becomes one for another host (net/core/dev.c: __netif_receive_skb_core),
 * and its tag is gone by the time it is dropped. It is told from those by its destination: the device's own address.
 */
static __always_inline void look_astray(struct packet *packet)
{
	struct sk_buff *skb = packet->skb;
	struct sk_buff *untrusted = UNTRUSTED(sk_buff, skb);
	struct net_device *dev = READ(untrusted, dev);
	__u32 mac = READ(skb, mac_header);
	__u8 own[MAC_BYTES] = { 0 }, destination[MAC_BYTES] = { 0 };
	bool same = true;

	if (READ_BITS(skb, pkt_type) != PACKET_OTHERHOST || mac == MAC_UNSET || !net_of(dev) ||
	    bpf_probe_read_kernel(own, MAC_BYTES, READ(dev, dev_addr)) ||
	    bpf_probe_read_kernel(destination, MAC_BYTES, READ(skb, head) + mac))
		return;
#pragma unroll
	for (int i = 0; i < MAC_BYTES; i++)
		same = same && own[i] == destination[i];
	if (same)
		packet->key.direction = DROP_ARRIVING_ASTRAY;
}

/* The protocol alone, where that is all that is needed of the packet. */
static __always_inline void look_at_protocol(struct packet *packet)
{
	struct sk_buff *skb = packet->skb;
	__u16 ethertype = __builtin_bswap16(READ(skb, protocol));
	void *network = READ(skb, head) + READ(skb, network_header);

	packet->key.ethertype = ethertype;
	if (ethertype == ETHERTYPE_IPV4)
		packet->key.protocol = CAST(iphdr, network)->protocol;
	else if (ethertype == ETHERTYPE_IPV6)
		packet->key.protocol = CAST(ipv6hdr, network)->nexthdr;
}

static __always_inline void look_at_start(struct packet *packet)
{
	struct sk_buff *skb = packet->skb;
	__u16 ethertype = __builtin_bswap16(READ(skb, protocol));

	packet->key.ethertype = ethertype;
	if (!read_start(skb, ethertype, &packet->start))
		return;
	packet->key.protocol = ethertype == ETHERTYPE_IPV4 ? packet->start.ipv4.protocol : packet->start.ipv6.next;
}

static __always_inline void count_segments(struct packet *packet)
{
	struct sk_buff *skb = packet->skb;
	void *info = READ(skb, head) + READ(skb, end);
	unsigned short segments = 0;

	if (HAS_CAST)
		segments = CAST(skb_shared_info, info)->gso_segs;
	else
		bpf_probe_read_kernel(&segments, sizeof(segments),
				      info + bpf_core_field_offset(struct skb_shared_info, gso_segs));
	packet->segments = segments ? segments : 1;
}

static __always_inline bool is_same_key(const struct drop_key *a, const struct drop_key *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2];
}

static __always_inline void claim(struct drop_slot *slot, __u32 index, const struct drop_key *key, struct drop_cpu *cpu)
{
	slot->key = *key;
	slot->next = cpu->last;
	slot->is_used = 1;
	barrier();
	cpu->last = index + 1;
}

/* The key's slot, its own or a free one that becomes it; NULL when there is none. */
static __always_inline struct drop_slot *slot_of(__u32 cpu_index, struct drop_cpu *cpu, const struct drop_key *key,
						 bool *ret_new)
{
	__u32 hash = drop_key_hash(key);

#pragma unroll
	for (__u32 i = 0; i < DROP_TRIES; i++) {
		__u32 index = cpu_index * DROP_SLOTS + ((hash + i) & (DROP_SLOTS - 1));
		struct drop_slot *slot = bpf_map_lookup_elem(&slots, &index);

		if (!slot)
			return NULL;
		if (!slot->is_used) {
			claim(slot, index, key, cpu);
			*ret_new = true;
			return slot;
		}
		if (is_same_key(&slot->key, key))
			return slot;
	}
	return NULL;
}

/* True when it is the first of its key. */
static __always_inline bool count_key(const struct packet *packet, __u32 cpu_index, struct drop_cpu *cpu, bool wanted)
{
	bool is_new = false;
	struct drop_slot *slot = slot_of(cpu_index, cpu, &packet->key, &is_new);

	if (slot) {
		slot->skbs++;
		slot->segments += packet->segments;
		if (wanted)
			slot->wanted++;
	} else {
		cpu->skbs++;
		cpu->segments += packet->segments;
	}
	return is_new;
}

/* From the packet itself, where that can be read without a helper's call; else from its start, read in one. */
static __always_inline void flow_ports_cast(const void *transport, __u8 protocol, struct drop_flow_key *ret)
{
	const struct udphdr *ports = CAST(udphdr, transport);

	if (!has_ports(protocol))
		return;
	ret->source_port = ports->source;
	ret->destination_port = ports->dest;
}

static __always_inline void flow_ipv4_cast(void *network, struct drop_flow_key *ret)
{
	const struct iphdr *ip = CAST(iphdr, network);
	__be32 *source = (__be32 *)ret->source, *destination = (__be32 *)ret->destination;

	*source = ip->saddr;
	*destination = ip->daddr;
	if (!(ip->frag_off & __builtin_bswap16(IPV4_OFFSET_MASK)))
		flow_ports_cast(network + BPF_CORE_READ_BITFIELD(ip, ihl) * 4, ret->protocol, ret);
}

static __always_inline void flow_ipv6_cast(void *network, struct drop_flow_key *ret)
{
	const struct ipv6hdr *ip = CAST(ipv6hdr, network);
	__be32 *source = (__be32 *)ret->source, *destination = (__be32 *)ret->destination;

#pragma unroll
	for (int i = 0; i < 4; i++) {
		source[i] = ip->saddr.in6_u.u6_addr32[i];
		destination[i] = ip->daddr.in6_u.u6_addr32[i];
	}
	flow_ports_cast(network + 40, ret->protocol, ret);
}

/* Two chains that the CPU works on side by side. */
static __always_inline __u32 hash_flow(const struct drop_flow_key *key)
{
	const __u64 *words = (const __u64 *)key;
	__u64 a = words[0] * 0x9e3779b97f4a7c15ULL, b = words[2] * 0xc2b2ae3d27d4eb4fULL;

	a = (a ^ a >> 32 ^ words[1]) * 0x165667b19e3779f9ULL;
	b = (b ^ b >> 32 ^ words[3]) * 0x9e3779b97f4a7c15ULL;
	a = (a ^ a >> 32 ^ words[4]) * 0xc2b2ae3d27d4eb4fULL;
	b = (b ^ b >> 32 ^ words[5]) * 0x165667b19e3779f9ULL;
	return (a ^ b ^ b >> 32) * 0x9e3779b97f4a7c15ULL >> 40;
}

static __always_inline bool is_same_flow(const struct drop_flow_key *a, const struct drop_flow_key *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3] && x[4] == y[4] && x[5] == y[5];
}

/* The flow's own entry, a free one, or that of the smallest of those in its way. */
static __always_inline struct drop_flow *flow_of(__u32 cpu_index, const struct drop_flow_key *key)
{
	__u32 hash = hash_flow(key);
	struct drop_flow *smallest = NULL;

#pragma unroll
	for (__u32 i = 0; i < DROP_TRIES; i++) {
		__u32 index = cpu_index * DROP_FLOWS + ((hash + i) & (DROP_FLOWS - 1));
		struct drop_flow *flow = bpf_map_lookup_elem(&flows, &index);

		if (!flow)
			return NULL;
		if (!flow->skbs || is_same_flow(&flow->key, key))
			return flow;
		if (!smallest || flow->skbs < smallest->skbs)
			smallest = flow;
	}
	return smallest;
}

static __always_inline void count_flow(const struct packet *packet, __u32 cpu_index, struct drop_cpu *cpu)
{
	struct drop_flow_key key = {
		.ethertype = packet->key.ethertype,
		.protocol = packet->key.protocol,
		.reason = packet->key.reason,
		.netns = packet->key.netns,
	};
	struct drop_flow *flow;
	struct sk_buff *skb = packet->skb;
	void *network = READ(skb, head) + READ(skb, network_header);

	if (packet->key.ethertype == ETHERTYPE_IPV4) {
		if (HAS_CAST)
			flow_ipv4_cast(network, &key);
		else
			flow_ipv4(&packet->start, &key);
	} else if (packet->key.ethertype == ETHERTYPE_IPV6) {
		if (HAS_CAST)
			flow_ipv6_cast(network, &key);
		else
			flow_ipv6(&packet->start, &key);
	} else {
		cpu->flow_skbs_none++;
		return;
	}
	flow = flow_of(cpu_index, &key);
	if (!flow)
		return;
	if (!flow->skbs || !is_same_flow(&flow->key, &key)) {
		cpu->flow_skbs_evicted += flow->skbs;
		flow->skbs = 0;
		barrier();
		flow->key = key;
		flow->segments = 0;
		barrier();
	}
	flow->skbs++;
	flow->segments += packet->segments;
}

static __always_inline void sample_bytes(struct sk_buff *skb, struct drop_sample *sample)
{
	unsigned char *head = READ(skb, head);
	__u32 network = READ(skb, network_header), mac = READ(skb, mac_header), tail = READ(skb, tail);
	__u32 there = tail > network ? tail - network : 0;

	/* What lies beyond the tail of the linear part is no part of the packet. */
	sample->byte_count = there < DROP_BYTES ? there : DROP_BYTES;
	if (bpf_probe_read_kernel(sample->bytes, DROP_BYTES, head + network))
		sample->byte_count = 0;
	sample->has_mac = mac != MAC_UNSET && mac + DROP_MAC <= network &&
			  !bpf_probe_read_kernel(sample->mac, DROP_MAC, head + mac);
}

static __always_inline void sample(void *context, const struct packet *packet, struct drop_cpu *cpu, bool with_stack,
				   __u64 now_ns)
{
	struct drop_sample *sample = bpf_ringbuf_reserve(&ring, sizeof(*sample), 0);

	if (!sample) {
		cpu->samples_lost++;
		return;
	}
	sample->time_ns = now_ns;
	sample->key = packet->key;
	sample->cpu = bpf_get_smp_processor_id();
	sample->length = packet->length;
	sample->segments = packet->segments;
	sample->pid = bpf_get_current_pid_tgid() >> 32;
	__builtin_memcpy(sample->device, packet->device, DROP_DEVICE);
	bpf_get_current_comm(sample->comm, sizeof(sample->comm));
	read_socket(packet->socket, &sample->socket_inode, &sample->cgroup);
	sample_bytes(packet->skb, sample);
	sample->stack_bytes = -1;
	if (with_stack)
		sample->stack_bytes = bpf_get_stack(context, sample->stack, sizeof(sample->stack), 0);
	bpf_ringbuf_submit(sample, 0);
}

/* Of the device the packet is at. */
static __always_inline void name_device(struct packet *packet)
{
	struct sk_buff *skb = packet->skb;
	struct sk_buff *untrusted = UNTRUSTED(sk_buff, skb);
	struct net_device *dev = READ(untrusted, dev);

	if (net_of(dev))
		read_device_name(dev, packet->device);
}

struct filter_run {
	struct scratch *scratch;
};

static long filter_one(__u32 index, void *context)
{
	struct scratch *scratch = ((struct filter_run *)context)->scratch;

	(void)index;
	return filter_step(&scratch->machine, filter, filter_count, scratch->bytes) == FILTER_DONE;
}

static __always_inline bool filter_run(struct scratch *scratch, __u32 base, __u32 captured, __u32 length)
{
	struct filter_run run = { .scratch = scratch };

	scratch->machine.at = 0;
	scratch->machine.verdict = 0;
	scratch->machine.base = base;
	scratch->machine.captured = captured;
	scratch->machine.length = length;
	bpf_loop(FILTER_INSTRUCTIONS, filter_one, &run, 0);
	return scratch->machine.verdict;
}

#define BYTE(at) ((__u32)scratch->bytes[(at) & (FILTER_BYTES - 1)])
#define WORD(at) (BYTE(at) << 8 | BYTE((at) + 1))

/* Where the packet in a tunnel's packet begins; 0: it is none. */
static __always_inline __u32 inner_start(const struct scratch *scratch, const struct drop_key *key)
{
	__u32 at = key->ethertype == ETHERTYPE_IPV4 ? (BYTE(0) & 15) * 4 : 40;
	__u32 port = WORD(at + 2), type = WORD(at + 2);

	switch (key->protocol) {
	case 4:
	case 41:
		return at;
	case 17:
		if (port == 4789 || port == 8472) /* VXLAN */
			return at + 8 + 8 + 14;
		return port == 6081 ? at + 8 + 8 + (BYTE(at + 8) & 63) * 4 + 14 : 0; /* Geneve */
	case 47:
		at += 4 + ((BYTE(at) >> 7 & 1) + (BYTE(at) >> 5 & 1) + (BYTE(at) >> 4 & 1)) * 4;
		return type == 0x6558 ? at + 14 : type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 ? at : 0;
	default:
		return 0;
	}
}

/* The expression holds for the packet, or for the one inside it. */
static __always_inline bool passes_filter(const struct packet *packet)
{
	struct sk_buff *skb = packet->skb;
	__u32 network = READ(skb, network_header), tail = READ(skb, tail), zero = 0, captured, inner;
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &zero);

	if (!scratch || (packet->key.ethertype != ETHERTYPE_IPV4 && packet->key.ethertype != ETHERTYPE_IPV6))
		return false;
	captured = tail > network ? tail - network : 0;
	captured = captured < DROP_BYTES ? captured : DROP_BYTES;
	if (bpf_probe_read_kernel(scratch->bytes, DROP_BYTES, READ(skb, head) + network))
		return false;
	if (filter_run(scratch, 0, captured, packet->length))
		return true;
	inner = inner_start(scratch, &packet->key);
	return inner && inner < captured && filter_run(scratch, inner, captured - inner, packet->length - inner);
}

#define HAS_LOOP bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop)

/* Without bpf_loop() (before 5.17) user space alone looks at the expression. */
static __always_inline bool is_wanted(const struct packet *packet)
{
	if (!is_in_scope(packet->key.netns, packet->device))
		return false;
	return !filter_count || !HAS_LOOP || passes_filter(packet);
}

#define HAS_FILTERS (only_netns || only_device[0] || filter_count)

static __always_inline int drop(void *context, struct sk_buff *skb, __u64 place, __u32 reason, struct sock *receiver)
{
	__u32 cpu_index = bpf_get_smp_processor_id();
	struct drop_cpu *cpu = bpf_map_lookup_elem(&cpus, &cpu_index);
	struct packet packet = { .skb = skb, .key = { .place = place, .reason = reason } };
	bool is_new, wanted = true;
	__u64 now_ns;

	if (!cpu)
		return 0;
	packet.length = READ(skb, len);
	if (HAS_CAST)
		look_at_protocol(&packet);
	else
		look_at_start(&packet);
	whereabouts(&packet, receiver);
	if (packet.key.direction == DROP_ARRIVING)
		look_astray(&packet);
	count_segments(&packet);
	if (HAS_FILTERS) {
		name_device(&packet);
		wanted = is_wanted(&packet);
	}
	is_new = count_key(&packet, cpu_index, cpu, HAS_FILTERS && wanted);
	if (want_flows)
		count_flow(&packet, cpu_index, cpu);
	if (is_new ? !wanted && !want_firsts : !wanted || !samples_per_second)
		return 0;
	if (!HAS_FILTERS)
		name_device(&packet);
	now_ns = bpf_ktime_get_ns();
	if (may_sample(cpu, is_new, now_ns))
		sample(context, &packet, cpu, is_new || want_stack, now_ns);
	return 0;
}

#define HAS_REASON bpf_core_field_exists(((struct trace_event_raw_kfree_skb *)0)->reason)
#define HAS_RECEIVER bpf_core_field_exists(((struct trace_event_raw_kfree_skb *)0)->rx_sk)
