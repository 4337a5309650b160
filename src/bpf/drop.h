/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the probe and its reader share: the table of exact counts and the samples of packets.
 *
 * Counts live in an array that user space maps: DROP_SLOTS slots for each CPU, found by the key's hash. Only its own CPU
 * writes a slot, its key before its counts, and no slot is ever given back, so that reading needs no lock.
 */
#pragma once

#include <linux/types.h>

#define DROP_SLOTS 4096 /* of each CPU; a power of two; 64 bytes each */
#define DROP_TRIES 4	/* slots looked at; beyond that a drop is counted without its key */
#define DROP_HEADER 192 /* bytes of a packet in a sample */
#define DROP_STACK 24	/* frames */

enum drop_direction {
	DROP_DIRECTION_UNKNOWN,
	DROP_ARRIVING,
	DROP_LEAVING,
};

struct drop_key {
	__u64 place; /* address of the code that let it go */
	__u32 reason;
	__u32 netns;	 /* inode number of the namespace; 0: unknown */
	__u32 ifindex;	 /* 0: unknown */
	__u16 ethertype; /* host's byte order */
	__u8 protocol;	 /* of IP; 0: unknown */
	__u8 direction;	 /* enum drop_direction */
};

struct drop_slot {
	struct drop_key key;
	__u64 skbs, segments, bytes;
	__u64 first_ns; /* 0: free */
};

/* Of each CPU, beside its slots. */
struct drop_cpu {
	__u64 skbs, segments; /* that found no slot */
	__u64 samples_lost;   /* the ring buffer was full */
	__u64 samples_left;   /* not taken, to keep to the rate */
	__u64 second, taken;  /* samples in this second */
	__u64 unused[2];
};

struct drop_sample {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	struct drop_key key;
	__u32 cpu, length; /* of the packet from its network header */
	__u32 pid;	   /* of the task that ran; the owner only where the socket is its own */
	__u16 header_bytes, segments;
	__s32 stack_bytes; /* negative: none */
	char comm[16];
	__u8 header[DROP_HEADER]; /* from the network header */
	__u64 stack[DROP_STACK];
};
