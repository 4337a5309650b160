/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sources that ask hardware: queue statistics, ethtool over netlink, optics, the bus. Answers recorded from a
 * virtio_net on Linux 6.18 (tests/fixtures/netlink) and messages made here for what that device does not have.
 */
#include "source/device.h"
#include "source/ethnl.h"
#include "source/optics.h"
#include "source/pci.h"
#include "source/proc_wireless.h"
#include "source/qstats.h"
#include "source/topology.h"
#include "unit/netlink_fixture.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <string.h>

struct device {
	struct fixture base;
	struct object *link;
	struct netlink_request message;
};

static void device_begin(struct device *device)
{
	*device = (struct device){ 0 };
	fixture_begin(&device->base);
	device->link =
		object_intern(device->base.objects, (struct object_key){ OBJECT_LINK, FIXTURE_NETNS, 4, 0 }, NULL);
	object_label(device->link, LABEL_NAME, "eth0");
	device_label(device->link, "pci", "0000:00:03.0");
}

static void device_end(struct device *device)
{
	fixture_end(&device->base);
}

static uint64_t value_of(const struct device *device, counter_id counter)
{
	return fixture_value(&device->base, counter, device->link);
}

static bool has(const struct device *device, counter_id counter)
{
	return fixture_has(&device->base, counter, device->link);
}

/* ---- queue statistics ---- */

static void a_devices_sums_are_those_of_the_kernel(void **state)
{
	struct device device;

	device_begin(&device);
	fixture_load(&device.base, "qstats");
	assert_true(qstats_parse(&device.base.context, &device.base.snapshot, device.base.bytes, device.base.length));
	assert_int_equal(value_of(&device, C_QSTATS_RX_PACKETS), 10670);
	assert_int_equal(value_of(&device, C_QSTATS_RX_BYTES), 446003184);
	assert_int_equal(value_of(&device, C_QSTATS_TX_PACKETS), 6850);
	assert_int_equal(value_of(&device, C_QSTATS_TX_STOP), 0);
	assert_false(has(&device, C_QSTATS_RX_HW_DROPS)); /* the driver does not count them: absent, not 0 */
	device_end(&device);
}

static void queues_are_objects_of_their_device(void **state)
{
	struct device device;
	const struct object *receive, *transmit;

	device_begin(&device);
	fixture_load(&device.base, "qstats-queues");
	assert_true(qstats_parse(&device.base.context, &device.base.snapshot, device.base.bytes, device.base.length));
	receive = fixture_object(&device.base, OBJECT_QUEUE, "rx-0");
	transmit = fixture_object(&device.base, OBJECT_QUEUE, "tx-0");
	assert_int_equal(fixture_value(&device.base, C_QSTATS_RX_PACKETS, receive), 10670);
	assert_int_equal(fixture_value(&device.base, C_QSTATS_TX_PACKETS, transmit), 6850);
	assert_int_equal(receive->link, device.link->id);
	assert_false(has(&device, C_QSTATS_RX_PACKETS));
	device_end(&device);
}

static void a_device_that_nobody_knows_is_left_out(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_load(&fixture, "qstats-queues");
	assert_true(qstats_parse(&fixture.context, &fixture.snapshot, fixture.bytes, fixture.length));
	assert_int_equal(fixture.snapshot.samples.count, 0);
	assert_null(fixture_object(&fixture, OBJECT_QUEUE, "rx-0"));
	fixture_end(&fixture);
}

static void every_part_of_an_answer_is_survived(void **state)
{
	static const char *const names[] = { "qstats", "qstats-queues", "ethtool-features", "ethtool-stats" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct device device;

		device_begin(&device);
		fixture_load(&device.base, names[i]);
		for (size_t length = 1; length < device.base.length; length++) {
			bool whole = i < 2 ? qstats_parse(&device.base.context, &device.base.snapshot,
							  device.base.bytes, length)
					   : ethnl_parse(&device.base.snapshot, device.link, device.base.bytes, length);

			if (i != 1) /* one message: any part of it is broken */
				assert_false(whole);
		}
		device_end(&device);
	}
}

/* ---- ethtool ---- */

static void begin_reply(struct device *device, uint8_t command)
{
	struct genlmsghdr *header = netlink_request(&device->message, 21, 0, sizeof(*header));

	header->cmd = command;
}

