/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the drop probe and its reader share: exact counts by key, counts by flow, and samples of packets.
 *
 * Keys and flows live in arrays that user space maps, DROP_SLOTS and DROP_FLOWS entries for each CPU, found by hash. Only
 * its own CPU writes an entry. A key's slot is never given back; a flow gives way to a new one when it is the smallest
 * where that one must go, and what it had counted is added to the CPU's `flow_skbs_evicted`. So
 *
 *	seen = sum of slots + skbs of each struct drop_cpu		(and the kernel's recursion_misses, not seen)
 *	seen = sum of flows + flow_skbs_evicted + flow_skbs_none	(where flows are counted)
 *
 * hold at every moment in which no drop happens.
 */
#pragma once

#include <linux/types.h>

#define DROP_SLOTS 4096 /* a power of two */
#define DROP_FLOWS 8192 /* a power of two */
#define DROP_TRIES 4	/* entries looked at; beyond that a drop is counted without its key */
#define DROP_BYTES 192	/* of a packet in a sample, from its network header */
#define DROP_MAC 14	/* of its link header */
#define DROP_STACK 24	/* frames */
#define DROP_DEVICE 16	/* bytes of a device's name: IFNAMSIZ */

enum drop_direction {
	DROP_DIRECTION_UNKNOWN,
	DROP_ARRIVING, /* it came in by a device, or was about to reach a socket */
	DROP_LEAVING,  /* it was made here and has not come in anywhere yet */
	/* It came in by a device that it was addressed to, and the kernel took it for another host's: its VLAN is unknown. */
	DROP_ARRIVING_ASTRAY,
};

struct drop_key {
	__u64 place; /* address in the code that let it go */
	__u32 reason;
	__u32 netns;	 /* inode number of the namespace; 0: unknown */
	__u32 ifindex;	 /* 0: unknown */
	__u16 ethertype; /* host's byte order; 0: no network packet */
	__u8 protocol;	 /* of IP; 0: unknown */
	__u8 direction;	 /* enum drop_direction */
};

/* Where the key's slot is, or the first that was looked at for it, among those of a CPU. */
static inline __attribute__((always_inline)) __u32 drop_key_hash(const struct drop_key *key)
{
	__u64 hash = key->place * 0x9e3779b97f4a7c15ULL;

	hash ^= ((__u64)key->reason << 32 | key->netns) * 0xc2b2ae3d27d4eb4fULL;
	hash ^= ((__u64)key->ifindex << 32 | (__u32)key->ethertype << 16 | (__u32)key->protocol << 8 | key->direction) *
		0x165667b19e3779f9ULL;
	return (__u32)(hash >> 40) & (DROP_SLOTS - 1);
}

struct drop_slot {
	struct drop_key key;
	__u64 skbs, segments;
	__u64 wanted; /* skbs of these that the filters let through; where there are none: not counted */
	__u32 is_used;
	__u32 next; /* the slot claimed before on that CPU, + 1; 0: none */
};

/* Addresses and ports in network order; IPv4 addresses in the first four bytes. */
struct drop_flow_key {
	__u8 source[16], destination[16];
	__be16 source_port, destination_port; /* 0 where there are none: a later fragment, ICMP, … */
	__u16 ethertype;		      /* ETH_P_IP or ETH_P_IPV6 */
	__u8 protocol;
	__u8 unused;
	__u32 reason;
	__u32 netns;
};

struct drop_flow {
	struct drop_flow_key key;
	__u64 skbs; /* 0: free, or being written */
	__u64 segments;
};

/* Of each CPU, beside its slots. */
struct drop_cpu {
	__u64 skbs, segments;	 /* that found no slot */
	__u64 flow_skbs_evicted; /* of flows that gave way to others */
	__u64 flow_skbs_none;	 /* that are of no flow: neither IPv4 nor IPv6 */
	__u64 samples_lost;	 /* the ring buffer was full */
	__u64 samples_left;	 /* not taken, to keep to the rate */
	__u64 second;		 /* in which `taken` counts, in 2^30 ns */
	__u32 taken;		 /* samples in this second */
	__u32 last;		 /* the slot claimed last, + 1 */
};

struct drop_sample {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	struct drop_key key;
	__u64 socket_inode; /* of the packet's own socket, or of the one it was for; 0: none */
	__u64 cgroup;	    /* id of that socket's control group; 0: unknown */
	__u32 cpu, length;  /* of the packet from where the kernel was in it */
	__u32 pid; /* process that ran: the packet's own only where it made the system call (the stack tells) */
	__u16 segments;
	__u16 byte_count;  /* of `bytes`: 0 when they could not be read */
	__s32 stack_bytes; /* of `stack`; negative: none was taken */
	__u16 has_mac;
	__u8 mac[DROP_MAC];
	char device[DROP_DEVICE]; /* "": not known by more than its index */
	char comm[16];
	__u8 bytes[DROP_BYTES]; /* from the network header */
	__u64 stack[DROP_STACK];
};
