/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pasted outputs of ethtool: what drivers count, and how devices are set up. */
#include "unit/tickets.h"

#include "base/clock.h"

/* ---- ethtool -S ---- */

/* From ethtool-S.igb-i211.before.netdev2020.txt, with a before and an after; a name twice is called "[2]". */
static void statistics_twice(void **state)
{
	struct ticket ticket = ticket_of("# ethtool -S eth0\n"
					 "NIC statistics:\n"
					 "     rx_packets: 37339997\n"
					 "     rx_missed_errors: 270844\n"
					 "     rx_queue_0_drops: 5\n"
					 "     rx_queue_0_drops: 7\n"
					 "# sleep 10\n"
					 "# ethtool -S eth0\n"
					 "NIC statistics:\n"
					 "     rx_packets: 37340720\n"
					 "     rx_missed_errors: 270850\n"
					 "     rx_queue_0_drops: 6\n"
					 "     rx_queue_0_drops: 9\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "rx_packets", "eth0"), 723);
	assert_int_equal(ticket_told(&ticket, "rx_missed_errors", "eth0"), 6);
	assert_int_equal(ticket_told(&ticket, "rx_queue_0_drops", "eth0"), 1);
	assert_int_equal(ticket_told(&ticket, "rx_queue_0_drops [2]", "eth0"), 2);
	assert_false(ticket.since_boot);
	ticket_free(&ticket);
}

/* The driver is told by -i, wherever it stands. */
static void driver_is_told(void **state)
{
	struct ticket ticket = ticket_of("# ethtool -S ens1\n"
					 "NIC statistics:\n"
					 "     no_buff_discards: 10736\n"
					 "# ethtool -i ens1\n"
					 "driver: qede\n"
					 "version: 8.37.0.20\n"
					 "firmware-version: mfw 8.52.9.0 storm 8.37.2.0\n"
					 "bus-info: 0000:87:00.0\n");

	(void)state;
	assert_understood(&ticket);
	assert_string_equal(ticket_label(&ticket, "ens1", LABEL_DRIVER), "qede");
	assert_string_equal(ticket_label(&ticket, "ens1", LABEL_FIRMWARE), "mfw 8.52.9.0 storm 8.37.2.0");
	assert_string_equal(ticket_label(&ticket, "ens1", LABEL_KIND), "ether");
	assert_int_equal(ticket_told(&ticket, "no_buff_discards", "ens1"), 10736);
	ticket_free(&ticket);
}

/* From ethtool-S.mlx5.v6.5-xdp.netdev2024.txt, ethtool-S.ena.localgateway.txt, ethtool-S.veth.kernel6.18.local.txt. */
static void driver_is_guessed(void **state)
{
	struct ticket ticket = ticket_of("# ethtool -S eth0\n"
					 "NIC statistics:\n"
					 "     rx_packets: 7282880\n"
					 "     rx_out_of_buffer: 12\n"
					 "     rx_discards_phy: 3\n"
					 "     rx_crc_errors_phy: 0\n"
					 "# ethtool -S eth1\n"
					 "NIC statistics:\n"
					 "     bw_in_allowance_exceeded: 9\n"
					 "     pps_allowance_exceeded: 0\n"
					 "# ethtool -S va\n"
					 "NIC statistics:\n"
					 "     peer_ifindex: 2\n"
					 "     rx_queue_0_drops: 0\n"
					 "     rx_queue_0_xdp_drops: 0\n"
					 "# ethtool -S eth2\n"
					 "NIC statistics:\n"
					 "     rx_packets: 1\n"
					 "     rx_dropped: 4\n");

	(void)state;
	assert_understood(&ticket);
	assert_string_equal(ticket_label(&ticket, "eth0", LABEL_DRIVER), "mlx5");
	assert_int_equal(ticket_told(&ticket, "rx_discards_phy", "eth0"), 3);
	assert_string_equal(ticket_label(&ticket, "eth1", LABEL_DRIVER), "ena");
	assert_int_equal(ticket_told(&ticket, "bw_in_allowance_exceeded", "eth1"), 9);
	assert_string_equal(ticket_label(&ticket, "va", LABEL_KIND), "veth");
	assert_string_equal(ticket_label(&ticket, "eth2", LABEL_DRIVER), "");
	assert_int_equal(ticket_told(&ticket, "rx_dropped", "eth2"), 4);
	ticket_free(&ticket);
}

/* "     name: value" is known behind its command, and by a name that only drivers use. */
static void statistics_behind_grep(void **state)
{
	static const char lines[] = "     rx_missed_errors: 12\n     rx_long_length_errors: 6\n";
	CLEANUP_FREE char *behind = text_format("$ ethtool -S eth3 | grep err\n%s", lines);
	struct ticket ticket = ticket_of(behind);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "rx_missed_errors", "eth3"), 12);
	ticket_free(&ticket);
	ticket = ticket_of(lines);
	assert_int_equal(ticket_told(&ticket, "rx_missed_errors", "the device"), 12);
	ticket_free(&ticket);
	ticket = ticket_of("     nobody_knows: 12\n");
	assert_int_equal(ticket.understood, 0);
	ticket_free(&ticket);
}