static void parse_reply(struct device *device)
{
	assert_true(ethnl_parse(&device->base.snapshot, device->link, device->message.bytes,
				device->message.header->nlmsg_len));
}

static void put_u64(struct device *device, uint16_t type, uint64_t value)
{
	mnl_attr_put_u64(device->message.header, type, value);
}

static void load_ethtool(struct device *device, const char *name)
{
	fixture_load(&device->base, name);
	assert_true(ethnl_parse(&device->base.snapshot, device->link, device->base.bytes, device->base.length));
}

static void what_is_on_is_not_switched_off(void **state)
{
	struct device device;

	device_begin(&device);
	load_ethtool(&device, "ethtool-features");
	assert_int_equal(value_of(&device, C_ETHNL_GRO_SWITCHED_OFF), 0);
	assert_int_equal(value_of(&device, C_ETHNL_TSO_SWITCHED_OFF), 0);
	load_ethtool(&device, "ethtool-coalesce");
	assert_int_equal(value_of(&device, C_ETHNL_COALESCE_RX_FRAMES), 1);
	load_ethtool(&device, "ethtool-rss");
	assert_false(has(&device, C_ETHNL_RSS_QUEUES));
	load_ethtool(&device, "ethtool-stats"); /* four groups, all empty */
	assert_false(has(&device, C_ETHNL_MAC_FCS_ERRORS));
	device_end(&device);
}

static void put_bit(struct device *device, const char *name, bool value)
{
	struct nlattr *bit = mnl_attr_nest_start(device->message.header, ETHTOOL_A_BITSET_BITS_BIT);

	mnl_attr_put_strz(device->message.header, ETHTOOL_A_BITSET_BIT_NAME, name);
	if (value)
		mnl_attr_put(device->message.header, ETHTOOL_A_BITSET_BIT_VALUE, 0, NULL);
	mnl_attr_nest_end(device->message.header, bit);
}

/* The bits as hw_features come: those of a mask, set or not; without a mask only those that are set. */
static void put_bits(struct device *device, uint16_t type, bool mask, const char *set, const char *clear)
{
	struct nlattr *nest = mnl_attr_nest_start(device->message.header, type), *bits;

	if (!mask)
		mnl_attr_put(device->message.header, ETHTOOL_A_BITSET_NOMASK, 0, NULL);
	bits = mnl_attr_nest_start(device->message.header, ETHTOOL_A_BITSET_BITS);
	if (set)
		put_bit(device, set, mask);
	if (clear)
		put_bit(device, clear, false);
	mnl_attr_nest_end(device->message.header, bits);
	mnl_attr_nest_end(device->message.header, nest);
}

static void what_can_be_on_and_is_not_is_switched_off(void **state)
{
	struct device device;

	device_begin(&device);
	begin_reply(&device, ETHTOOL_MSG_FEATURES_GET_REPLY);
	put_bits(&device, ETHTOOL_A_FEATURES_HW, true, "rx-gro", "rx-checksum");
	put_bits(&device, ETHTOOL_A_FEATURES_ACTIVE, false, "tx-tcp-segmentation", NULL);
	parse_reply(&device);
	assert_int_equal(value_of(&device, C_ETHNL_GRO_SWITCHED_OFF), 1);
	assert_int_equal(value_of(&device, C_ETHNL_RX_CHECKSUM_SWITCHED_OFF), 0); /* the device cannot */
	assert_int_equal(value_of(&device, C_ETHNL_TSO_SWITCHED_OFF), 0);
	device_end(&device);
}

