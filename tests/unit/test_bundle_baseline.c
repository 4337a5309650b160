/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evidence/bundle: a baseline and a second recording in one file. Whatever happens to the second, the baseline can be read. */
#include "base/clock.h"
#include "evidence/bundle.h"
#include "evidence/bundle_parts.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASELINE_STEPS 7
#define DURING_STEPS 20
#define BASELINE_START_NS (1000 * (uint64_t)NS_PER_S)
#define DURING_START_NS (50 * (uint64_t)NS_PER_S) /* of another start of the host */

static char path[64];

static off_t file_size(void)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

/* `ends` gets the size of the file after each snapshot; NULL: it is not asked for. */
static void steps_write(struct bundle_writer *writer, uint64_t start_ns, uint64_t steps, off_t *ends)
{
	struct objects *objects = objects_new();
	struct object *netns = object_intern(objects, (struct object_key){ OBJECT_NETNS, 7, 0, 0 }, NULL);

	bundle_window(writer);
	for (uint64_t step = 0; step < steps; step++) {
		struct snapshot snapshot = { 0 };

		snapshot_begin(&snapshot, objects);
		snapshot.time_ns = start_ns + step * 100 * NS_PER_MS;
		snapshot.wall_ns = snapshot.time_ns;
		snapshot_add(&snapshot, C_UDP_RCVBUF_ERRORS, netns, start_ns / NS_PER_S + step);
		snapshot_covered(&snapshot, SOURCE_SNMP, netns);
		bundle_add(writer, &snapshot);
		snapshot_free(&snapshot);
		if (ends)
			ends[step] = file_size();
	}
	objects_free(objects);
}

static struct bundle_about about_of(enum bundle_part part)
{
	return (struct bundle_about){
		.version = "1.2",
		.hostname = "web1",
		.kernel = "6.1.0",
		.boot_id = part == BUNDLE_DURING ? "b2" : "b1",
		.cpus = 4,
		.interface = "",
		.target = "",
		.part = part,
	};
}

static void writer_close(struct bundle_writer *writer)
{
	const struct bundle_end end = { .ended = "time" };

	assert_int_equal(bundle_close(writer, &end), 0);
}

/* Returns how much of the file it takes. */
static off_t baseline_write(const char *name)
{
	const struct bundle_about about = about_of(BUNDLE_BASELINE);
	struct bundle_writer *writer;

	snprintf(path, sizeof(path), "/tmp/wd-baseline-%d-%s.wdb", (int)getpid(), name);
	assert_int_equal(bundle_create(path, &about, &writer), 0);
	steps_write(writer, BASELINE_START_NS, BASELINE_STEPS, NULL);
	writer_close(writer);
	return file_size();
}

static void during_write(off_t bytes, off_t *ends)
{
	const struct bundle_about about = about_of(BUNDLE_DURING);
	struct bundle_writer *writer;

	assert_int_equal(bundle_append(path, (uint64_t)bytes, &about, &writer), 0);
	steps_write(writer, DURING_START_NS, DURING_STEPS, ends);
	writer_close(writer);
}

static void assert_baseline(void)
{
	struct bundle bundle;
	const char *why;

	assert_int_equal(bundle_read_baseline(path, &bundle, &why), 0);
	assert_null(bundle.cut);
	assert_int_equal(bundle.about.part, BUNDLE_BASELINE);
	assert_string_equal(bundle.about.boot_id, "b1");
	assert_string_equal(bundle.end.ended, "time");
	assert_int_equal(series_snapshots(bundle.series), BASELINE_STEPS);
	assert_true(series_start_ns(bundle.series) == BASELINE_START_NS);
	bundle_free(&bundle);
}

/* So many snapshots of the second recording, or the baseline where there are none of it. */
static void assert_latest(size_t least, size_t most, bool followed)
{
	struct bundle bundle;
	const char *why;

	assert_int_equal(bundle_read(path, &bundle, &why), 0);
	if (bundle.about.part == BUNDLE_DURING) {
		assert_true(series_snapshots(bundle.series) >= least && series_snapshots(bundle.series) <= most);
		assert_true(series_start_ns(bundle.series) == DURING_START_NS);
		assert_string_equal(bundle.about.boot_id, "b2");
		assert_false(bundle.followed);
	} else {
		assert_int_equal(least, 0);
		assert_int_equal(bundle.about.part, BUNDLE_BASELINE);
		assert_int_equal(series_snapshots(bundle.series), BASELINE_STEPS);
		assert_int_equal(bundle.followed, followed);
	}
	bundle_free(&bundle);
}

static bool count_snapshots(void *argument, const struct bundle *bundle, uint32_t window,
			    const struct snapshot *snapshot)
{
	size_t *count = argument;

	assert_int_equal(bundle->about.part, BUNDLE_DURING);
	assert_int_equal(window, 1);
	assert_true(snapshot->time_ns < BASELINE_START_NS);
	++*count;
	return true;
}

