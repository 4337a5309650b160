/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pasted outputs about devices: ip link in its layouts, ifconfig, netstat -i, /proc/net/dev, sar, bonds, tunnels, datapaths. */
#include "unit/tickets.h"

/* ---- ip link ---- */

/* Layout of iproute2 5.x (ip-s-s-link.old-iproute2.ena.txt): "overrun" above, "missed" below. */
static void ip_link_old(void **state)
{
	struct ticket ticket = ticket_of(
		"# ip -s -s link show eth0\n"
		"2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP mode DEFAULT group default qlen 1000\n"
		"    link/ether 02:ab:cb:6f:d1:1a brd ff:ff:ff:ff:ff:ff\n"
		"    RX: bytes  packets  errors  dropped overrun mcast   \n"
		"    287035161  218238   9       8       7       6       \n"
		"    RX errors: length   crc     frame   fifo    missed\n"
		"               1        2       3       4       5\n"
		"    TX: bytes  packets  errors  dropped carrier collsns \n"
		"    6995515    65991    11      12      13      14      \n"
		"    TX errors: aborted  fifo   window heartbeat transns\n"
		"               15       16      17      18      3\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_bytes", "eth0"), 287035161);
	assert_int_equal(ticket_told(&ticket, "link.rx_packets", "eth0"), 218238);
	assert_int_equal(ticket_told(&ticket, "link.rx_errors", "eth0"), 9);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 8);
	assert_int_equal(ticket_told(&ticket, "link.rx_over_errors", "eth0"), 7);
	assert_int_equal(ticket_told(&ticket, "link.multicast", "eth0"), 6);
	assert_int_equal(ticket_told(&ticket, "link.rx_length_errors", "eth0"), 1);
	assert_int_equal(ticket_told(&ticket, "link.rx_crc_errors", "eth0"), 2);
	assert_int_equal(ticket_told(&ticket, "link.rx_frame_errors", "eth0"), 3);
	assert_int_equal(ticket_told(&ticket, "link.rx_fifo_errors", "eth0"), 4);
	assert_int_equal(ticket_told(&ticket, "link.rx_missed_errors", "eth0"), 5);
	assert_int_equal(ticket_told(&ticket, "link.tx_dropped", "eth0"), 12);
	assert_int_equal(ticket_told(&ticket, "link.tx_carrier_errors", "eth0"), 13);
	assert_int_equal(ticket_told(&ticket, "link.collisions", "eth0"), 14);
	assert_int_equal(ticket_told(&ticket, "link.tx_aborted_errors", "eth0"), 15);
	assert_int_equal(ticket_told(&ticket, "link.tx_fifo_errors", "eth0"), 16);
	assert_int_equal(ticket_told(&ticket, "link.tx_window_errors", "eth0"), 17);
	assert_int_equal(ticket_told(&ticket, "link.tx_heartbeat_errors", "eth0"), 18);
	assert_int_equal(ticket_told(&ticket, "link.carrier_changes", "eth0"), 3);
	assert_int_equal(ticket_told(&ticket, "link.mtu", "eth0"), 9001);
	assert_int_equal(ticket_told(&ticket, "link.operstate", "eth0"), 6);
	assert_int_equal(ticket_told(&ticket, "link.flags_up", "eth0"), 1);
	assert_int_equal(ticket_told(&ticket, "link.carrier", "eth0"), 1);
	assert_string_equal(ticket_label(&ticket, "eth0", LABEL_KIND), "ether");
	assert_string_equal(ticket_label(&ticket, "eth0", LABEL_ADDRESS), "02:ab:cb:6f:d1:1a");
	assert_true(ticket_cell(&ticket, "link.rx_dropped", "eth0")->state & CELL_SINCE_BOOT);
	ticket_free(&ticket);
}