static void standard_statistics_have_their_meaning_by_group(void **state)
{
	struct device device;
	struct nlattr *group, *nest;

	device_begin(&device);
	begin_reply(&device, ETHTOOL_MSG_STATS_GET_REPLY);
	group = mnl_attr_nest_start(device.message.header, ETHTOOL_A_STATS_GRP);
	mnl_attr_put_u32(device.message.header, ETHTOOL_A_STATS_GRP_ID, ETHTOOL_STATS_ETH_MAC);
	for (uint16_t i = 0; i < 8; i++) {
		nest = mnl_attr_nest_start(device.message.header, ETHTOOL_A_STATS_GRP_STAT);
		put_u64(&device, i, 100u + i);
		mnl_attr_nest_end(device.message.header, nest);
	}
	mnl_attr_nest_end(device.message.header, group);
	parse_reply(&device);
	assert_int_equal(value_of(&device, C_ETHNL_MAC_FCS_ERRORS), 100 + ETHTOOL_A_STATS_ETH_MAC_6_FCS_ERR);
	assert_int_equal(value_of(&device, C_ETHNL_MAC_ALIGNMENT_ERRORS), 100 + ETHTOOL_A_STATS_ETH_MAC_7_ALIGN_ERR);
	assert_false(has(&device, C_ETHNL_PHY_SYMBOL_ERRORS)); /* number 0 of another group */
	device_end(&device);
}

static void pause_and_error_correction_are_counted(void **state)
{
	const uint64_t lanes[] = { 12, 5, 7 };
	struct device device;
	struct nlattr *nest;

	device_begin(&device);
	begin_reply(&device, ETHTOOL_MSG_PAUSE_GET_REPLY);
	nest = mnl_attr_nest_start(device.message.header, ETHTOOL_A_PAUSE_STATS);
	put_u64(&device, ETHTOOL_A_PAUSE_STAT_RX_FRAMES, 77);
	mnl_attr_nest_end(device.message.header, nest);
	parse_reply(&device);
	begin_reply(&device, ETHTOOL_MSG_FEC_GET_REPLY);
	nest = mnl_attr_nest_start(device.message.header, ETHTOOL_A_FEC_STATS);
	mnl_attr_put(device.message.header, ETHTOOL_A_FEC_STAT_UNCORR, sizeof(lanes), lanes);
	mnl_attr_nest_end(device.message.header, nest);
	parse_reply(&device);
	assert_int_equal(value_of(&device, C_ETHNL_PAUSE_RX_FRAMES), 77);
	assert_false(has(&device, C_ETHNL_PAUSE_TX_FRAMES));
	assert_int_equal(value_of(&device, C_ETHNL_FEC_UNCORRECTABLE), 12); /* the sum comes first */
	device_end(&device);
}

static void the_hash_is_told_by_how_many_queues_it_fills(void **state)
{
	const uint32_t table[] = { 0, 1, 0, 1, 0, 1, 0, 1 };
	struct device device;

	device_begin(&device);
	begin_reply(&device, 38);
	mnl_attr_put(device.message.header, 4, sizeof(table), table);
	parse_reply(&device);
	assert_int_equal(value_of(&device, C_ETHNL_RSS_QUEUES), 2);
	device_end(&device);
}

static void the_state_of_a_link_is_read(void **state)
{
	struct device device;

	device_begin(&device);
	begin_reply(&device, ETHTOOL_MSG_LINKSTATE_GET_REPLY);
	mnl_attr_put_u32(device.message.header, ETHTOOL_A_LINKSTATE_SQI, 3);
	mnl_attr_put_u32(device.message.header, ETHTOOL_A_LINKSTATE_SQI_MAX, 7);
	parse_reply(&device);
	assert_int_equal(value_of(&device, C_ETHNL_SIGNAL_QUALITY), 3);
	assert_int_equal(value_of(&device, C_ETHNL_SIGNAL_QUALITY_MAX), 7);
	begin_reply(&device, ETHTOOL_MSG_LINKINFO_GET_REPLY);
	mnl_attr_put_u8(device.message.header, ETHTOOL_A_LINKINFO_PORT, PORT_FIBRE);
	assert_int_equal(ethnl_parse_port(device.message.bytes, device.message.header->nlmsg_len), PORT_FIBRE);
	assert_int_equal(ethnl_parse_port("", 0), PORT_OTHER);
	device_end(&device);
}

/* ---- optics ---- */

static struct slice bytes_of(const unsigned char *bytes, size_t length)
{
	return (struct slice){ (const char *)bytes, length };
}

