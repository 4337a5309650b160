/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes at what is no drop and tells of one: raw tracepoints, each a program of its own that is loaded only where it is
 * asked for. Programs may interrupt each other on a CPU (a softirq a system call), so counts are added atomically.
 */
#define READ(pointer, field) BPF_CORE_READ(pointer, field)
#include "bpf/event.h"
#include "bpf/kernel.h"
#include "bpf/parts.h"

#define FAMILY_IPV4 2
#define FAMILY_IPV6 10
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define NETDEV_TX_BUSY 16

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, EVENT_KEYS);
	__type(key, struct event_key);
	__type(value, struct event_count);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct drop_cpu);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} ring SEC(".maps");

struct event {
	struct event_key key;
	struct drop_flow_key flow;
	struct sock *socket;
	__u64 device[DROP_DEVICE / 8];
	__u64 packets;
};

/* ---- where, and whose ---- */

static __always_inline void set_device(struct event *event, struct net_device *dev)
{
	struct net *net = net_of(dev);

	if (!net)
		return;
	event->key.netns = READ(net, ns.inum);
	event->key.ifindex = READ(dev, ifindex);
	read_device_name(dev, event->device);
}

/* The namespace of the socket, and its route's device where no packet told one. */
static __always_inline void set_socket(struct event *event, struct sock *socket)
{
	struct net *net = READ(socket, __sk_common.skc_net.net);
	struct dst_entry *route;

	event->socket = socket;
	if (!event->key.ifindex && is_whole_socket(socket)) {
		route = READ(socket, sk_dst_cache);
		if (route)
			set_device(event, READ(route, dev));
	}
	event->key.netns = net ? READ(net, ns.inum) : event->key.netns;
}

static __always_inline void set_packet_device(struct event *event, struct sk_buff *skb)
{
	set_device(event, READ(skb, dev));
	if (!event->key.ifindex)
		event->key.ifindex = READ(skb, skb_iif);
}

/* ---- flows ---- */

static __always_inline void set_flow_of_packet(struct event *event, struct sk_buff *skb)
{
	__u16 ethertype = __builtin_bswap16(READ(skb, protocol));
	struct start start = {};

	if (!read_start(skb, ethertype, &start))
		return;
	event->flow.ethertype = ethertype;
	if (ethertype == ETHERTYPE_IPV4) {
		event->flow.protocol = start.ipv4.protocol;
		flow_ipv4(&start, &event->flow);
	} else {
		event->flow.protocol = start.ipv6.next;
		flow_ipv6(&start, &event->flow);
	}
}

static __always_inline bool is_mapped(const __be32 address[4])
{
	return !address[0] && !address[1] && address[2] == __builtin_bswap32(0xffff);
}