#define NEW_LINK(name, other, dropped, missed, over, nohandler)                                                    \
	"3: " name "@" other ": <BROADCAST,MULTICAST,UP> mtu 1500 qdisc pfifo state DOWN mode DEFAULT qlen 1000\n" \
	"    link/ether 5a:df:f8:86:51:91 brd ff:ff:ff:ff:ff:ff promiscuity 0 numtxqueues 4 numrxqueues 2\n"       \
	"    veth addrgenmode eui64\n"                                                                             \
	"    RX:  bytes packets errors dropped  missed   mcast           \n"                                       \
	"           516       6      0       " dropped "       " missed "       0 \n"                              \
	"    RX errors:  length    crc   frame    fifo overrun nohandler\n"                                        \
	"                     0      0       0       0      " over "       " nohandler "\n"                        \
	"    TX:  bytes packets errors dropped carrier collsns           \n"                                       \
	"       9942726    8011      0       0       0       0 \n"

/* Layout of iproute2 6.1 (ip-s-s-link.veth.kernel6.18.local.txt), twice without a prompt between. */
static void ip_link_new_twice(void **state)
{
	struct ticket ticket = ticket_of(
		NEW_LINK("va", "vb", "1", "2", "3", "4") NEW_LINK("vb", "va", "0", "0", "0", "0")
			NEW_LINK("va", "vb", "11", "22", "33", "44") NEW_LINK("vb", "va", "0", "0", "0", "5"));

	(void)state;
	assert_understood(&ticket);
	assert_false(ticket.since_boot);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "va"), 10);
	assert_int_equal(ticket_told(&ticket, "link.rx_missed_errors", "va"), 20);
	assert_int_equal(ticket_told(&ticket, "link.rx_over_errors", "va"), 30);
	assert_int_equal(ticket_told(&ticket, "link.rx_nohandler", "va"), 40);
	assert_int_equal(ticket_told(&ticket, "link.rx_nohandler", "vb"), 5);
	assert_int_equal(ticket_told(&ticket, "link.carrier", "va"), 0);
	assert_int_equal(ticket_told(&ticket, "link.num_tx_queues", "va"), 4);
	assert_string_equal(ticket_label(&ticket, "va", LABEL_KIND), "veth");
	assert_int_equal(ticket_link(&ticket, "va")->peer, ticket_link(&ticket, "vb")->id);
	ticket_free(&ticket);
}