static void both_are_read(void **state)
{
	off_t bytes = baseline_write("both");
	struct bundle_look look;
	struct bundle bundle;
	const char *why;
	size_t count = 0;

	(void)state;
	assert_baseline();
	assert_latest(0, 0, false);
	assert_int_equal(bundle_look(path, &look, &why), 0);
	assert_true(look.holds && look.whole && !look.followed && !look.during);
	assert_int_equal(look.bytes, bytes);
	during_write(bytes, NULL);
	assert_baseline();
	assert_latest(DURING_STEPS, DURING_STEPS, false);
	assert_int_equal(bundle_look(path, &look, &why), 0);
	assert_true(look.holds && look.whole && look.followed && look.during);
	assert_int_equal(look.bytes, bytes);
	assert_int_equal(bundle_replay(path, count_snapshots, &count, &bundle, &why), 0);
	assert_null(bundle.cut);
	assert_int_equal(count, DURING_STEPS);
	bundle_free(&bundle);
	assert_int_equal(unlink(path), 0);
}

/* Wherever the second recording is cut off. */
static void the_baseline_outlives_a_second_recording_that_was_cut_off(void **state)
{
	off_t bytes = baseline_write("cut"), ends[DURING_STEPS];

	(void)state;
	during_write(bytes, ends);
	for (off_t length = file_size() - 1; length >= bytes; length -= 3) {
		size_t expected = 0;

		assert_int_equal(truncate(path, length), 0);
		while (expected < DURING_STEPS && ends[expected] <= length)
			expected++;
		assert_baseline();
		assert_latest(expected, expected + 1, length > bytes);
	}
	assert_int_equal(unlink(path), 0);
}

/* Cut off in the baseline itself: nothing can be added. */
static void a_baseline_without_an_end_is_told(void **state)
{
	off_t bytes = baseline_write("short");
	struct bundle_look look;
	const char *why;

	(void)state;
	for (off_t length = bytes - 1; length > 0; length -= 5) {
		assert_int_equal(truncate(path, length), 0);
		if (bundle_look(path, &look, &why) == 0)
			assert_true(!look.whole && !look.bytes && !look.followed);
	}
	assert_int_equal(unlink(path), 0);
}

static void damage_behind_the_baseline_is_no_harm(void **state)
{
	off_t bytes = baseline_write("damaged"), size;
	int fd;

	(void)state;
	during_write(bytes, NULL);
	size = file_size();
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	for (off_t at = bytes; at < size; at += 7) {
		unsigned char before, after;
		struct bundle bundle;
		const char *why;

		assert_int_equal(pread(fd, &before, 1, at), 1);
		after = before ^ 0x55;
		assert_int_equal(pwrite(fd, &after, 1, at), 1);
		assert_baseline();
		if (bundle_read(path, &bundle, &why) == 0)
			bundle_free(&bundle);
		assert_int_equal(pwrite(fd, &before, 1, at), 1);
	}
	close(fd);
	assert_latest(DURING_STEPS, DURING_STEPS, false);
	assert_int_equal(unlink(path), 0);
}

static void what_recorded_nothing_leaves_nothing(void **state)
{
	const struct bundle_about about = about_of(BUNDLE_DURING);
	off_t bytes = baseline_write("nothing");
	struct bundle_writer *writer, *other;

	(void)state;
	assert_int_equal(bundle_append(path, (uint64_t)bytes, &about, &writer), 0);
	assert_int_equal(bundle_append(path, (uint64_t)bytes, &about, &other), -EBUSY);
	bundle_window(writer);
	writer_close(writer);
	assert_int_equal(file_size(), bytes);
	during_write(bytes, NULL);
	assert_int_equal(bundle_append(path, (uint64_t)bytes, &about, &other), -EBUSY);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(bundle_append(path, (uint64_t)bytes, &about, &other), -ENOENT);
}

/* ---- files that nobody wrote so ---- */

struct made_up {
	const char *name, *content;
};

#define BASELINE "{\"format\":\"wheredrop bundle\",\"version\":2,\"part\":\"baseline\",\"sources\":[\"snmp\"]}"
#define DURING "{\"format\":\"wheredrop bundle\",\"version\":2,\"part\":\"during\",\"sources\":[\"snmp\"]}"
#define NEWER "{\"format\":\"wheredrop bundle\",\"version\":3,\"part\":\"during\"}"
#define SNAPSHOT "{\"time_ns\":1000,\"wall_ns\":1,\"readings\":[]}\n"
#define FILES_MAX 8