/* Layouts with blanks and colons in names: vmxnet3 (ethtool-S.vmxnet3.kb.txt), bnxt_en, be2net; a device that is not named. */
static void statistics_of_queues(void **state)
{
	struct ticket ticket = ticket_of("NIC statistics:\n"
					 "     Rx Queue#: 0\n"
					 "       drv dropped rx total: 5\n"
					 "     Rx Queue#: 1\n"
					 "       drv dropped rx total: 6\n"
					 "     [0]: rx_discards: 7\n"
					 "    rxq0: rx_drops_no_frags: 5,000\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "drv dropped rx total", "the device"), 5);
	assert_int_equal(ticket_told(&ticket, "drv dropped rx total [2]", "the device"), 6);
	assert_int_equal(ticket_told(&ticket, "[0]: rx_discards", "the device"), 7);
	assert_int_equal(ticket_told(&ticket, "rxq0: rx_drops_no_frags", "the device"), 5000);
	ticket_free(&ticket);
}

static void statistics_garbled(void **state)
{
	struct ticket ticket = ticket_of("NIC statistics:\n"
					 "     rx_dropped: -1\n"
					 "     rx_dropped: 99999999999999999999999\n"
					 "     rx_dropped:\n"
					 "     : 5\n"
					 "     :\n"
					 "     a_name_that_is_far_longer_than_any_that_a_driver_could_have_dropped: 5\n"
					 "     tx_dropped: 2\n");

	(void)state;
	assert_null(ticket_cell(&ticket, "rx_dropped", "the device"));
	assert_int_equal(ticket_told(&ticket, "tx_dropped", "the device"), 2);
	assert_int_equal(ticket.not_understood, 5);
	ticket_free(&ticket);
}

static void nothing_to_tell(void **state)
{
	struct ticket ticket = ticket_of("# ethtool -S br-int\nno stats available\n"
					 "# ethtool -g bond0\nCannot get device ring settings: No such device\n"
					 "Ring parameters for bond0:\n");

	(void)state;
	assert_int_equal(ticket.strange.count, 1);
	assert_string_equal(ticket.strange.data[0].said, "ethtool -g");
	assert_string_equal(ticket_label(&ticket, "br-int", LABEL_KIND), "openvswitch");
	ticket_free(&ticket);
}

/* ethtool_stats-rates.ixgbe.xdp-project.txt */
static void rates(void **state)
{
	struct ticket ticket =
		ticket_of("Show adapter(s) (ixgbe2 i40e1) statistics (ONLY that changed!)\n"
			  "Ethtool(ixgbe2  ) stat:     12192478 (     12,192,478) <= fdir_miss /sec\n"
			  "Ethtool(ixgbe2  ) stat:      2970896 (      2,970,896) <= rx_missed_errors /sec\n"
			  "Ethtool(ixgbe2  ) stat:      2313797 (      2,313,797) <= rx_no_dma_resources /sec\n"
			  "Ethtool(i40e1   ) stat:      9610058 (      9,610,058) <= port.rx_dropped /sec\n"
			  "Show adapter(s) (ixgbe2 i40e1) statistics (ONLY that changed!)\n"
			  "Ethtool(ixgbe2  ) stat:      2970900 (      2,970,900) <= rx_missed_errors /sec\n"
			  "Ethtool(ixgbe2  ) stat: what\n");

	(void)state;
	assert_int_equal(ticket_told(&ticket, "rx_missed_errors", "ixgbe2"), 2970900);
	assert_int_equal(ticket_told(&ticket, "rx_no_dma_resources", "ixgbe2"), 2313797);
	assert_int_equal(ticket_told(&ticket, "port.rx_dropped", "i40e1"), 9610058);
	assert_string_equal(ticket_label(&ticket, "ixgbe2", LABEL_DRIVER), "ixgbe");
	assert_string_equal(ticket_label(&ticket, "i40e1", LABEL_DRIVER), "i40e");
	assert_false(ticket.since_boot);
	assert_int_equal(ticket.not_understood, 1);
	ticket_free(&ticket);
}

/* Layout of ethtool 6.1. */
static void standard_groups(void **state)
{
	struct ticket ticket = ticket_of("# ethtool -S eth0 --groups eth-mac rmon\n"
					 "Standard stats for eth0:\n"
					 "eth-mac-FramesTransmittedOK: 902\n"
					 "eth-mac-FrameCheckSequenceErrors: 7\n"
					 "rmon-etherStatsJabbers: 3\n"
					 "rx-rmon-etherStatsPkts64to64Octets: 5\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "ethnl.mac_fcs_errors", "eth0"), 7);
	assert_int_equal(ticket_told(&ticket, "ethnl.rmon_jabbers", "eth0"), 3);
	ticket_free(&ticket);
}

/* ---- settings ---- */

/* From ethtool-g.insights.txt and ethtool-g_4.insights.txt. */
static void rings_and_channels(void **state)
{
	struct ticket ticket = ticket_of("Ring parameters for eth2:\n"
					 "Pre-set maximums:\n"
					 "RX:     2047\n"
					 "RX Mini:    n/a\n"
					 "RX Jumbo:   some-unexpected-value\n"
					 "TX:     511\n\n"
					 "Current hardware settings:\n"
					 "RX:     200\n"
					 "RX Mini:    0\n"
					 "TX:     510\n"
					 "Channel parameters for eth2:\n"
					 "Pre-set maximums:\n"
					 "RX:\t\tn/a\n"
					 "TX:\t\t0\n"
					 "Other:\t\t1\n"
					 "Combined:\t63\n"
					 "Current hardware settings:\n"
					 "RX:\t\tn/a\n"
					 "Combined:\t8\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "ethtool.rx_ring_max", "eth2"), 2047);
	assert_int_equal(ticket_told(&ticket, "ethtool.tx_ring_max", "eth2"), 511);
	assert_int_equal(ticket_told(&ticket, "ethtool.rx_ring", "eth2"), 200);
	assert_int_equal(ticket_told(&ticket, "ethtool.tx_ring", "eth2"), 510);
	assert_int_equal(ticket_told(&ticket, "ethtool.channels_combined_max", "eth2"), 63);
	assert_int_equal(ticket_told(&ticket, "ethtool.channels_combined", "eth2"), 8);
	assert_null(ticket_cell(&ticket, "ethtool.channels_rx_max", "eth2"));
	ticket_free(&ticket);
}

static void features(void **state)
{
	struct ticket ticket = ticket_of("Features for eth0:\n"
					 "rx-checksumming: off\n"
					 "tx-checksumming: on\n"
					 "\ttx-checksum-ipv4: off [fixed]\n"
					 "tcp-segmentation-offload: on\n"
					 "\ttx-tcp-segmentation: on\n"
					 "generic-segmentation-offload: on\n"
					 "generic-receive-offload: off [fixed]\n"
					 "large-receive-offload: off [fixed]\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "ethtool.rx_checksum", "eth0"), 0);
	assert_int_equal(ticket_told(&ticket, "ethtool.tx_checksum", "eth0"), 1);
	assert_int_equal(ticket_told(&ticket, "ethtool.tso", "eth0"), 1);
	assert_int_equal(ticket_told(&ticket, "ethtool.gro", "eth0"), 0);
	assert_int_equal(ticket_told(&ticket, "ethtool.lro", "eth0"), 0);
	assert_int_equal(ticket_told(&ticket, "ethnl.rx_checksum_switched_off", "eth0"), 1);
	assert_int_equal(ticket_told(&ticket, "ethnl.gro_switched_off", "eth0"), 0);
	ticket_free(&ticket);
}

static void coalescing_and_pause(void **state)
{
	struct ticket ticket = ticket_of("Coalesce parameters for eth0:\n"
					 "Adaptive RX: on  TX: off\n"
					 "rx-usecs: 3\n"
					 "rx-frames: n/a\n"
					 "rx-usecs-irq: 9\n"
					 "Pause parameters for eth0:\n"
					 "Autonegotiate:\ton\n"
					 "RX:\t\toff\n"
					 "TX:\t\ton\n"
					 "RX negotiated: on\n"
					 "Statistics:\n"
					 "  tx_pause_frames: 12\n"
					 "  rx_pause_frames: 34\n"
					 "FEC parameters for eth0:\n"
					 "Supported/Configured FEC encodings: Auto\n"
					 "Active FEC encoding: RS\n"
					 "Statistics:\n"
					 "  corrected_blocks: 5\n"
					 "  uncorrectable_blocks: 6\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "ethnl.coalesce_adaptive_rx", "eth0"), 1);
	assert_int_equal(ticket_told(&ticket, "ethnl.coalesce_rx_us", "eth0"), 3);
	assert_null(ticket_cell(&ticket, "ethnl.coalesce_rx_frames", "eth0"));
	assert_int_equal(ticket_told(&ticket, "ethtool.rx_pause", "eth0"), 0);
	assert_int_equal(ticket_told(&ticket, "ethtool.tx_pause", "eth0"), 1);
	assert_int_equal(ticket_told(&ticket, "ethnl.pause_tx_frames", "eth0"), 12);
	assert_int_equal(ticket_told(&ticket, "ethnl.pause_rx_frames", "eth0"), 34);
	assert_int_equal(ticket_told(&ticket, "ethnl.fec_active", "eth0"), 1);
	assert_int_equal(ticket_told(&ticket, "ethnl.fec_corrected", "eth0"), 5);
	assert_int_equal(ticket_told(&ticket, "ethnl.fec_uncorrectable", "eth0"), 6);
	ticket_free(&ticket);
}

/* Layout of ethtool-link.jc.txt, with a partner. */
static void link_settings(void **state)
{
	struct ticket ticket = ticket_of("Settings for enp0s3:\n"
					 "\tSupported ports: [ TP ]\n"
					 "\tSupported link modes:   10baseT/Half 10baseT/Full \n"
					 "\t                        1000baseT/Full \n"
					 "\tAdvertised link modes:  10baseT/Half 10baseT/Full \n"
					 "\t                        100baseT/Half 100baseT/Full \n"
					 "\t                        1000baseT/Full \n"
					 "\tAdvertised auto-negotiation: Yes\n"
					 "\tLink partner advertised link modes:  10baseT/Full 100baseT/Full\n"
					 "\t                                     2500baseT/Full 1000baseT/Full\n"
					 "\tSpeed: 100Mb/s\n"
					 "\tDuplex: Half\n"
					 "\tAuto-negotiation: on\n"
					 "\tCurrent message level: 0x00000007 (7)\n"
					 "\t\t\t       drv probe link\n"
					 "\tLink detected: no (Cable unplugged)\n"
					 "Settings for eth1:\n"
					 "\tSpeed: Unknown!\n"
					 "\tDuplex: Unknown! (255)\n"
					 "\tAuto-negotiation: off\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "ethtool.speed_mbps", "enp0s3"), 100);
	assert_int_equal(ticket_told(&ticket, "ethtool.speed_common_mbps", "enp0s3"), 1000);
	assert_int_equal(ticket_told(&ticket, "ethtool.full_duplex", "enp0s3"), 0);
	assert_int_equal(ticket_told(&ticket, "ethtool.autoneg", "enp0s3"), 1);
	assert_int_equal(ticket_told(&ticket, "link.carrier", "enp0s3"), 0);
	assert_null(ticket_cell(&ticket, "ethtool.speed_mbps", "eth1"));
	assert_null(ticket_cell(&ticket, "ethtool.full_duplex", "eth1"));
	assert_int_equal(ticket_told(&ticket, "ethtool.autoneg", "eth1"), 0);
	ticket_free(&ticket);
}

/* The weakest lane against the module's own limits. */
static void module(void **state)
{
	struct ticket ticket = ticket_of("# ethtool -m eth4\n"
					 "\tIdentifier                                : 0x11 (QSFP28)\n"
					 "\tTransmit avg optical power (Channel 1)    : 1.0257 mW / 0.11 dBm\n"
					 "\tTransmit avg optical power (Channel 2)    : 0.9000 mW / -0.46 dBm\n"
					 "\tRcvr signal avg optical power(Channel 1)  : 0.0123 mW / -19.10 dBm\n"
					 "\tRcvr signal avg optical power(Channel 2)  : 0.5012 mW / -3.00 dBm\n"
					 "\tRcvr signal avg optical power(Channel 3)  : 0.0000 mW / -inf dBm\n"
					 "\tLaser rx power high alarm threshold       : 3.4673 mW / 5.40 dBm\n"
					 "\tLaser rx power low alarm threshold        : 0.0467 mW / -13.31 dBm\n"
					 "\tLaser tx power low alarm threshold        : 0.1995 mW / -7.00 dBm\n"
					 "\tLaser rx power low warning threshold      : 0.0933 mW / -10.30 dBm\n");

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "optics.received_nw", "eth4"), 12300);
	assert_int_equal(ticket_told(&ticket, "optics.sent_nw", "eth4"), 900000);
	assert_int_equal(ticket_told(&ticket, "optics.received_high_nw", "eth4"), 3467300);
	assert_int_equal(ticket_told(&ticket, "optics.received_low_nw", "eth4"), 46700);
	assert_int_equal(ticket_told(&ticket, "optics.sent_low_nw", "eth4"), 199500);
	ticket_free(&ticket);
}

/* An output of many thousands of names is read in one go; names that nobody knows cost the most. */
static void many_lines(void **state)
{
	CLEANUP_TEXT struct text text = { 0 };
	struct ticket ticket;
	uint64_t began;

	(void)state;
	text_add(&text, "NIC statistics:\n");
	for (unsigned int i = 0; i < 10000; i++)
		text_addf(&text, "     rx_queue_%u_drops_of_a_kind: %u\n", i, i);
	began = clock_monotonic_ns();
	ticket = ticket_of(text_string(&text));
	assert_true(clock_monotonic_ns() - began < 20 * NS_PER_S);
	assert_int_equal(ticket.not_understood, 0);
	assert_int_equal(ticket_told(&ticket, "rx_queue_99_drops_of_a_kind", "the device"), 99);
	ticket_free(&ticket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_twice),
		cmocka_unit_test(driver_is_told),
		cmocka_unit_test(driver_is_guessed),
		cmocka_unit_test(statistics_behind_grep),
		cmocka_unit_test(statistics_of_queues),
		cmocka_unit_test(statistics_garbled),
		cmocka_unit_test(nothing_to_tell),
		cmocka_unit_test(rates),
		cmocka_unit_test(standard_groups),
		cmocka_unit_test(rings_and_channels),
		cmocka_unit_test(features),
		cmocka_unit_test(coalescing_and_pause),
		cmocka_unit_test(link_settings),
		cmocka_unit_test(module),
		cmocka_unit_test(many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