/* From ip-s-d-link.hotsos-k8s.txt, ip-s-d-link.hotsos-openstack.txt and ip-s-link.ip_s_link_all_5.insights.txt. */
static void ip_link_details(void **state)
{
	struct ticket ticket = ticket_of(
		"2: ens3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel master br-ens3 state UP qlen 1000\n"
		"    link/ether 52:54:00:e2:28:a3 brd ff:ff:ff:ff:ff:ff promiscuity 1 minmtu 68 maxmtu 65535 \n"
		"    bridge_slave state blocking priority 32 learning off flood on mcast_flood on isolated on numtxqueues 1\n"
		"3: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 8908 qdisc noqueue state UNKNOWN mode DEFAULT \n"
		"    link/ether 9a:e0:6b:c3:ce:e3 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535 \n"
		"    vxlan id 1 local 10.6.3.201 dev ens3 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300\n"
		"4: bond1: <BROADCAST,MULTICAST,MASTER,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP qlen 1000\n"
		"    link/ether b4:96:91:e5:c8:a8 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535 \n"
		"    bond mode 802.3ad miimon 100 xmit_hash_policy layer3+4 ad_aggregator 1 ad_num_ports 2 \n"
		"5: ens1: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc mq master bond1 state UP qlen 1000\n"
		"    link/ether b4:96:91:e5:c8:a8 brd ff:ff:ff:ff:ff:ff promiscuity 1 minmtu 68 maxmtu 9702\n"
		"    bond_slave state BACKUP mii_status DOWN link_failure_count 7 perm_hwaddr b4:96:91:e5:c8:a8 queue_id 0\n"
		"6: ens1.100@ens1: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT\n"
		"    link/ether b4:96:91:e5:c8:a8 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 0 maxmtu 65535 \n"
		"    vlan protocol 802.1Q id 100 <REORDER_HDR> addrgenmode eui64 numtxqueues 1 numrxqueues 1\n");

	(void)state;
	assert_understood(&ticket);
	assert_string_equal(ticket_label(&ticket, "br-ens3", LABEL_KIND), "bridge");
	assert_int_equal(ticket_link(&ticket, "ens3")->parent, ticket_link(&ticket, "br-ens3")->id);
	assert_int_equal(ticket_told(&ticket, "link.bridge_port_state", "ens3"), 4);
	assert_int_equal(ticket_told(&ticket, "link.port_no_learning", "ens3"), 1);
	assert_int_equal(ticket_told(&ticket, "link.port_isolated", "ens3"), 1);
	assert_null(ticket_cell(&ticket, "link.port_no_unicast_flood", "ens3"));
	assert_string_equal(ticket_label(&ticket, "flannel.1", LABEL_KIND), "vxlan");
	assert_int_equal(ticket_told(&ticket, "link.vxlan_lower", "flannel.1"), ticket_link(&ticket, "ens3")->key.a);
	assert_int_equal(ticket_told(&ticket, "link.tunnel_ipv6", "flannel.1"), 0);
	assert_string_equal(ticket_label(&ticket, "bond1", LABEL_KIND), "bond");
	assert_int_equal(ticket_told(&ticket, "link.bond_mode", "bond1"), 4);
	assert_int_equal(ticket_told(&ticket, "link.bond_miimon", "bond1"), 100);
	assert_int_equal(ticket_told(&ticket, "link.bond_hash_policy", "bond1"), 1);
	assert_int_equal(ticket_told(&ticket, "link.bond_aggregator_ports", "bond1"), 2);
	assert_int_equal(ticket_link(&ticket, "ens1")->parent, ticket_link(&ticket, "bond1")->id);
	assert_int_equal(ticket_told(&ticket, "link.bond_member_backup", "ens1"), 1);
	assert_int_equal(ticket_told(&ticket, "link.bond_member_mii", "ens1"), 2);
	assert_int_equal(ticket_told(&ticket, "link.bond_member_failures", "ens1"), 7);
	assert_string_equal(ticket_label(&ticket, "ens1.100", LABEL_KIND), "vlan");
	assert_int_equal(ticket_told(&ticket, "link.vlan_id", "ens1.100"), 100);
	/* No statistics: the source is not covered by states alone. */
	assert_null(ticket_cell(&ticket, "link.rx_packets", "ens1"));
	ticket_free(&ticket);
}

static void ip_link_in_one_line(void **state)
{
	struct ticket ticket = ticket_of(
		"$ ip -o -s link\n"
		"2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT qlen 1000\\    link/ether "
		"02:ab:cb:6f:d1:1a brd ff:ff:ff:ff:ff:ff\\    RX:  bytes packets errors dropped  missed   mcast\\"
		"    10 20 30 40 50 60 \\    TX:  bytes packets errors dropped carrier collsns\\    1 2 3 4 5 6 \n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_missed_errors", "eth0"), 50);
	assert_int_equal(ticket_told(&ticket, "link.tx_dropped", "eth0"), 4);
	ticket_free(&ticket);
}