static void a_module_is_known_by_its_first_bytes(void **state)
{
	static const unsigned char sfp[] = { 0x03, 0x04, 0 }, qsfp[] = { 0x11, 0x08, 0 },
				   cable[] = { 0x11, 0x08, 0x04 };
	static const unsigned char cmis[] = { 0x18, 0x50, 0 }, unknown[] = { 0x80, 0, 0 };

	assert_int_equal(optics_layout(bytes_of(sfp, 3)), OPTICS_SFF_8472);
	assert_int_equal(optics_layout(bytes_of(qsfp, 3)), OPTICS_SFF_8636);
	assert_int_equal(optics_layout(bytes_of(cable, 3)), OPTICS_NONE);
	assert_int_equal(optics_layout(bytes_of(cmis, 3)), OPTICS_CMIS);
	assert_int_equal(optics_layout(bytes_of(unknown, 3)), OPTICS_NONE);
	assert_int_equal(optics_layout(bytes_of(sfp, 2)), OPTICS_NONE);
}

/* SFF-8472: sent 0x1388 and received 0x0064 steps of 100 nW; limits from byte 24 of the second memory. */
static void the_power_of_a_small_module_is_read(void **state)
{
	static const unsigned char values[] = { 0x13, 0x88, 0x00, 0x64 };
	static const unsigned char limits[16] = { 0x27, 0x10, 0x03, 0xe8, 0, 0, 0, 0, 0x27, 0x10, 0x01, 0x90 };
	struct optics_piece value_piece, limit_piece;
	struct device device;

	device_begin(&device);
	assert_true(optics_pieces(OPTICS_SFF_8472, &value_piece, &limit_piece));
	assert_int_equal(value_piece.length, sizeof(values));
	assert_int_equal(limit_piece.length, sizeof(limits));
	optics_add(&device.base.snapshot, device.link, OPTICS_SFF_8472, bytes_of(values, sizeof(values)),
		   bytes_of(limits, sizeof(limits)));
	assert_int_equal(value_of(&device, C_OPTICS_RECEIVED_NW), 10000);
	assert_int_equal(value_of(&device, C_OPTICS_RECEIVED_LOW_NW), 40000);
	assert_int_equal(value_of(&device, C_OPTICS_SENT_NW), 500000);
	assert_int_equal(value_of(&device, C_OPTICS_SENT_LOW_NW), 100000);
	device_end(&device);
}

/* Four lanes: the weakest counts, and a place that reads 0 beside others is no lane. */
static void the_weakest_lane_counts(void **state)
{
	unsigned char values[24] = { 0x10, 0x00, 0x08, 0x00, 0x00, 0x00, 0x0c, 0x00 }, limits[24] = { 0 };
	struct device device;

	limits[3] = 0x64; /* received, low alarm */
	device_begin(&device);
	optics_add(&device.base.snapshot, device.link, OPTICS_SFF_8636, bytes_of(values, sizeof(values)),
		   bytes_of(limits, sizeof(limits)));
	assert_int_equal(value_of(&device, C_OPTICS_RECEIVED_NW), 0x800 * 100);
	assert_int_equal(value_of(&device, C_OPTICS_RECEIVED_LOW_NW), 0x64 * 100);
	device_end(&device);
}

static void a_module_without_limits_or_cut_says_nothing(void **state)
{
	unsigned char values[48] = { 1 }, limits[24] = { 0 };
	struct device device;

	device_begin(&device);
	optics_add(&device.base.snapshot, device.link, OPTICS_CMIS, bytes_of(values, sizeof(values)),
		   bytes_of(limits, sizeof(limits)));
	limits[19] = 1;
	optics_add(&device.base.snapshot, device.link, OPTICS_CMIS, bytes_of(values, sizeof(values) - 1),
		   bytes_of(limits, sizeof(limits)));
	assert_int_equal(device.base.snapshot.samples.count, 0);
	optics_add(&device.base.snapshot, device.link, OPTICS_CMIS, bytes_of(values, sizeof(values)),
		   bytes_of(limits, sizeof(limits)));
	assert_int_equal(value_of(&device, C_OPTICS_RECEIVED_NW), 0); /* no light on any lane: that is a measurement */
	device_end(&device);
}

/* An SFP of two memories. SFF-8472: A2h 24-39 limits of the light, 102-105 sent and received. */
struct module {
	unsigned char first[128], second[128];
};