static void made_up_write(const struct made_up *files)
{
	struct bundle_out *out;

	snprintf(path, sizeof(path), "/tmp/wd-baseline-%d-made-up.wdb", (int)getpid());
	assert_int_equal(bundle_out_open(path, &out), 0);
	for (size_t i = 0; i < FILES_MAX && files[i].name; i++) {
		CLEANUP_TEXT struct text text = { 0 };

		text_add(&text, files[i].content);
		assert_int_equal(bundle_out_file(out, files[i].name, &text), 0);
	}
	assert_int_equal(bundle_out_close(out), 0);
}

static const struct made_up twice[FILES_MAX] = {
	{ "manifest.json", BASELINE },
	{ "window-1/000001.jsonl", SNAPSHOT },
	{ "end.json", "{\"ended\":\"time\"}" },
	{ "during/manifest.json", DURING },
	{ "during/window-1/000001.jsonl", SNAPSHOT },
	{ "during/manifest.json", DURING },
	{ "during/window-1/000002.jsonl", SNAPSHOT },
};
static const struct made_up newer[FILES_MAX] = {
	{ "manifest.json", BASELINE },
	{ "window-1/000001.jsonl", SNAPSHOT },
	{ "end.json", "{\"ended\":\"time\"}" },
	{ "during/manifest.json", NEWER },
	{ "during/window-1/000001.jsonl", SNAPSHOT },
};
static const struct made_up without_manifest[FILES_MAX] = {
	{ "manifest.json", BASELINE },
	{ "end.json", "{\"ended\":\"time\"}" },
	{ "during/window-1/000001.jsonl", SNAPSHOT },
};
static const struct made_up without_baseline[FILES_MAX] = {
	{ "during/manifest.json", DURING },
	{ "during/window-1/000001.jsonl", SNAPSHOT },
};
static const struct made_up second_first[FILES_MAX] = {
	{ "manifest.json", DURING },
	{ "window-1/000001.jsonl", SNAPSHOT },
};
static const struct made_up later_baseline[FILES_MAX] = {
	{ "manifest.json", NEWER },
	{ "window-1/000001.jsonl", SNAPSHOT },
};
/* Of the first version: what is not known is left out. */
static const struct made_up alone[FILES_MAX] = {
	{ "manifest.json", "{\"format\":\"wheredrop bundle\",\"version\":1,\"sources\":[\"snmp\"]}" },
	{ "window-1/000001.jsonl", SNAPSHOT },
	{ "during/manifest.json", DURING },
	{ "during/window-1/000001.jsonl", SNAPSHOT },
};

static void assert_refused(const struct made_up *files, const char *words)
{
	struct bundle bundle;
	const char *why;

	made_up_write(files);
	assert_int_not_equal(bundle_read(path, &bundle, &why), 0);
	assert_non_null(strstr(why, words));
	assert_int_equal(unlink(path), 0);
}

static void what_makes_no_sense_is_told(void **state)
{
	struct bundle_look look;
	struct bundle bundle;
	const char *why;

	(void)state;
	assert_refused(newer, "newer");
	assert_refused(later_baseline, "newer");
	assert_refused(without_manifest, "no beginning");
	assert_refused(without_baseline, "no bundle");
	assert_refused(second_first, "no beginning");
	made_up_write(twice);
	assert_int_equal(bundle_look(path, &look, &why), 0);
	assert_true(look.followed && look.during && !look.bytes);
	assert_int_equal(bundle_read(path, &bundle, &why), 0);
	assert_string_equal(bundle.cut, "what follows in it makes no sense");
	assert_int_equal(series_snapshots(bundle.series), 1);
	bundle_free(&bundle);
	made_up_write(alone);
	assert_int_equal(bundle_read(path, &bundle, &why), 0);
	assert_int_equal(bundle.about.part, BUNDLE_ALONE);
	assert_int_equal(series_snapshots(bundle.series), 1);
	bundle_free(&bundle);
	assert_int_equal(bundle_read_baseline(path, &bundle, &why), -ENOENT);
	assert_non_null(strstr(why, "no baseline"));
	assert_int_equal(unlink(path), 0);
	made_up_write(newer);
	assert_int_equal(bundle_read_baseline(path, &bundle, &why), 0);
	assert_int_equal(series_snapshots(bundle.series), 1);
	bundle_free(&bundle);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_are_read),
		cmocka_unit_test(the_baseline_outlives_a_second_recording_that_was_cut_off),
		cmocka_unit_test(a_baseline_without_an_end_is_told),
		cmocka_unit_test(damage_behind_the_baseline_is_no_harm),
		cmocka_unit_test(what_recorded_nothing_leaves_nothing),
		cmocka_unit_test(what_makes_no_sense_is_told),
	};

	return cmocka_run_group_tests_name("bundle baseline", tests, NULL, NULL);
}