static void ip_link_behind_grep(void **state)
{
	struct ticket ticket = ticket_of("$ ip -s link show dev eth0 | grep -A1 RX\n"
					 "    RX:  bytes packets errors dropped  missed   mcast\n"
					 "    10 20 30 40 50 60 \n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 40);
	ticket_free(&ticket);
}

static void ip_link_garbled(void **state)
{
	struct ticket ticket = ticket_of("2: eth0: <BROADCAST,UP,LOWER_UP> mtu x state\n"
					 "    RX:  bytes packets errors dropped  missed   mcast\n"
					 "    10 20 30 40 50\n"
					 "    RX:  bytes packets errors dropped  missed   mcast\n"
					 "    10 20 30 1.5M 50 60\n"
					 "    RX:\n"
					 "3: : <\n"
					 "4: e: <>\n");

	(void)state;
	assert_null(ticket_cell(&ticket, "link.rx_packets", "eth0"));
	assert_null(ticket_cell(&ticket, "link.mtu", "eth0"));
	assert_true(ticket.not_understood >= 3);
	ticket_free(&ticket);
}

/* ---- /proc/net/dev and what reads it ---- */

/* ifconfig.wg0-errors.txt: "frame" of what is no network card is a sum that says nothing. */
static void ifconfig_new(void **state)
{
	struct ticket ticket = ticket_of("wg0: flags=209<UP,POINTOPOINT,RUNNING,NOARP>  mtu 1420\n"
					 "        inet 10.9.0.1  netmask 255.255.255.0  destination 10.9.0.1\n"
					 "        unspec 00-00-00-00-00-00  txqueuelen 1000  (UNSPEC)\n"
					 "        RX packets 539  bytes 97208 (97.2 KB)\n"
					 "        RX errors 9  dropped 84  overruns 0  frame 9\n"
					 "        TX packets 564  bytes 258916 (258.9 KB)\n"
					 "        TX errors 0  dropped 3 overruns 0  carrier 0  collisions 2\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_packets", "wg0"), 539);
	assert_int_equal(ticket_told(&ticket, "link.rx_bytes", "wg0"), 97208);
	assert_int_equal(ticket_told(&ticket, "link.rx_errors", "wg0"), 9);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "wg0"), 84);
	assert_int_equal(ticket_told(&ticket, "link.rx_fifo_errors", "wg0"), 0);
	assert_null(ticket_cell(&ticket, "link.rx_frame_errors", "wg0"));
	assert_int_equal(ticket_told(&ticket, "link.tx_dropped", "wg0"), 3);
	assert_int_equal(ticket_told(&ticket, "link.collisions", "wg0"), 2);
	assert_int_equal(ticket_told(&ticket, "link.mtu", "wg0"), 1420);
	assert_int_equal(ticket_told(&ticket, "link.flags_up", "wg0"), 1);
	ticket_free(&ticket);
}

static const char config_old[] = "eth0      Link encap:Ethernet  HWaddr 00:0C:29:28:FD:4C\n"
				 "          inet addr:192.168.1.5  Bcast:192.168.1.255  Mask:255.255.255.0\n"
				 "          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n"
				 "          RX packets:1000 errors:5 dropped:6 overruns:7 frame:8\n"
				 "          TX packets:2000 errors:9 dropped:10 overruns:11 carrier:12\n"
				 "          collisions:13 txqueuelen:1000\n"
				 "          RX bytes:4000 (3.9 KiB)  TX bytes:5000 (4.8 KiB)\n"
				 "          Interrupt:18 Memory:f0000000-f0012800\n";

static void ifconfig_old(void **state)
{
	struct ticket ticket = ticket_of(config_old);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_packets", "eth0"), 1000);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 6);
	assert_int_equal(ticket_told(&ticket, "link.rx_fifo_errors", "eth0"), 7);
	assert_int_equal(ticket_told(&ticket, "link.rx_frame_errors", "eth0"), 8);
	assert_int_equal(ticket_told(&ticket, "link.tx_packets", "eth0"), 2000);
	assert_int_equal(ticket_told(&ticket, "link.tx_fifo_errors", "eth0"), 11);
	assert_int_equal(ticket_told(&ticket, "link.tx_carrier_errors", "eth0"), 12);
	assert_int_equal(ticket_told(&ticket, "link.collisions", "eth0"), 13);
	assert_int_equal(ticket_told(&ticket, "link.rx_bytes", "eth0"), 4000);
	assert_int_equal(ticket_told(&ticket, "link.tx_bytes", "eth0"), 5000);
	assert_int_equal(ticket_told(&ticket, "link.mtu", "eth0"), 1500);
	ticket_free(&ticket);
}

