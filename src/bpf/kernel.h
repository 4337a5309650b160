/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few fields of the kernel's structures that the probes read. CO-RE moves each access to where the running kernel
 * has that field, so order and neighbours do not matter here.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>
#include <stddef.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net_device;

struct net {
	struct ns_common ns;
	struct net_device *loopback_dev;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	char name[16];
	int ifindex;
	const unsigned char *dev_addr;
	possible_net_t nd_net;
};

struct inode {
	unsigned long i_ino;
};

struct file {
	struct inode *f_inode;
};

struct socket {
	struct file *file;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

struct in6_addr {
	union {
		__be32 u6_addr32[4];
	} in6_u;
};

struct sock_common {
	possible_net_t skc_net;
	unsigned char skc_state;
	unsigned short skc_family;
	__be32 skc_daddr, skc_rcv_saddr;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num; /* the local port, in the host's byte order */
};

struct dst_entry {
	struct net_device *dev;
};

struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
	struct sock_cgroup_data sk_cgrp_data;
	struct dst_entry *sk_dst_cache;
};

struct inet_sock {
	__be16 inet_sport; /* stays when a closing socket gives its port back */
};

struct napi_struct {
	struct net_device *dev;
};

struct tcp_skb_cb {
	__u16 tcp_gso_segs;
};

struct iphdr {
	__u8 ihl : 4;
	__u8 protocol;
	__be16 frag_off;
	__be32 saddr, daddr;
};

struct ipv6hdr {
	__u8 nexthdr;
	struct in6_addr saddr, daddr;
};

struct udphdr {
	__be16 source, dest;
};

struct skb_shared_info {
	unsigned short gso_segs;
};

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	unsigned long _skb_refdst;
	unsigned int len;
	__be16 protocol;
	__u8 pkt_type : 3;
	__u16 network_header, mac_header;
	int skb_iif;
	unsigned char *head;
	unsigned int tail, end;
	char cb[48];
};

enum skb_drop_reason { SKB_DROP_REASON_of_the_running_kernel };

/* What the tracepoint's own record holds tells how many arguments it has. */
struct trace_event_raw_kfree_skb {
	void *rx_sk;		     /* 6.11 */
	enum skb_drop_reason reason; /* 5.17 */
};

struct trace_event_raw_tcp_retransmit_skb {
	int err; /* 6.16; before that the record has another name */
};

enum sk_rst_reason { SK_RST_REASON_of_the_running_kernel };

struct trace_event_raw_tcp_send_reset {
	enum sk_rst_reason reason; /* 6.10 */
};

struct trace_event_raw_udp_fail_queue_rcv_skb {
	__u8 saddr[28]; /* 6.10, with the packet as a third argument */
};

/* Where the kernel names it, a program may call bpf_rdonly_cast(): 6.2. */
enum special_kfunc_type { KF_bpf_rdonly_cast = 10 };

#pragma clang attribute pop
