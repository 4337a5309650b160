/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/driver: each driver's name has one meaning, and no loss is counted under two names. */
#include "base/text.h"
#include "model/driver.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

/* A name that the pattern was made for. */
static char *example_of(const char *pattern, const char *anything)
{
	struct text text = { 0 };

	for (; *pattern; pattern++) {
		if (*pattern == '#')
			text_add(&text, "12");
		else if (*pattern == '*')
			text_add(&text, anything);
		else
			text_add_bytes(&text, pattern, 1);
	}
	return text_take(&text);
}

static void every_row_finds_itself(void **state)
{
	const struct driver_counter *row;

	for (size_t i = 0; (row = driver_counter_at(i)); i++) {
		CLEANUP_FREE char *driver = example_of(row->driver, "_any"), *name = example_of(row->pattern, "x1");

		if (driver_counter_find(driver, name) != row)
			fail_msg("%s of %s finds another row", name, driver);
	}
	assert_true(driver_counter_at(400) != NULL);
}

static void assert_cause_fits(const struct driver_counter *row)
{
	bool bare = row->kind == KIND_TRAFFIC || row->kind == KIND_CONFIG;

	if (row->cause == CAUSE_NONE ? row->kind == KIND_DROP : bare)
		fail_msg("%s %s: kind and cause do not fit", row->driver, row->pattern);
	if (row->kind != KIND_DROP)
		return;
	if (cause_get(row->cause)->class != CAUSE_LOSS && cause_get(row->cause)->class != CAUSE_INNOCENT)
		fail_msg("%s %s: a drop proves a loss, not %s", row->driver, row->pattern, cause_id(row->cause));
}

static void assert_overlap_known(const struct driver_counter *row)
{
	CLEANUP_FREE char *driver = example_of(row->driver, "_any");
	const struct driver_counter *other;

	switch (row->overlap) {
	case OVERLAP_NONE:
		assert_string_equal(row->with, "");
		break;
	case OVERLAP_LINK:
		if (counter_find(SOURCE_LINK, row->with, strlen(row->with)) == COUNTER_NONE)
			fail_msg("%s %s: no link counter %s", row->driver, row->pattern, row->with);
		break;
	case OVERLAP_DRIVER:
		other = driver_counter_find(driver, row->with);
		if (!other || other == row || other->kind != row->kind || strchr(row->with, '#'))
			fail_msg("%s %s: no such counter beside it: %s", row->driver, row->pattern, row->with);
		break;
	}
}

static void rows_are_whole(void **state)
{
	const struct driver_counter *row;

	for (size_t i = 0; (row = driver_counter_at(i)); i++) {
		if (!*row->driver || !*row->pattern || !*row->meaning)
			fail_msg("row %zu has a hole", i);
		if (strcmp(row->basis, "sample") != 0 && strcmp(row->basis, "kernel") != 0 &&
		    strcmp(row->basis, "noted") != 0)
			fail_msg("%s %s: what is %s", row->driver, row->pattern, row->basis);
		assert_cause_fits(row);
		assert_overlap_known(row);
	}
}

static void assert_pattern(const char *driver, const char *name, const char *pattern)
{
	const struct driver_counter *row = driver_counter_find(driver, name);

	if (!pattern && row)
		fail_msg("%s of %s is known as %s", name, driver, row->pattern);
	if (pattern && (!row || strcmp(row->pattern, pattern) != 0))
		fail_msg("%s of %s: %s instead of %s", name, driver, row ? row->pattern : "nothing", pattern);
}

static void the_own_driver_goes_first(void **state)
{
	assert_string_equal(driver_counter_find("igb", "rx_queue_0_drops")->driver, "igb");
	assert_string_equal(driver_counter_find("virtio_net", "rx_queue_0_drops")->driver, "virtio_net");
	assert_string_equal(driver_counter_find("unheard_of", "rx_queue_0_drops")->driver, "*");
	assert_string_equal(driver_counter_find("mlx5_core", "rx_out_of_buffer")->driver, "mlx5*");
}