static int ask_module(void *argument, const struct optics_piece *piece, char *bytes, size_t *ret_length)
{
	const struct module *module = argument;

	assert_true(piece->offset + piece->length <= sizeof(module->first));
	memcpy(bytes, (piece->i2c_address == 0x51 ? module->second : module->first) + piece->offset, piece->length);
	*ret_length = piece->length;
	return 0;
}

static struct module small_module(unsigned char monitoring)
{
	struct module module = { .first = { [0] = 0x03, [1] = 0x04, [92] = monitoring } };

	memcpy(module.second + 24, "\x27\x10\x03\xe8\0\0\0\0\x27\x10\x01\x90", 12);
	memcpy(module.second + 102, "\x13\x88\x00\x64", 4);
	return module;
}

static void read_small_module(struct device *device, unsigned char monitoring)
{
	struct module module = small_module(monitoring);
	const struct optics_memory memory = { ask_module, &module };

	device_begin(device);
	assert_int_equal(optics_read(&memory, &device->base.snapshot, device->link), 0);
}

static void calibrated_light_is_told(void **state)
{
	struct device device;

	read_small_module(&device, 0x68);
	assert_int_equal(value_of(&device, C_OPTICS_RECEIVED_NW), 10000);
	assert_int_equal(value_of(&device, C_OPTICS_RECEIVED_LOW_NW), 40000);
	assert_int_equal(device.base.snapshot.coverage.count, 0);
	device_end(&device);
}

/* External calibration, and both or neither of the bits: what the numbers mean is not known. */
static void raw_light_is_not_told_but_missed(void **state)
{
	static const unsigned char raw[] = { 0x58, 0x78, 0x48 };

	for (size_t i = 0; i < sizeof(raw); i++) {
		struct device device;

		read_small_module(&device, raw[i]);
		assert_int_equal(device.base.snapshot.samples.count, 0);
		assert_int_equal(device.base.snapshot.coverage.count, 1);
		assert_int_equal(device.base.snapshot.coverage.data[0].error, -EOPNOTSUPP);
		assert_int_equal(device.base.snapshot.coverage.data[0].object, device.link->id);
		assert_non_null(strstr(device.base.snapshot.coverage.data[0].reason, "eth0 gives uncalibrated"));
		device_end(&device);
	}
}

static void a_module_that_does_not_measure_misses_nothing(void **state)
{
	struct device device;

	read_small_module(&device, 0x00);
	assert_int_equal(device.base.snapshot.samples.count, 0);
	assert_int_equal(device.base.snapshot.coverage.count, 0);
	device_end(&device);
}

/* ---- files ---- */

static void the_words_of_the_bus_are_understood(void **state)
{
	uint64_t value = 0;

	assert_int_equal(pci_parse_speed(slice_of("8.0 GT/s PCIe\n")), 8000);
	assert_int_equal(pci_parse_speed(slice_of("2.5 GT/s PCIe\n")), 2500);
	assert_int_equal(pci_parse_speed(slice_of("Unknown\n")), 0);
	assert_int_equal(pci_parse_speed(slice_of("")), 0);
	assert_true(pci_parse_total(slice_of("RxErr 0\nBadTLP 3\nTOTAL_ERR_COR 3\n"), &value));
	assert_int_equal(value, 3);
	assert_false(pci_parse_total(slice_of("RxErr 0\n"), &value));
	assert_true(pci_parse_first_cpu(slice_of("12-15,40\n"), &value));
	assert_int_equal(value, 12);
	assert_false(pci_parse_first_cpu(slice_of("\n"), &value));
}

static void lists_of_cpus_are_walked_range_by_range(void **state)
{
	struct cursor list = cursor_of("0-3,8,10-11\n", 12), backwards = cursor_of("5-3", 3),
		      huge = cursor_of("0-999999999", 11);
	uint32_t first = 0, last = 0;

	assert_true(topology_next_range(&list, &first, &last));
	assert_int_equal(last, 3);
	assert_true(topology_next_range(&list, &first, &last));
	assert_int_equal(first, 8);
	assert_int_equal(last, 8);
	assert_true(topology_next_range(&list, &first, &last));
	assert_int_equal(first, 10);
	assert_int_equal(last, 11);
	assert_false(topology_next_range(&list, &first, &last));
	assert_false(topology_next_range(&backwards, &first, &last));
	assert_false(topology_next_range(&huge, &first, &last));
}

