/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the probes have in common: whose packets may be shown, device and namespace, the flow in a packet's first bytes, the
 * socket. READ(pointer, field) is defined before: a plain access or a helper's call.
 */
#pragma once

#include "bpf/drop.h"
#include "bpf/kernel.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define IPV4_OFFSET_MASK 0x1fff /* of the fragment field */
#define TCP_TIME_WAIT 6
#define TCP_NEW_SYN_RECV 12

const volatile __u32 only_netns;		   /* samples of it; 0: of all */
const volatile __u64 only_device[DROP_DEVICE / 8]; /* and of a device of this name; 0: of all */
const volatile __u32 samples_per_second;	   /* of each CPU, beside the first of each key */

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

static __always_inline void read_device_name(struct net_device *dev, __u64 ret[DROP_DEVICE / 8])
{
	bpf_probe_read_kernel_str(ret, DROP_DEVICE, (void *)dev + bpf_core_field_offset(struct net_device, name));
}

static __always_inline bool is_in_scope(__u32 netns, const __u64 device[DROP_DEVICE / 8])
{
	if (only_netns && netns != only_netns)
		return false;
	return !only_device[0] || (device[0] == only_device[0] && device[1] == only_device[1]);
}

/* The start of a packet as far as keys and flows need it. */
struct start {
	union {
		__u8 bytes[44];
		struct {
			__u8 version, tos;
			__be16 length, id, fragment;
			__u8 ttl, protocol;
			__be16 checksum;
			__be32 source, destination;
		} ipv4;
		struct {
			__be32 version;
			__be16 length;
			__u8 next, hops;
			__u8 source[16], destination[16];
			__be16 ports[2];
		} ipv6;
	};
};

/* False where it is neither IPv4 nor IPv6, or cannot be read. */
static __always_inline bool read_start(struct sk_buff *skb, __u16 ethertype, struct start *ret)
{
	void *network = READ(skb, head) + READ(skb, network_header);

	return (ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6) &&
	       !bpf_probe_read_kernel(ret, sizeof(*ret), network);
}

static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 132 || protocol == 136 || protocol == 33;
}

static __always_inline void flow_ipv4(const struct start *start, struct drop_flow_key *ret)
{
	__builtin_memcpy(ret->source, &start->ipv4.source, 4);
	__builtin_memcpy(ret->destination, &start->ipv4.destination, 4);
	if (start->ipv4.fragment & __builtin_bswap16(IPV4_OFFSET_MASK))
		return;
	if (has_ports(start->ipv4.protocol) && (start->ipv4.version & 15) == 5) {
		__builtin_memcpy(&ret->source_port, start->bytes + 20, 2);
		__builtin_memcpy(&ret->destination_port, start->bytes + 22, 2);
	}
}

static __always_inline void flow_ipv6(const struct start *start, struct drop_flow_key *ret)
{
	__builtin_memcpy(ret->source, start->ipv6.source, 16);
	__builtin_memcpy(ret->destination, start->ipv6.destination, 16);
	if (has_ports(start->ipv6.next)) {
		ret->source_port = start->ipv6.ports[0];
		ret->destination_port = start->ipv6.ports[1];
	}
}

/* Whether this one may still be shown: a new key always, another while the second's share lasts. */
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

/* A connection request or one in TIME-WAIT is a smaller thing than a socket: only what all have in common is there. */
static __always_inline bool is_whole_socket(struct sock *socket)
{
	unsigned char state;

	if (!socket)
		return false;
	state = BPF_CORE_READ(socket, __sk_common.skc_state);
	return state != TCP_NEW_SYN_RECV && state != TCP_TIME_WAIT;
}

static __always_inline void read_socket(struct sock *socket, __u64 *ret_inode, __u64 *ret_cgroup)
{
	*ret_inode = *ret_cgroup = 0;
	if (!is_whole_socket(socket))
		return;
	*ret_inode = BPF_CORE_READ(socket, sk_socket, file, f_inode, i_ino);
	if (bpf_core_field_exists(socket->sk_cgrp_data.cgroup) && bpf_core_field_exists(((struct kernfs_node *)0)->id))
		*ret_cgroup = BPF_CORE_READ(socket, sk_cgrp_data.cgroup, kn, id);
}
