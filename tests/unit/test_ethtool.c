/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/ethtool: real `ethtool -S` output of several drivers, put back into the kernel's form
 * (names of 32 bytes and values), becomes counters where a table knows the name or it smells of loss.
 */
#include "base/vec.h"
#include "model/driver.h"
#include "source/ethtool.h"
#include "unit/netlink_fixture.h"

struct device {
	struct fixture base;
	struct object *link;
	VEC(char) names;
	VEC(uint64_t) values;
};

static void device_begin(struct device *device)
{
	*device = (struct device){ 0 };
	fixture_begin(&device->base);
	device->link =
		object_intern(device->base.objects, (struct object_key){ OBJECT_LINK, FIXTURE_NETNS, 2, 0 }, NULL);
	object_label(device->link, LABEL_NAME, "eth0");
	objects_set_home(device->base.objects, FIXTURE_NETNS);
}

static void device_end(struct device *device)
{
	vec_free(&device->names);
	vec_free(&device->values);
	fixture_end(&device->base);
}

static void device_add(struct device *device, struct slice name, uint64_t value)
{
	uint64_t *slot = vec_add(&device->values, 4096);

	assert_non_null(slot);
	*slot = value;
	for (size_t i = 0; i < ETH_GSTRING_LEN; i++) {
		char *c = vec_add(&device->names, 4096 * ETH_GSTRING_LEN);

		*c = i < name.length ? name.data[i] : '\0';
	}
}

/* "     pkts rx OOB: 0": five blanks from ethtool, the name with the driver's own, the value behind the last colon. */
static void device_line(struct device *device, struct slice line)
{
	size_t colon = line.length;
	uint64_t value;

	while (colon && line.data[colon - 1] != ':')
		colon--;
	if (colon < 7 || parse_u64(slice_trim((struct slice){ line.data + colon, line.length - colon }), &value) != 0)
		return;
	device_add(device, (struct slice){ line.data + 5, colon - 6 }, value);
}

static void device_load(struct device *device, const char *driver)
{
	CLEANUP_FREE char *path = text_format("tests/fixtures/ethtool/%s.txt", driver);
	CLEANUP_FREE char *bytes = mem_new(1 << 16, 1);
	struct cursor cursor;
	struct slice line;
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	cursor = cursor_of(bytes, fread(bytes, 1, 1 << 16, file));
	fclose(file);
	while (cursor_line(&cursor, &line))
		device_line(device, line);
	assert_true(device->values.count > 5);
	ethtool_add_statistics(&device->base.snapshot, device->link, driver, device->names.data, device->values.data,
			       device->values.count);
}

static counter_id counter_named(const char *name)
{
	return counter_find(SOURCE_ETHTOOL, name, strlen(name));
}

static uint64_t value_of(const struct device *device, const char *name)
{
	counter_id counter = counter_named(name);

	assert_int_not_equal(counter, COUNTER_NONE);
	return fixture_value(&device->base, counter, device->link);
}

static void known_names_keep_their_values(void **state)
{
	struct device device;

	device_begin(&device);
	device_load(&device, "ixgbe");
	assert_int_equal(value_of(&device, "rx_crc_errors"), 67302);
	assert_int_equal(value_of(&device, "rx_errors"), 67381);
	assert_false(counter_get(counter_named("rx_crc_errors"))->unclassified);
	assert_int_equal(counter_get(counter_named("rx_crc_errors"))->kind, KIND_DROP);
	device_end(&device);
}

/* Every line of every fixture: what the table knows or what smells becomes one counter of one sample, the rest none. */
static void each_line_counts_once_or_not_at_all(void **state)
{
	static const char *const drivers[] = { "ixgbe",	     "vmxnet3", "bnx2x",  "ena",   "gve",
					       "virtio_net", "e1000",	"e1000e", "8139cp" };

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		struct device device;
		size_t expected = 0;

		device_begin(&device);
		device_load(&device, drivers[i]);
		for (size_t at = 0; at < device.values.count; at++) {
			CLEANUP_FREE char *name =
				mem_strndup(device.names.data + at * ETH_GSTRING_LEN, ETH_GSTRING_LEN);

			expected += driver_counter_find(drivers[i], name) || counter_smells_of_loss(name, strlen(name));
		}
		assert_int_equal(device.base.snapshot.samples.count, expected);
		for (size_t a = 0; a < device.base.snapshot.samples.count; a++)
			fixture_value(&device.base, device.base.snapshot.samples.data[a].counter, device.link);
		device_end(&device);
	}
}

static void cloud_limits_and_queue_drops_are_found(void **state)
{
	struct device device;

	device_begin(&device);
	device_load(&device, "ena");
	assert_int_equal(value_of(&device, "bw_in_allowance_exceeded"), 0);
	device_end(&device);
	device_begin(&device);
	device_load(&device, "gve");
	assert_int_equal(value_of(&device, "rx_queue_drop_cnt[0]"), 0);
	device_end(&device);
	device_begin(&device);
	device_load(&device, "bnx2x");
	assert_int_equal(value_of(&device, "[0]: rx_discards"), 0);
	device_end(&device);
}

static void names_that_repeat_get_a_number(void **state)
{
	struct device device;

	device_begin(&device);
	device_add(&device, SLICE("  pkts rx OOB"), 3);
	device_add(&device, SLICE("  pkts rx OOB"), 4);
	device_add(&device, SLICE("  pkts rx OOB"), 5);
	ethtool_add_statistics(&device.base.snapshot, device.link, "vmxnet3", device.names.data, device.values.data, 3);
	assert_int_equal(value_of(&device, "pkts rx OOB"), 3);
	assert_int_equal(value_of(&device, "pkts rx OOB [2]"), 4);
	assert_int_equal(value_of(&device, "pkts rx OOB [3]"), 5);
	assert_int_equal(counter_get(counter_named("pkts rx OOB [3]"))->kind, KIND_DROP);
	assert_false(counter_get(counter_named("pkts rx OOB [3]"))->unclassified);
	device_end(&device);
}

