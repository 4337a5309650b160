/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody who pasted a ticket is asked for where it tells nothing of a source. */
#include "evidence/ticket_parts.h"

static const char *const commands[SOURCE_COUNT] = {
	[SOURCE_SNMP] = "nstat -az",
	[SOURCE_SNMP6] = "nstat -az",
	[SOURCE_NETSTAT] = "nstat -az",
	[SOURCE_SOFTNET] = "cat /proc/net/softnet_stat",
	[SOURCE_INTERRUPTS] = "cat /proc/interrupts",
	[SOURCE_LINK] = "ip -s -s link",
	[SOURCE_ETHTOOL] = "ethtool -S DEVICE; ethtool -g DEVICE",
	[SOURCE_QDISC] = "tc -s qdisc",
	[SOURCE_NEIGHBOUR] = "cat /proc/net/stat/arp_cache",
	[SOURCE_ROUTE] = "ip route show table all",
	[SOURCE_SOCKET] = "ss -tuanmpi",
	[SOURCE_CONNTRACK] = "conntrack -S",
	[SOURCE_NFTABLES] = "nft list ruleset",
	[SOURCE_IPTABLES] = "iptables-save -c",
	[SOURCE_SYSCTL] = "sysctl -a",
	[SOURCE_XFRM] = "cat /proc/net/xfrm_stat",
	[SOURCE_NFQUEUE] = "cat /proc/net/netfilter/nfnetlink_queue",
	[SOURCE_KERNEL_LOG] = "dmesg",
	[SOURCE_OPENVSWITCH] = "ovs-dpctl show",
	[SOURCE_FILTER] = "tc -s filter show dev DEVICE ingress",
	[SOURCE_SCTP] = "cat /proc/net/sctp/snmp",
	[SOURCE_NETLINK] = "cat /proc/net/netlink",
	[SOURCE_RAW] = "cat /proc/net/raw",
};

const char *ticket_command(enum source_id source)
{
	return commands[source];
}
