/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device whose files never answer, as one behind a wedged driver: a fixture of sysfs in which one file is a pipe
 * that nobody writes to. The window ends in time, the device's source is missed with its reason, and what does
 * answer is read.
 */
#include "source/device.h"
#include "source/sampler.h"
#include "unit/unit.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEVICE "/sys/bus/pci/devices/0000:01:00.0"
#define INTERFACE "/sys/class/net/eth0"

static char root[] = "/tmp/wheredrop-wedged-XXXXXX";
static const char *const made[] = { "/sys", "/sys/bus",	  "/sys/bus/pci",   "/sys/bus/pci/devices",
				    DEVICE, "/sys/class", "/sys/class/net", INTERFACE };
static const char *const files[] = { DEVICE "/irq",	  DEVICE "/current_link_speed", DEVICE "/numa_node",
				     DEVICE "/subsystem", INTERFACE "/ifindex",		INTERFACE "/device" };
static bool says_parent = true; /* the link dump names the hardware */

static char *below(const char *path)
{
	return text_format("%s%s", root, path);
}

static void write_file(const char *path, const char *content)
{
	CLEANUP_FREE char *name = below(path);
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
}

static void link_file(const char *path, const char *target)
{
	CLEANUP_FREE char *name = below(path);

	assert_int_equal(symlink(target, name), 0);
}

static int setup(void **state)
{
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		CLEANUP_FREE char *path = below(made[i]);

		assert_int_equal(mkdir(path, 0700), 0);
	}
	write_file(DEVICE "/irq", "24\n");
	write_file(DEVICE "/current_link_speed", "8.0 GT/s PCIe\n");
	write_file(INTERFACE "/ifindex", "2\n");
	link_file(DEVICE "/subsystem", "../../../pci");
	link_file(INTERFACE "/device", "../../../bus/pci/devices/0000:01:00.0");
	return 0;
}

static int teardown(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_FREE char *path = below(files[i]);

		unlink(path);
	}
	for (size_t i = ARRAY_SIZE(made); i; i--) {
		CLEANUP_FREE char *path = below(made[i - 1]);

		rmdir(path);
	}
	rmdir(root);
	return 0;
}

/* In place of the link source: one device, up, with hardware behind it. */
static void read_link(const struct source_context *context, struct snapshot *snapshot)
{
	struct object_key key = { OBJECT_LINK, context->netns->key.netns, 2, 0 };
	struct object *link = object_intern(context->objects, key, NULL);

	object_label(link, LABEL_NAME, "eth0");
	object_label(link, LABEL_KIND, "ether");
	if (says_parent)
		device_label(link, "pci", "0000:01:00.0");
	snapshot_add(snapshot, C_LINK_FLAGS_UP, link, 1);
	snapshot_covered(snapshot, SOURCE_LINK, context->netns);
}

static const struct source link_source = { SOURCE_LINK, SCOPE_NETNS, COST_CHEAP, read_link };
static const struct source *const sources[] = { &link_source, &source_pci, &source_topology, NULL };

struct run {
	struct objects *objects;
	struct series *series;
	struct sampler_result result;
};

static void run_begin(struct run *run)
{
	const struct sampler_options options = {
		.duration_ns = 400 * NS_PER_MS,
		.interval_ns = 50 * NS_PER_MS,
		.deadline_ns = 200 * NS_PER_MS,
		.sysroot = root,
		.sources = sources,
	};

	*run = (struct run){ .objects = objects_new() };
	run->series = series_new(run->objects);
	assert_int_equal(sampler_run(&options, run->series, &run->result), 0);
}

static void run_end(struct run *run)
{
	series_free(run->series);
	objects_free(run->objects);
}

static const struct observation *observed(const struct run *run, enum source_id source)
{
	const struct object *home = object_find(
		run->objects, (struct object_key){ .kind = OBJECT_NETNS, .netns = objects_home(run->objects) });

	return series_observation(run->series, source, home->id);
}

static uint64_t speed(const struct run *run)
{
	const struct object *link =
		object_find(run->objects, (struct object_key){ OBJECT_LINK, objects_home(run->objects), 2, 0 });

	return series_last(run->series, C_PCI_LINK_SPEED, link->id);
}

static void a_device_that_answers_is_read(void **state)
{
	struct run run;

	run_begin(&run);
	assert_int_equal(speed(&run), 8000);
	assert_int_equal(observed(&run, SOURCE_PCI)->error, 0);
	assert_int_equal(run.result.helper_failures, 0);
	run_end(&run);
}

static void an_older_kernel_tells_by_sysfs_what_the_hardware_is(void **state)
{
	struct run run;

	says_parent = false;
	run_begin(&run);
	assert_int_equal(speed(&run), 8000);
	run_end(&run);
	says_parent = true;
}

static void a_wedged_device_does_not_wedge_the_window(void **state)
{
	CLEANUP_FREE char *path = below(DEVICE "/numa_node");
	struct run run;

	assert_int_equal(mkfifo(path, 0600), 0);
	run_begin(&run);
	assert_int_equal(observed(&run, SOURCE_PCI)->error, -ETIMEDOUT);
	assert_non_null(strstr(observed(&run, SOURCE_PCI)->reason, "took longer than"));
	assert_int_equal(run.result.helper_failures, 1); /* not asked again in this window */
	assert_true(observed(&run, SOURCE_LINK)->readings >= 3);
	assert_int_equal(series_observation(run.series, SOURCE_TOPOLOGY, OBJECT_HOST_ID)->error, 0);
	run_end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_that_answers_is_read),
		cmocka_unit_test(an_older_kernel_tells_by_sysfs_what_the_hardware_is),
		cmocka_unit_test(a_wedged_device_does_not_wedge_the_window),
	};

	return cmocka_run_group_tests_name("source/pci wedged", tests, setup, teardown);
}