static void a_radio_says_its_signal_and_what_it_gave_up(void **state)
{
	struct device device;

	device_begin(&device);
	assert_true(wireless_add(&device.base.snapshot, device.link,
				 slice_of(" 0000   57.  -53.  -256        1      2      3     12      5        6")));
	assert_int_equal(value_of(&device, C_WIRELESS_SIGNAL_BELOW_0_DBM), 53);
	assert_int_equal(value_of(&device, C_WIRELESS_RETRY), 12);
	assert_int_equal(value_of(&device, C_WIRELESS_FOREIGN), 1);
	assert_int_equal(value_of(&device, C_WIRELESS_MISSED_BEACONS), 6);
	assert_false(wireless_add(&device.base.snapshot, device.link, slice_of(" 0000   57.  -53.  -256  1 2 3")));
	assert_false(wireless_add(&device.base.snapshot, device.link, slice_of("")));
	device_end(&device);
}

static void names_that_lead_elsewhere_are_no_device(void **state)
{
	static const char *const bad[] = { "..", ".", "", "a/b", "../../../etc" };
	struct device device;
	uint32_t next = 0;

	device_begin(&device);
	assert_string_equal(object_text(device.link, LABEL_PATH), "/sys/bus/pci/devices/0000:00:03.0");
	assert_ptr_equal(device_next(&device.base.context, &next), device.link);
	assert_null(device_next(&device.base.context, &next));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		device_label(device.link, "pci", bad[i]);
		assert_string_equal(object_text(device.link, LABEL_PATH), "");
		assert_false(device_any(&device.base.context));
	}
	device_end(&device);
}

/* Bridges, tunnels and containers have no PHY, no bus and no radio: that is nothing that could not be observed. */
static void a_namespace_without_hardware_misses_nothing(void **state)
{
	static const struct source *const sources[] = { &source_qstats, &source_ethnl, &source_optics, &source_pci,
							&source_wireless };
	struct device device;

	device_begin(&device);
	object_label(device.link, LABEL_PATH, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		sources[i]->read(&device.base.context, &device.base.snapshot);
		assert_int_equal(device.base.snapshot.coverage.count, i + 1);
		assert_int_equal(device.base.snapshot.coverage.data[i].source, sources[i]->id);
		assert_int_equal(device.base.snapshot.coverage.data[i].error, 0);
		assert_false(device.base.snapshot.coverage.data[i].partial);
	}
	assert_int_equal(device.base.snapshot.samples.count, 0);
	device_end(&device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_devices_sums_are_those_of_the_kernel),
		cmocka_unit_test(queues_are_objects_of_their_device),
		cmocka_unit_test(a_device_that_nobody_knows_is_left_out),
		cmocka_unit_test(every_part_of_an_answer_is_survived),
		cmocka_unit_test(what_is_on_is_not_switched_off),
		cmocka_unit_test(what_can_be_on_and_is_not_is_switched_off),
		cmocka_unit_test(standard_statistics_have_their_meaning_by_group),
		cmocka_unit_test(pause_and_error_correction_are_counted),
		cmocka_unit_test(the_hash_is_told_by_how_many_queues_it_fills),
		cmocka_unit_test(the_state_of_a_link_is_read),
		cmocka_unit_test(a_module_is_known_by_its_first_bytes),
		cmocka_unit_test(the_power_of_a_small_module_is_read),
		cmocka_unit_test(the_weakest_lane_counts),
		cmocka_unit_test(a_module_without_limits_or_cut_says_nothing),
		cmocka_unit_test(calibrated_light_is_told),
		cmocka_unit_test(raw_light_is_not_told_but_missed),
		cmocka_unit_test(a_module_that_does_not_measure_misses_nothing),
		cmocka_unit_test(the_words_of_the_bus_are_understood),
		cmocka_unit_test(lists_of_cpus_are_walked_range_by_range),
		cmocka_unit_test(a_radio_says_its_signal_and_what_it_gave_up),
		cmocka_unit_test(names_that_lead_elsewhere_are_no_device),
		cmocka_unit_test(a_namespace_without_hardware_misses_nothing),
	};

	return cmocka_run_group_tests_name("source/device", tests, NULL, NULL);
}