static void exact_names_go_before_patterns_and_long_ones_before_short(void **state)
{
	assert_pattern("mlx5_core", "rx_xdp_drop", "rx_xdp_drop");
	assert_pattern("mlx5_core", "rx3_xdp_drop", "rx#_xdp_drop");
	assert_pattern("unheard_of", "rx3_xdp_drop", "*_xdp_drop");
	assert_pattern("unheard_of", "rx3_xdp_redirect", "*_xdp_*");
	assert_pattern("st_gmac", "mmc_rx_fifo_overflow", "mmc_rx_fifo_overflow");
	assert_pattern("st_gmac", "mmc_rx_octetcount_g", "mmc_rx_*");
}

static void digits_stand_for_digits_only(void **state)
{
	assert_pattern("ena", "queue_127_rx_empty_rx_ring", "queue_#_rx_empty_rx_ring");
	assert_pattern("ena", "queue__rx_empty_rx_ring", NULL);
	assert_pattern("ena", "queue_x_rx_empty_rx_ring", NULL);
	assert_pattern("ena", "queue_1", NULL);
	assert_pattern("gve", "rx_queue_drop_cnt[31]", "rx_queue_drop_cnt[#]");
	assert_pattern("bnxt_en", "[7]: rx_discards", "[#]: rx_discards");
	assert_pattern("be2net", "rxq0: rx_drops_no_frags", "rxq#: rx_drops_no_frags");
}

static void blanks_around_a_name_do_not_matter(void **state)
{
	assert_pattern("vmxnet3", "  pkts rx OOB", "*pkts rx OOB");
	assert_pattern("vmxnet3", "     fcs", "*fcs");
	assert_pattern("igb", "rx_crc_errors ", "rx_crc_errors");
	assert_pattern("igb", "   ", NULL);
}

static void names_that_a_device_prints_twice_are_one_name(void **state)
{
	assert_pattern("vmxnet3", "pkts rx OOB [2]", "*pkts rx OOB");
	assert_pattern("vmxnet3", "  pkts rx OOB [12] ", "*pkts rx OOB");
	assert_pattern("gve", "rx_queue_drop_cnt[2]", "rx_queue_drop_cnt[#]");
	assert_pattern("vmxnet3", "pkts rx OOB []", NULL);
	assert_pattern("vmxnet3", "pkts rx OOB [x]", NULL);
	assert_pattern("vmxnet3", " [2]", NULL);
	assert_pattern("vmxnet3", "[2]", NULL);
	assert_pattern("vmxnet3", "]", NULL);
}

static void unknown_names_have_no_row(void **state)
{
	assert_pattern("igb", "", NULL);
	assert_pattern("igb", "never_heard_of_drops", NULL);
	assert_pattern("", "never_heard_of_drops", NULL);
}

