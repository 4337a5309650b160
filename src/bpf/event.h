/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the probes at events that are no drops share with their reader: exact counts by key and CPU, and samples. Per CPU
 * there is a struct drop_cpu as well: what found no room for its key, samples left out and lost.
 */
#pragma once

#include "bpf/drop.h"

#include <linux/types.h>

#define EVENT_KEYS 2048

enum event_kind {
	EVENT_RETRANSMIT,	 /* tcp:tcp_retransmit_skb; detail: 0 or -errno of sending it */
	EVENT_RETRANSMIT_SYNACK, /* tcp:tcp_retransmit_synack */
	EVENT_RESET_SENT,	 /* tcp:tcp_send_reset; detail: enum sk_rst_reason, -1 before 6.10 */
	EVENT_RESET_RECEIVED,	 /* tcp:tcp_receive_reset */
	EVENT_QUEUE_FULL,	 /* sock:sock_rcvqueue_full */
	EVENT_UDP_QUEUE_FULL,	 /* udp:udp_fail_queue_rcv_skb; detail: -errno */
	EVENT_TRANSMIT_FAILED,	 /* net:net_dev_xmit; detail: what the driver returned */
	EVENT_TRANSMIT_TIMEOUT,	 /* net:net_dev_xmit_timeout; detail: the queue */
	EVENT_POLL_BUDGET,	 /* napi:napi_poll; detail: the budget that was used up */
	EVENT_KINDS,
};

struct event_key {
	__u16 kind;  /* enum event_kind */
	__u16 state; /* of the TCP socket, TCP_ESTABLISHED, …; 0: none */
	__s32 detail;
	__u32 netns;   /* inode number; 0: unknown */
	__u32 ifindex; /* the packet's device, else that of the socket's route; 0: unknown */
};

struct event_count {
	__u64 events;
	__u64 packets;		      /* segments sent again; packets handled in a poll */
	__u64 wanted, wanted_packets; /* of these: in scope */
};

struct event_sample {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	struct event_key key;
	struct drop_flow_key
		flow;	    /* as the packet goes; ethertype 0: of no flow. Reason and namespace are not filled in */
	__u64 socket_inode; /* 0: none */
	__u64 cgroup;	    /* id of the socket's control group; 0: unknown */
	__u32 cpu, packets;
	__u32 pid; /* process that ran: it is behind the event only where it made the system call */
	__u32 unused;
	char device[DROP_DEVICE];
	char comm[16];
};