/* What ifconfig adds up is not taken where ip tells it apart, and neither is read as before or after the other. */
static void sums_yield(void **state)
{
	CLEANUP_FREE char *text = text_format(
		"$ ifconfig eth0\n%s"
		"$ ip -s link show eth0\n"
		"2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT qlen 1000\n"
		"    RX:  bytes packets errors dropped  missed   mcast\n"
		"    4100 1010 5 2 4 0\n",
		config_old);
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 2);
	assert_int_equal(ticket_told(&ticket, "link.rx_missed_errors", "eth0"), 4);
	assert_int_equal(ticket_told(&ticket, "link.rx_packets", "eth0"), 1010);
	assert_int_equal(ticket_told(&ticket, "link.rx_frame_errors", "eth0"), 8);
	ticket_free(&ticket);
}

/* What the driver tells apart is taken off the sum: it would be counted twice. Figures like those of ethtool-S.bnx2. */
static void sums_told_by_driver(void **state)
{
	struct ticket ticket = ticket_of("$ ifconfig eth0\n"
					 "eth0: flags=4163<UP,BROADCAST>  mtu 1500\n"
					 "        RX errors 100  dropped 30  overruns 0  frame 91\n"
					 "$ ethtool -S eth0\n"
					 "NIC statistics:\n"
					 "     rx_crc_errors: 80\n"
					 "     rx_length_errors: 10\n"
					 "     rx_missed_errors: 25\n"
					 "$ ifconfig eth0\n"
					 "eth0: flags=4163<UP,BROADCAST>  mtu 1500\n"
					 "        RX errors 100  dropped 39  overruns 0  frame 94\n"
					 "$ ethtool -S eth0\n"
					 "NIC statistics:\n"
					 "     rx_crc_errors: 82\n"
					 "     rx_length_errors: 11\n"
					 "     rx_missed_errors: 32\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_cell(&ticket, "link.rx_frame_errors", "eth0")->first, 1);
	assert_int_equal(ticket_cell(&ticket, "link.rx_frame_errors", "eth0")->last, 1);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 2);
	assert_int_equal(ticket_told(&ticket, "rx_missed_errors", "eth0"), 7);
	ticket_free(&ticket);
}

/* Unless what adds up is read before and after, and what tells apart once. */
static void sums_read_twice(void **state)
{
	struct ticket ticket = ticket_of(
		"$ ifconfig eth0\neth0: flags=4163<UP,BROADCAST>  mtu 1500\n        RX errors 0  dropped 10  overruns 0  frame 0\n"
		"$ ip -s link show eth0\n"
		"2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT qlen 1000\n"
		"    RX:  bytes packets errors dropped  missed   mcast\n    4100 1010 5 2 4 0\n"
		"$ ifconfig eth0\neth0: flags=4163<UP,BROADCAST>  mtu 1500\n        RX errors 0  dropped 17  overruns 0  frame 0\n");

	(void)state;
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 7);
	ticket_free(&ticket);
}

#define DEV_HEAD                                                                                                   \
	"Inter-|   Receive                                                |  Transmit\n"                           \
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls " \
	"carrier compressed\n"

/* proc_net_dev.hotsos-k8s.txt, and a name with its number behind it as kernels before 2.6.37 print it. */
static void proc_net_dev(void **state)
{
	struct ticket ticket = ticket_of(
		DEV_HEAD
		"flannel.1:  190756     639    0    0    0     0          0         0    93071     737    0   13    0     0       0          0\n"
		"  eth0:77821 232457    1    2    3     4          5         6 30270997  169904    7    8    9     10       11          12\n" DEV_HEAD
		"flannel.1:  190756     639    0    0    0     0          0         0    93071     737    0   20    0     0       0          0\n"
		"  eth0:77821 232460    1    5    3     4          5         6 30270997  169904    7    8    9     10       11          12\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.tx_dropped", "flannel.1"), 7);
	assert_int_equal(ticket_told(&ticket, "link.rx_packets", "eth0"), 3);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 3);
	assert_int_equal(ticket_cell(&ticket, "link.rx_fifo_errors", "eth0")->last, 3);
	assert_int_equal(ticket_cell(&ticket, "link.rx_frame_errors", "eth0")->last, 4);
	assert_int_equal(ticket_cell(&ticket, "link.multicast", "eth0")->last, 6);
	assert_int_equal(ticket_cell(&ticket, "link.collisions", "eth0")->last, 10);
	assert_int_equal(ticket_cell(&ticket, "link.tx_carrier_errors", "eth0")->last, 11);
	assert_string_equal(ticket_label(&ticket, "flannel.1", LABEL_KIND), "vxlan");
	ticket_free(&ticket);
}