/* What operators ask about first. */
static void well_known_names_mean_what_they_mean(void **state)
{
	static const struct {
		const char *driver, *name;
		enum counter_kind kind;
		enum cause cause;
		enum driver_overlap overlap;
	} rows[] = {
		{ "ixgbe", "rx_missed_errors", KIND_DROP, CAUSE_RX_RING_OVERFLOW, OVERLAP_LINK },
		{ "ixgbe", "rx_no_dma_resources", KIND_DROP, CAUSE_RX_RING_OVERFLOW, OVERLAP_NONE },
		{ "igb", "rx_fifo_errors", KIND_PRESSURE, CAUSE_RX_RING_OVERFLOW, OVERLAP_NONE },
		{ "e1000e", "rx_fifo_errors", KIND_DROP, CAUSE_RX_RING_OVERFLOW, OVERLAP_DRIVER },
		{ "e1000e", "rx_no_buffer_count", KIND_PRESSURE, CAUSE_NONE, OVERLAP_NONE },
		{ "ice", "rx_dropped", KIND_DROP, CAUSE_RX_RING_OVERFLOW, OVERLAP_LINK },
		{ "mlx5_core", "rx_prio0_discards", KIND_DROP, CAUSE_RX_HARDWARE_DISCARD, OVERLAP_DRIVER },
		{ "mlx5_core", "rx_corrected_bits_phy", KIND_PRESSURE, CAUSE_NONE, OVERLAP_NONE },
		{ "mlx5_core", "rx_global_pause", KIND_PRESSURE, CAUSE_PAUSE_STORM, OVERLAP_NONE },
		{ "mlx5_core", "tx_global_pause", KIND_PRESSURE, CAUSE_NONE, OVERLAP_NONE },
		{ "ena", "pps_allowance_exceeded", KIND_DROP, CAUSE_CLOUD_ALLOWANCE_EXCEEDED, OVERLAP_NONE },
		{ "hv_netvsc", "tx_send_full", KIND_PRESSURE, CAUSE_NONE, OVERLAP_NONE },
		{ "tg3", "rxbds_empty", KIND_PRESSURE, CAUSE_RX_RING_OVERFLOW, OVERLAP_NONE },
		{ "tg3", "mbuf_lwm_thresh_hit", KIND_DROP, CAUSE_RX_RING_OVERFLOW, OVERLAP_DRIVER },
		{ "bnx2", "rx_filtered_packets", KIND_TRAFFIC, CAUSE_NONE, OVERLAP_NONE },
		{ "bnx2x", "[0]: rx_skb_alloc_discard", KIND_DROP, CAUSE_RX_BUFFER_ALLOC_FAILED, OVERLAP_NONE },
		{ "stmmac", "threshold", KIND_CONFIG, CAUSE_NONE, OVERLAP_NONE },
		{ "veth", "rx_queue_0_xdp_drops", KIND_DROP, CAUSE_XDP_DROP, OVERLAP_NONE },
		{ "r8169", "rx_missed", KIND_DROP, CAUSE_RX_RING_OVERFLOW, OVERLAP_LINK },
		{ "unheard_of", "rx-hw-drop-overruns", KIND_DROP, CAUSE_RX_RING_OVERFLOW, OVERLAP_NONE },
		{ "unheard_of", "rx_crc_errors", KIND_DROP, CAUSE_CRC_ERRORS, OVERLAP_LINK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct driver_counter *row = driver_counter_find(rows[i].driver, rows[i].name);

		if (!row || row->kind != rows[i].kind || row->cause != rows[i].cause || row->overlap != rows[i].overlap)
			fail_msg("%s of %s", rows[i].name, rows[i].driver);
	}
}

/* tests/fixtures/names/drivers.txt: "ixgbe rx_missed_errors" */
static void known_names_of_drivers_have_rows(void **state)
{
	FILE *file = fopen("tests/fixtures/names/drivers.txt", "re");
	CLEANUP_FREE char *line = NULL;
	size_t size = 0, lines = 0;
	ssize_t length;

	assert_non_null(file);
	while ((length = getline(&line, &size, file)) > 0) {
		char *name = strchr(line, ' ');

		if (*line == '#')
			continue;
		assert_non_null(name);
		line[length - 1] = *name++ = '\0';
		if (!driver_counter_find(line, name))
			fail_msg("no row for %s of %s", name, line);
		lines++;
	}
	fclose(file);
	assert_true(lines > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_finds_itself),
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(the_own_driver_goes_first),
		cmocka_unit_test(exact_names_go_before_patterns_and_long_ones_before_short),
		cmocka_unit_test(digits_stand_for_digits_only),
		cmocka_unit_test(blanks_around_a_name_do_not_matter),
		cmocka_unit_test(names_that_a_device_prints_twice_are_one_name),
		cmocka_unit_test(unknown_names_have_no_row),
		cmocka_unit_test(well_known_names_mean_what_they_mean),
		cmocka_unit_test(known_names_of_drivers_have_rows),
	};

	return cmocka_run_group_tests_name("model/driver", tests, NULL, NULL);
}