/* From here to there. A socket of IPv6 that speaks IPv4 has those addresses too. */
static __always_inline void set_flow_of_socket(struct event *event, struct sock *socket, __u8 protocol)
{
	__u16 family = READ(socket, __sk_common.skc_family);
	__be32 here[4] = {}, there[4] = {}, address;

	event->flow.protocol = protocol;
	event->flow.source_port = is_whole_socket(socket) ? READ((struct inet_sock *)socket, inet_sport)
							  : __builtin_bswap16(READ(socket, __sk_common.skc_num));
	event->flow.destination_port = READ(socket, __sk_common.skc_dport);
	if (family == FAMILY_IPV6 && bpf_core_field_exists(socket->__sk_common.skc_v6_daddr)) {
		bpf_core_read(here, sizeof(here), &socket->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(there, sizeof(there), &socket->__sk_common.skc_v6_daddr);
	}
	if (family == FAMILY_IPV6 && !is_mapped(there)) {
		event->flow.ethertype = ETHERTYPE_IPV6;
		__builtin_memcpy(event->flow.source, here, 16);
		__builtin_memcpy(event->flow.destination, there, 16);
	} else if (family == FAMILY_IPV4 || family == FAMILY_IPV6) {
		event->flow.ethertype = ETHERTYPE_IPV4;
		address = READ(socket, __sk_common.skc_rcv_saddr);
		__builtin_memcpy(event->flow.source, &address, 4);
		address = READ(socket, __sk_common.skc_daddr);
		__builtin_memcpy(event->flow.destination, &address, 4);
	}
}

static __always_inline void turn_round(struct drop_flow_key *flow)
{
	struct drop_flow_key was = *flow;

	__builtin_memcpy(flow->source, was.destination, sizeof(flow->source));
	__builtin_memcpy(flow->destination, was.source, sizeof(flow->destination));
	flow->source_port = was.destination_port;
	flow->destination_port = was.source_port;
}

/* ---- counts and samples ---- */

static __always_inline struct event_count *count_of(const struct event_key *key, bool *ret_new)
{
	struct event_count *count = bpf_map_lookup_elem(&counts, key), none = {};

	*ret_new = false;
	if (count)
		return count;
	*ret_new = bpf_map_update_elem(&counts, key, &none, BPF_NOEXIST) == 0;
	return bpf_map_lookup_elem(&counts, key);
}

static __always_inline void sample(const struct event *event, struct drop_cpu *cpu, __u64 now_ns)
{
	struct event_sample *sample = bpf_ringbuf_reserve(&ring, sizeof(*sample), 0);

	if (!sample) {
		__sync_fetch_and_add(&cpu->samples_lost, 1);
		return;
	}
	sample->time_ns = now_ns;
	sample->key = event->key;
	sample->flow = event->flow;
	sample->cpu = bpf_get_smp_processor_id();
	sample->packets = event->packets;
	sample->pid = bpf_get_current_pid_tgid() >> 32;
	sample->unused = 0;
	read_socket(event->socket, &sample->socket_inode, &sample->cgroup);
	__builtin_memcpy(sample->device, event->device, DROP_DEVICE);
	bpf_get_current_comm(sample->comm, sizeof(sample->comm));
	bpf_ringbuf_submit(sample, 0);
}

static __always_inline int report(const struct event *event)
{
	__u32 zero = 0;
	struct drop_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);
	bool is_new, wanted = is_in_scope(event->key.netns, event->device);
	struct event_count *count = count_of(&event->key, &is_new);
	__u64 now_ns;

	if (!cpu)
		return 0;
	if (count) {
		__sync_fetch_and_add(&count->events, 1);
		__sync_fetch_and_add(&count->packets, event->packets);
		if (wanted) {
			__sync_fetch_and_add(&count->wanted, 1);
			__sync_fetch_and_add(&count->wanted_packets, event->packets);
		}
	} else {
		__sync_fetch_and_add(&cpu->skbs, 1);
	}
	if (!wanted || (!is_new && !samples_per_second))
		return 0;
	now_ns = bpf_ktime_get_ns();
	if (may_sample(cpu, is_new, now_ns))
		sample(event, cpu, now_ns);
	return 0;
}

/* ---- the tracepoints; their arguments and since when: include/trace/events/ of 5.10, 6.1, 6.12 and 6.18 ---- */

#define HAS_ERROR bpf_core_field_exists(((struct trace_event_raw_tcp_retransmit_skb *)0)->err)
#define HAS_RESET_REASON bpf_core_field_exists(((struct trace_event_raw_tcp_send_reset *)0)->reason)
#define HAS_DATAGRAM bpf_core_field_exists(((struct trace_event_raw_udp_fail_queue_rcv_skb *)0)->saddr)

/* (socket, packet[, error]). The packet has no headers yet. */
SEC("raw_tp/tcp_retransmit_skb")
int wd_event_resend(struct bpf_raw_tracepoint_args *context)
{
	struct event event = { .key = { .kind = EVENT_RETRANSMIT } };
	struct sock *socket = (struct sock *)context->args[0];
	void *control = (void *)context->args[1] + bpf_core_field_offset(struct sk_buff, cb);
	__u16 segments = 0;

	bpf_probe_read_kernel(&segments, sizeof(segments),
			      control + bpf_core_field_offset(struct tcp_skb_cb, tcp_gso_segs));
	event.packets = segments ? segments : 1;
	event.key.detail = HAS_ERROR ? (int)context->args[2] : 0;
	event.key.state = READ(socket, __sk_common.skc_state);
	set_socket(&event, socket);
	set_flow_of_socket(&event, socket, PROTOCOL_TCP);
	return report(&event);
}

/* (listening socket, request). A request begins with what all sockets have in common. */
SEC("raw_tp/tcp_retransmit_synack")
int wd_event_synack(struct bpf_raw_tracepoint_args *context)
{
	struct event event = { .key = { .kind = EVENT_RETRANSMIT_SYNACK }, .packets = 1 };

	set_socket(&event, (struct sock *)context->args[0]);
	set_flow_of_socket(&event, (struct sock *)context->args[1], PROTOCOL_TCP);
	event.key.state = TCP_NEW_SYN_RECV;
	return report(&event);
}