/* proc_net_dev.column-t.bnx2x.txt */
static void proc_net_dev_columns(void **state)
{
	struct ticket ticket =
		ticket_of("Inter-|           Receive         |            Transmit\n"
			  "face              |bytes          packets      errs      drop  fifo     frame\n"
			  "lo:               7505468400      90163030     0         0     0        0\n"
			  "ens4f1:           23277830485243  43072288786  1673119   11    1673109  10\n"
			  "ens5f1:           948168744668    1367415008   179       5     179\n");

	(void)state;
	assert_int_equal(ticket_told(&ticket, "link.rx_errors", "ens4f1"), 1673119);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "ens4f1"), 11);
	assert_int_equal(ticket_told(&ticket, "link.rx_fifo_errors", "ens4f1"), 1673109);
	assert_int_equal(ticket_told(&ticket, "link.rx_frame_errors", "ens4f1"), 10);
	assert_null(ticket_cell(&ticket, "link.rx_errors", "ens5f1")); /* a column is missing */
	assert_int_equal(ticket.not_understood, 1);
	ticket_free(&ticket);
}

static void proc_net_dev_behind_grep(void **state)
{
	struct ticket ticket = ticket_of("# grep eth0 /proc/net/dev\n"
					 "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 4);
	assert_int_equal(ticket_told(&ticket, "link.tx_dropped", "eth0"), 12);
	ticket_free(&ticket);
}

/* netstat-i.insights.txt and netstat-i.ubuntu-18.04.jc.txt: with and without "Met". */
static void netstat_interfaces(void **state)
{
	struct ticket ticket =
		ticket_of("$ netstat -i\nKernel Interface table\n"
			  "Iface       MTU Met    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n"
			  "bond0      1500   0   845265      1      2      3     1753      4      5      6 BMmRU\n"
			  "$ netstat -i\nKernel Interface table\n"
			  "Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n"
			  "bond0     1500   845275      1      9 3          1753      4      5      8 BMmRU\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_packets", "bond0"), 10);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "bond0"), 7);
	assert_int_equal(ticket_told(&ticket, "link.tx_fifo_errors", "bond0"), 2);
	assert_int_equal(ticket_told(&ticket, "link.mtu", "bond0"), 1500);
	ticket_free(&ticket);
}

/* ---- sar ---- */

/* Layout of sar-n-EDEV.txt: what was lost in all seconds, without their average. */
static void sar_errors(void **state)
{
	struct ticket ticket = ticket_of(
		"$ sar -n EDEV 1 2\n"
		"Linux 5.4.0-1084-aws (ip-10-101-0-12) \t11/23/2022 \t_x86_64_\t(2 CPU)\n\n"
		"12:59:59 PM     IFACE   rxerr/s   txerr/s    coll/s  rxdrop/s  txdrop/s  txcarr/s  rxfram/s  rxfifo/s  txfifo/s\n"
		"01:00:00 PM      eth0      0.00      0.00      0.00     12.00      0.00      0.00      0.00      3.00      0.00\n"
		"01:00:00 PM        lo      0.00      0.00      0.00      0.00      0.00      0.00      0.00      0.00      0.00\n\n"
		"01:00:00 PM     IFACE   rxerr/s   txerr/s    coll/s  rxdrop/s  txdrop/s  txcarr/s  rxfram/s  rxfifo/s  txfifo/s\n"
		"01:00:02 PM      eth0      0.00      0.00      0.00      0.50      0.00      0.00      0.00      0.00      0.00\n\n"
		"Average:     IFACE   rxerr/s   txerr/s    coll/s  rxdrop/s  txdrop/s  txcarr/s  rxfram/s  rxfifo/s  txfifo/s\n"
		"Average:      eth0      0.00      0.00      0.00      4.33      0.00      0.00      0.00      1.00      0.00\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 13);
	assert_int_equal(ticket_told(&ticket, "link.rx_fifo_errors", "eth0"), 3);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "lo"), 0);
	assert_false(ticket.since_boot);
	assert_true(series_seconds(ticket.series) > 2.9 && series_seconds(ticket.series) < 3.1);
	ticket_free(&ticket);
}