static void an_unknown_name_that_smells_is_unclassified(void **state)
{
	struct device device;

	device_begin(&device);
	assert_true(ethtool_add_statistic(&device.base.snapshot, device.link, "newdriver",
					  SLICE("gizmo_starved_drops_x"), 0, 9));
	assert_false(
		ethtool_add_statistic(&device.base.snapshot, device.link, "newdriver", SLICE("gizmo_turns"), 0, 9));
	assert_false(ethtool_add_statistic(&device.base.snapshot, device.link, "newdriver", SLICE("   "), 0, 9));
	assert_int_equal(value_of(&device, "gizmo_starved_drops_x"), 9);
	assert_true(counter_get(counter_named("gizmo_starved_drops_x"))->unclassified);
	assert_int_equal(counter_named("gizmo_turns"), COUNTER_NONE);
	device_end(&device);
}

static void checks_run_as_they_stand(void **state)
{
	struct device device;
	CLEANUP_TEXT struct text check = { 0 };

	device_begin(&device);
	ethtool_add_statistic(&device.base.snapshot, device.link, "x", SLICE("port.rx_test_drops"), 0, 1);
	counter_check(device.base.objects, counter_named("port.rx_test_drops"), device.link, &check);
	assert_string_equal(text_string(&check), "ethtool -S eth0 | grep -F ' port.rx_test_drops:'");
	ethtool_add_statistic(&device.base.snapshot, device.link, "x", SLICE("drops'; $(reboot) \x1b[m"), 0, 1);
	text_clear(&check);
	counter_check(device.base.objects, counter_named("drops_; _(reboot) _[m"), device.link, &check);
	assert_string_equal(text_string(&check), "ethtool -S eth0");
	device_end(&device);
}

struct settings {
	struct ethtool_link_settings head;
	uint32_t masks[3][2];
};

static void speed_below_what_both_ends_can_do_is_seen(void **state)
{
	struct settings settings = {
		.head = { .speed = 100, .duplex = DUPLEX_HALF, .autoneg = AUTONEG_ENABLE, .link_mode_masks_nwords = 2 },
		.masks = { { 0x3f, 0 }, { 0x3f, 1u << (47 - 32) }, { 0x2f, 0 } },
	};
	struct device device;

	device_begin(&device);
	ethtool_add_link_settings(&device.base.snapshot, device.link, &settings, sizeof(settings));
	assert_int_equal(fixture_value(&device.base, C_ETHTOOL_SPEED_MBPS, device.link), 100);
	assert_int_equal(fixture_value(&device.base, C_ETHTOOL_SPEED_COMMON_MBPS, device.link), 1000);
	assert_int_equal(fixture_value(&device.base, C_ETHTOOL_FULL_DUPLEX, device.link), 0);
	assert_int_equal(fixture_value(&device.base, C_ETHTOOL_AUTONEG, device.link), 1);
	device_end(&device);
}

/* Mode 69 (400000baseKR8) of both, 93 (800000baseCR8) of one end only. */
static void fast_modes_have_their_speed(void **state)
{
	struct {
		struct ethtool_link_settings head;
		uint32_t masks[3][3];
	} settings = {
		.head = { .speed = 200000, .link_mode_masks_nwords = 3 },
		.masks = { { 0 }, { 0, 0, 1u << 5 | 1u << 29 }, { 0, 0, 1u << 5 } },
	};
	struct device device;

	device_begin(&device);
	ethtool_add_link_settings(&device.base.snapshot, device.link, &settings, sizeof(settings));
	assert_int_equal(fixture_value(&device.base, C_ETHTOOL_SPEED_COMMON_MBPS, device.link), 400000);
	device_end(&device);
}

static void settings_that_are_unknown_or_cut_are_left_out(void **state)
{
	struct settings settings = {
		.head = { .speed = (uint32_t)SPEED_UNKNOWN, .duplex = DUPLEX_UNKNOWN, .link_mode_masks_nwords = 100 },
		.masks = { { 0x3f }, { 0x3f }, { 0x3f } },
	};
	struct device device;

	device_begin(&device);
	ethtool_add_link_settings(&device.base.snapshot, device.link, &settings, sizeof(settings));
	assert_false(fixture_has(&device.base, C_ETHTOOL_SPEED_MBPS, device.link));
	assert_false(fixture_has(&device.base, C_ETHTOOL_SPEED_COMMON_MBPS, device.link));
	assert_false(fixture_has(&device.base, C_ETHTOOL_FULL_DUPLEX, device.link));
	ethtool_add_link_settings(&device.base.snapshot, device.link, &settings, 8);
	assert_int_equal(device.base.snapshot.samples.count, 1); /* autoneg of the first */
	device_end(&device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_names_keep_their_values),
		cmocka_unit_test(each_line_counts_once_or_not_at_all),
		cmocka_unit_test(cloud_limits_and_queue_drops_are_found),
		cmocka_unit_test(names_that_repeat_get_a_number),
		cmocka_unit_test(an_unknown_name_that_smells_is_unclassified),
		cmocka_unit_test(checks_run_as_they_stand),
		cmocka_unit_test(speed_below_what_both_ends_can_do_is_seen),
		cmocka_unit_test(fast_modes_have_their_speed),
		cmocka_unit_test(settings_that_are_unknown_or_cut_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
