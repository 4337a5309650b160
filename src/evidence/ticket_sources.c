/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody who pasted a ticket is asked for where it tells nothing of a source. */
#include "evidence/ticket_parts.h"

#define NOT_THERE "not in the ticket; "
#define TELLS " tells"

static const char *const commands[SOURCE_COUNT] = {
	[SOURCE_SNMP] = NOT_THERE "`nstat -az`" TELLS,
	[SOURCE_SNMP6] = NOT_THERE "`nstat -az`" TELLS,
	[SOURCE_NETSTAT] = NOT_THERE "`nstat -az`" TELLS,
	[SOURCE_SOFTNET] = NOT_THERE "`cat /proc/net/softnet_stat`" TELLS,
	[SOURCE_INTERRUPTS] = NOT_THERE "`cat /proc/interrupts`" TELLS,
	[SOURCE_LINK] = NOT_THERE "`ip -s -s link`" TELLS,
	[SOURCE_ETHTOOL] = NOT_THERE "`ethtool -S DEVICE` and `ethtool -g DEVICE`" TELLS,
	[SOURCE_QDISC] = NOT_THERE "`tc -s qdisc`" TELLS,
	[SOURCE_NEIGHBOUR] = NOT_THERE "`cat /proc/net/stat/arp_cache`" TELLS,
	[SOURCE_SOCKET] = NOT_THERE "`ss -tuanmpi`" TELLS,
	[SOURCE_CONNTRACK] = NOT_THERE "`conntrack -S`" TELLS,
	[SOURCE_NFTABLES] = NOT_THERE "`nft list ruleset`" TELLS,
	[SOURCE_IPTABLES] = NOT_THERE "`iptables-save -c`" TELLS,
	[SOURCE_SYSCTL] = NOT_THERE "`sysctl -a`" TELLS,
	[SOURCE_XFRM] = NOT_THERE "`cat /proc/net/xfrm_stat`" TELLS,
	[SOURCE_NFQUEUE] = NOT_THERE "`cat /proc/net/netfilter/nfnetlink_queue`" TELLS,
	[SOURCE_KERNEL_LOG] = NOT_THERE "`dmesg`" TELLS,
	[SOURCE_OPENVSWITCH] = NOT_THERE "`ovs-dpctl show`" TELLS,
	[SOURCE_SCTP] = NOT_THERE "`cat /proc/net/sctp/snmp`" TELLS,
	[SOURCE_RAW] = NOT_THERE "`cat /proc/net/raw`" TELLS,
};

const char *ticket_command_for(enum source_id source)
{
	return commands[source];
}