static void sar_traffic(void **state)
{
	struct ticket ticket = ticket_of(
		"12:07:23        IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s   rxcmp/s   txcmp/s  rxmcst/s   %ifutil\n"
		"12:07:24         eth0     10,00     20,50      1,00      2,00      0,00      0,00      3,00      0,00\n"
		"12:07:25         eth0     10,00     nope       1,00      2,00      0,00      0,00      3,00      0,00\n");

	(void)state;
	assert_int_equal(ticket_told(&ticket, "link.rx_packets", "eth0"), 10);
	assert_int_equal(ticket_told(&ticket, "link.tx_packets", "eth0"), 21);
	assert_int_equal(ticket_told(&ticket, "link.rx_bytes", "eth0"), 1024);
	assert_int_equal(ticket_told(&ticket, "link.multicast", "eth0"), 3);
	assert_int_equal(ticket.not_understood, 1);
	ticket_free(&ticket);
}

/* ---- bonds, tunnels, datapaths ---- */

/* From bonding.bond_mode_4.insights.txt. */
static void bonding(void **state)
{
	struct ticket ticket = ticket_of("$ cat /proc/net/bonding/bond7\n"
					 "Ethernet Channel Bonding Driver: v3.7.1 (April 27, 2011)\n\n"
					 "Bonding Mode: IEEE 802.3ad Dynamic link aggregation\n"
					 "Transmit Hash Policy: layer2+3 (2)\n"
					 "MII Status: up\n"
					 "MII Polling Interval (ms): 100\n\n"
					 "802.3ad info\n"
					 "LACP rate: slow\n"
					 "Active Aggregator Info:\n"
					 "\\t\\t\\t\\tAggregator ID: 1\n"
					 "\tNumber of ports: 1\n\n"
					 "Slave Interface: enp0s9\n"
					 "MII Status: down\n"
					 "Speed: 1000 Mbps\n"
					 "Duplex: half\n"
					 "Link Failure Count: 12\n"
					 "Permanent HW addr: 08:00:27:99:a3:6b\n"
					 "Aggregator ID: 2\n"
					 "Partner Churned Count: 3\n"
					 "details actor lacp pdu:\n"
					 "    port state: 77\n"
					 "details partner lacp pdu:\n"
					 "    port state: 1\n\n"
					 "Slave Interface: enp0s8\n"
					 "MII Status: up\n"
					 "Speed: Unknown\n"
					 "Link Failure Count: 0\n");

	(void)state;
	assert_understood(&ticket);
	assert_string_equal(ticket_label(&ticket, "bond7", LABEL_KIND), "bond");
	assert_int_equal(ticket_told(&ticket, "link.bond_mode", "bond7"), 4);
	assert_int_equal(ticket_told(&ticket, "link.bond_hash_policy", "bond7"), 2);
	assert_int_equal(ticket_told(&ticket, "link.bond_miimon", "bond7"), 100);
	assert_int_equal(ticket_told(&ticket, "link.bond_aggregator", "bond7"), 1);
	assert_int_equal(ticket_told(&ticket, "link.bond_aggregator_ports", "bond7"), 1);
	assert_int_equal(ticket_link(&ticket, "enp0s9")->parent, ticket_link(&ticket, "bond7")->id);
	assert_int_equal(ticket_told(&ticket, "link.bond_member_mii", "enp0s9"), 2);
	assert_int_equal(ticket_told(&ticket, "link.bond_member_failures", "enp0s9"), 12);
	assert_int_equal(ticket_told(&ticket, "link.bond_member_aggregator", "enp0s9"), 2);
	assert_int_equal(ticket_told(&ticket, "link.bond_member_actor_state", "enp0s9"), 77);
	assert_int_equal(ticket_told(&ticket, "link.bond_member_partner_state", "enp0s9"), 1);
	assert_int_equal(ticket_told(&ticket, "port.partner_churned", "enp0s9"), 3);
	assert_int_equal(ticket_told(&ticket, "ethtool.speed_mbps", "enp0s9"), 1000);
	assert_int_equal(ticket_told(&ticket, "ethtool.full_duplex", "enp0s9"), 0);
	assert_int_equal(ticket_told(&ticket, "link.bond_member_mii", "enp0s8"), 0);
	assert_null(ticket_cell(&ticket, "ethtool.speed_mbps", "enp0s8"));
	ticket_free(&ticket);
}