/*
 * (socket or NULL, packet that is answered or NULL[, reason]). A socket in TIME-WAIT or a request may be the first. Before
 * 6.10 only those of a whole socket.
 */
SEC("raw_tp/tcp_send_reset")
int wd_event_rst_tx(struct bpf_raw_tracepoint_args *context)
{
	struct event event = { .key = { .kind = EVENT_RESET_SENT }, .packets = 1 };
	struct sock *socket = (struct sock *)context->args[0];
	struct sk_buff *skb = (struct sk_buff *)context->args[1];

	event.key.detail = HAS_RESET_REASON ? (int)context->args[2] : -1;
	if (skb) {
		set_packet_device(&event, skb);
		set_flow_of_packet(&event, skb);
		turn_round(&event.flow);
	}
	if (socket) {
		event.key.state = READ(socket, __sk_common.skc_state);
		set_socket(&event, socket);
	}
	if (socket && !skb)
		set_flow_of_socket(&event, socket, PROTOCOL_TCP);
	return report(&event);
}

/* (socket) */
SEC("raw_tp/tcp_receive_reset")
int wd_event_rst_rx(struct bpf_raw_tracepoint_args *context)
{
	struct event event = { .key = { .kind = EVENT_RESET_RECEIVED }, .packets = 1 };
	struct sock *socket = (struct sock *)context->args[0];

	event.key.state = READ(socket, __sk_common.skc_state);
	set_socket(&event, socket);
	set_flow_of_socket(&event, socket, PROTOCOL_TCP);
	turn_round(&event.flow);
	return report(&event);
}

/* (socket, packet) */
SEC("raw_tp/sock_rcvqueue_full")
int wd_event_queue(struct bpf_raw_tracepoint_args *context)
{
	struct event event = { .key = { .kind = EVENT_QUEUE_FULL }, .packets = 1 };
	struct sk_buff *skb = (struct sk_buff *)context->args[1];

	set_packet_device(&event, skb);
	set_flow_of_packet(&event, skb);
	set_socket(&event, (struct sock *)context->args[0]);
	return report(&event);
}

/* (error, socket[, packet]). Before 6.6 only datagrams of IPv4. */
SEC("raw_tp/udp_fail_queue_rcv_skb")
int wd_event_udp(struct bpf_raw_tracepoint_args *context)
{
	struct event event = { .key = { .kind = EVENT_UDP_QUEUE_FULL, .detail = (int)context->args[0] }, .packets = 1 };
	struct sock *socket = (struct sock *)context->args[1];

	if (HAS_DATAGRAM) {
		set_packet_device(&event, (struct sk_buff *)context->args[2]);
		set_flow_of_packet(&event, (struct sk_buff *)context->args[2]);
	} else {
		set_flow_of_socket(&event, socket, PROTOCOL_UDP);
		turn_round(&event.flow);
	}
	set_socket(&event, socket);
	return report(&event);
}

/* (packet, result, device, length). Unless the driver was busy, the packet may be freed already. */
SEC("raw_tp/net_dev_xmit")
int wd_event_xmit(struct bpf_raw_tracepoint_args *context)
{
	struct event event = { .key = { .kind = EVENT_TRANSMIT_FAILED, .detail = (int)context->args[1] },
			       .packets = 1 };

	if (!event.key.detail)
		return 0;
	set_device(&event, (struct net_device *)context->args[2]);
	if (event.key.detail == NETDEV_TX_BUSY)
		set_flow_of_packet(&event, (struct sk_buff *)context->args[0]);
	return report(&event);
}

/* (device, queue) */
SEC("raw_tp/net_dev_xmit_timeout")
int wd_event_hang(struct bpf_raw_tracepoint_args *context)
{
	struct event event = { .key = { .kind = EVENT_TRANSMIT_TIMEOUT, .detail = (int)context->args[1] } };

	set_device(&event, (struct net_device *)context->args[0]);
	return report(&event);
}

/* (napi, packets handled, budget) */
SEC("raw_tp/napi_poll")
int wd_event_poll(struct bpf_raw_tracepoint_args *context)
{
	struct event event = { .key = { .kind = EVENT_POLL_BUDGET, .detail = (int)context->args[2] } };
	struct napi_struct *napi = (struct napi_struct *)context->args[0];
	int work = (int)context->args[1];

	if (work < event.key.detail || !work)
		return 0;
	event.packets = work;
	set_device(&event, READ(napi, dev));
	return report(&event);
}

char LICENSE[] SEC("license") = "GPL";