/* Layout of ip-s-tunnel.gre.txt. */
static void tunnel(void **state)
{
	struct ticket ticket = ticket_of("gre1: gre/ip remote 10.101.0.36 local 10.101.0.12 ttl 255\n"
					 "RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts\n"
					 "    11         616          3      1        2        0\n"
					 "TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs\n"
					 "    12         617          9      4        5        6\n");

	(void)state;
	assert_understood(&ticket);
	assert_string_equal(ticket_label(&ticket, "gre1", LABEL_KIND), "gre");
	assert_int_equal(ticket_told(&ticket, "link.rx_packets", "gre1"), 11);
	assert_int_equal(ticket_told(&ticket, "link.rx_errors", "gre1"), 3);
	assert_int_equal(ticket_told(&ticket, "link.rx_frame_errors", "gre1"), 1);
	assert_int_equal(ticket_told(&ticket, "link.rx_fifo_errors", "gre1"), 2);
	assert_int_equal(ticket_told(&ticket, "link.collisions", "gre1"), 4);
	assert_int_equal(ticket_told(&ticket, "link.tx_carrier_errors", "gre1"), 5);
	assert_int_equal(ticket_told(&ticket, "link.tx_dropped", "gre1"), 6);
	ticket_free(&ticket);
}

/* Figures of the case 067-ovs-upcall-lost. */
static void datapath(void **state)
{
	struct ticket ticket = ticket_of("$ ovs-dpctl show\n"
					 "system@ovs-system:\n"
					 "  lookups: hit:7027849315 missed:892873665 lost:28741496\n"
					 "  flows: 129\n"
					 "  masks: hit:30012 total:2 hit/pkt:3.1\n"
					 "  port 0: ovs-system (internal)\n"
					 "$ ovs-dpctl show\n"
					 "system@ovs-system:\n"
					 "  lookups: hit:7027849325 missed:892873670 lost:28741499\n"
					 "  flows: 130\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "ovs.hit", "ovs-system"), 10);
	assert_int_equal(ticket_told(&ticket, "ovs.missed", "ovs-system"), 5);
	assert_int_equal(ticket_told(&ticket, "ovs.lost", "ovs-system"), 3);
	assert_int_equal(ticket_told(&ticket, "ovs.flows", "ovs-system"), 130);
	ticket_free(&ticket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip_link_old),
		cmocka_unit_test(ip_link_new_twice),
		cmocka_unit_test(ip_link_details),
		cmocka_unit_test(ip_link_in_one_line),
		cmocka_unit_test(ip_link_behind_grep),
		cmocka_unit_test(ip_link_garbled),
		cmocka_unit_test(ifconfig_new),
		cmocka_unit_test(ifconfig_old),
		cmocka_unit_test(sums_yield),
		cmocka_unit_test(sums_told_by_driver),
		cmocka_unit_test(sums_read_twice),
		cmocka_unit_test(proc_net_dev),
		cmocka_unit_test(proc_net_dev_columns),
		cmocka_unit_test(proc_net_dev_behind_grep),
		cmocka_unit_test(netstat_interfaces),
		cmocka_unit_test(sar_errors),
		cmocka_unit_test(sar_traffic),
		cmocka_unit_test(bonding),
		cmocka_unit_test(tunnel),
		cmocka_unit_test(datapath),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
