/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evidence/bundle: what is read back is what was recorded, as far as the file goes. */
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

#define START_NS (1000 * (uint64_t)NS_PER_S)
#define STEPS 40

struct recording {
	char path[64];
	struct bundle_writer *writer;
	struct objects *objects;
	struct object *netns, *link, *process;
	struct series *series;
};

static void recording_begin(struct recording *recording, const char *name)
{
	const struct bundle_about about = {
		.version = "1.2",
		.hostname = "web1",
		.kernel = "6.1.0",
		.boot_id = "b",
		.cpus = 4,
		.netns = 7,
		.interface = "eth0",
		.target = "",
		.duration_ns = 10 * (uint64_t)NS_PER_S,
		.interval_ns = 100 * NS_PER_MS,
	};

	snprintf(recording->path, sizeof(recording->path), "/tmp/wd-bundle-%d-%s.wdb", (int)getpid(), name);
	assert_int_equal(bundle_create(recording->path, &about, &recording->writer), 0);
	recording->series = NULL;
	recording->objects = NULL;
}

static void window_free(struct recording *recording)
{
	series_free(recording->series);
	objects_free(recording->objects);
}

static void window_begin(struct recording *recording)
{
	window_free(recording);
	bundle_window(recording->writer);
	recording->objects = objects_new();
	recording->series = series_new(recording->objects);
	objects_set_home(recording->objects, 7);
	objects_set_all_known(recording->objects, true);
	recording->netns = object_intern(recording->objects, (struct object_key){ OBJECT_NETNS, 7, 0, 0 }, NULL);
	recording->link = object_intern(recording->objects, (struct object_key){ OBJECT_LINK, 7, 2, UINT64_MAX }, NULL);
	recording->link->netns = recording->netns->id;
	object_label(recording->link, LABEL_NAME, "eth0");
}

/* Numbers that use all 64 bits, a counter that only this host has, a name that is no UTF-8, an object that changes. */
static void step_take(struct recording *recording, uint64_t step)
{
	struct snapshot snapshot = { 0 };
	counter_id own = counter_intern(SOURCE_ETHTOOL, "rx_odd_discards", 15, DOMAIN_NIC, "ethtool -S {ifname}");

	snapshot_begin(&snapshot, recording->objects);
	snapshot.time_ns = START_NS + step * 100 * NS_PER_MS;
	snapshot.wall_ns = snapshot.time_ns * 2;
	snapshot_add(&snapshot, C_UDP_RCVBUF_ERRORS, recording->netns, step * step);
	snapshot_covered(&snapshot, SOURCE_SNMP, recording->netns);
	snapshot_add(&snapshot, C_LINK_RX_PACKETS, recording->link, UINT64_MAX - 1000 + step);
	if (step % 3 == 0)
		snapshot_add(&snapshot, own, recording->link, step / 3);
	snapshot_covered_partly(&snapshot, SOURCE_LINK, recording->netns, "a line was not understood");
	if (step == 10) {
		recording->process =
			object_intern(recording->objects, (struct object_key){ OBJECT_PROCESS, 0, 12, 34 }, NULL);
		recording->process->pid = 12;
		recording->process->born = true;
		object_label(recording->process, LABEL_COMM, "a\xff\"b\n");
		recording->link->owner = recording->process->id;
	}
	if (step == 20)
		object_label(recording->link, LABEL_NAME, "eth1");
	if (step >= 30)
		snapshot_missed(&snapshot, SOURCE_QDISC, recording->netns, -EPERM, "not allowed");
	series_add(recording->series, &snapshot);
	bundle_add(recording->writer, &snapshot);
	snapshot_free(&snapshot);
}

static void recording_end(struct recording *recording)
{
	const struct bundle_end end = {
		.result = { .interval_ns = 5,
			    .max_gap_ns = 6,
			    .ticks = 7,
			    .namespaces = 8,
			    .thinned = 3,
			    .stopped = true },
		.ended = "interrupt",
		.waited_ns = 9,
		.cpu_seconds = 0.5,
		.max_rss_bytes = 10,
	};

	series_finish(recording->series);
	assert_int_equal(bundle_close(recording->writer, &end), 0);
}

static void recording_forget(struct recording *recording)
{
	window_free(recording);
	assert_int_equal(unlink(recording->path), 0);
}

static void assert_same_object(const struct object *a, const struct object *b)
{
	assert_int_equal(a->key.kind, b->key.kind);
	assert_true(a->key.netns == b->key.netns && a->key.a == b->key.a && a->key.b == b->key.b);
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->born, b->born);
	assert_int_equal(a->netns, b->netns);
	assert_int_equal(a->owner, b->owner);
	for (size_t l = 0; l < LABEL_COUNT; l++)
		assert_string_equal(object_text(a, (enum label)l), object_text(b, (enum label)l));
}

static void assert_same_cell(const struct cell *a, const struct cell *b)
{
	assert_int_equal(a->counter, b->counter);
	assert_int_equal(a->object, b->object);
	assert_true(a->first == b->first && a->last == b->last && a->increase == b->increase);
	assert_true(a->first_ns == b->first_ns && a->last_ns == b->last_ns);
	assert_int_equal(a->readings, b->readings);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->points.count, b->points.count);
	for (size_t i = 0; i < a->points.count; i++) {
		assert_int_equal(a->points.data[i].time_ms, b->points.data[i].time_ms);
		assert_int_equal(a->points.data[i].increase, b->points.data[i].increase);
	}
}

static void assert_same_series(const struct series *a, const struct series *b)
{
	assert_int_equal(series_snapshots(a), series_snapshots(b));
	assert_true(series_start_ns(a) == series_start_ns(b) && series_end_ns(a) == series_end_ns(b));
	assert_true(series_start_wall_ns(a) == series_start_wall_ns(b));
	assert_int_equal(series_cells(a), series_cells(b));
	for (size_t i = 0; i < series_cells(a); i++)
		assert_same_cell(series_cell_by_index(a, i), series_cell_by_index(b, i));
	assert_int_equal(series_observations(a), series_observations(b));
	for (size_t i = 0; i < series_observations(a); i++) {
		const struct observation *x = series_observation_at(a, i), *y = series_observation_at(b, i);

		assert_int_equal(x->source, y->source);
		assert_int_equal(x->readings, y->readings);
		assert_int_equal(x->failures, y->failures);
		assert_int_equal(x->partial, y->partial);
		assert_true(x->first_ns == y->first_ns && x->last_ns == y->last_ns);
		assert_true(x->last_took_ns == y->last_took_ns);
		assert_string_equal(x->reason ? x->reason : "", y->reason ? y->reason : "");
	}
}

static void what_was_recorded_is_read(void **state)
{
	struct recording recording;
	struct bundle bundle;
	const char *why;

	(void)state;
	recording_begin(&recording, "whole");
	window_begin(&recording);
	for (uint64_t step = 0; step < STEPS; step++)
		step_take(&recording, step);
	recording_end(&recording);
	assert_int_equal(bundle_read(recording.path, &bundle, &why), 0);
	assert_null(bundle.cut);
	assert_int_equal(bundle.skipped, 0);
	assert_same_series(recording.series, bundle.series);
	assert_int_equal(objects_count(recording.objects), objects_count(bundle.objects));
	for (uint32_t id = 0; id < objects_count(bundle.objects); id++)
		assert_same_object(object_get(recording.objects, id), object_get(bundle.objects, id));
	assert_int_equal(objects_home(bundle.objects), 7);
	assert_true(objects_all_known(bundle.objects));
	assert_string_equal(bundle.about.hostname, "web1");
	assert_string_equal(bundle.about.interface, "eth0");
	assert_int_equal(bundle.about.netns, 7);
	assert_string_equal(bundle.end.ended, "interrupt");
	assert_int_equal(bundle.end.result.namespaces, 8);
	assert_true(bundle.end.result.stopped);
	assert_int_equal(bundle.end.waited_ns, 9);
	bundle_free(&bundle);
	recording_forget(&recording);
}

static void the_last_two_windows_are_one(void **state)
{
	struct recording recording;
	struct bundle bundle;
	const char *why;

	(void)state;
	recording_begin(&recording, "windows");
	for (uint64_t window = 0; window < 3; window++) {
		window_begin(&recording);
		for (uint64_t step = 0; step < 10; step++)
			step_take(&recording, window * 10 + step);
	}
	recording_end(&recording);
	assert_int_equal(bundle_read(recording.path, &bundle, &why), 0);
	assert_int_equal(series_snapshots(bundle.series), 20);
	assert_true(series_start_ns(bundle.series) == START_NS + NS_PER_S);
	assert_int_equal(series_increase(bundle.series, C_UDP_RCVBUF_ERRORS, recording.netns->id), 29 * 29 - 10 * 10);
	bundle_free(&bundle);
	recording_forget(&recording);
}

/* A file cut off anywhere holds all snapshots that lie before that place. */
static void a_recording_that_was_cut_off_is_read_as_far_as_it_goes(void **state)
{
	struct recording recording;
	struct bundle bundle;
	struct stat status;
	const char *why;
	off_t ends[STEPS];
	size_t whole = 0;

	(void)state;
	recording_begin(&recording, "cut");
	window_begin(&recording);
	for (uint64_t step = 0; step < STEPS; step++) {
		step_take(&recording, step);
		assert_int_equal(stat(recording.path, &status), 0);
		ends[step] = status.st_size;
	}
	recording_end(&recording);
	assert_int_equal(stat(recording.path, &status), 0);
	for (off_t length = status.st_size - 1; length >= 0; length -= 7) {
		size_t expected = 0;

		assert_int_equal(truncate(recording.path, length), 0);
		while (expected < STEPS && ends[expected] <= length)
			expected++;
		if (bundle_read(recording.path, &bundle, &why)) {
			assert_int_equal(expected, 0);
			continue;
		}
		assert_true(series_snapshots(bundle.series) >= expected);
		assert_true(series_snapshots(bundle.series) <= expected + 1);
		if (strcmp(bundle.end.ended, "cut") == 0)
			assert_non_null(bundle.cut);
		else
			assert_int_equal(expected, STEPS);
		whole++;
		bundle_free(&bundle);
	}
	assert_true(whole > STEPS);
	recording_forget(&recording);
}

static void damage_is_no_harm(void **state)
{
	struct recording recording;
	struct bundle bundle;
	struct stat status;
	const char *why;
	int fd;

	(void)state;
	recording_begin(&recording, "damaged");
	window_begin(&recording);
	for (uint64_t step = 0; step < STEPS; step++)
		step_take(&recording, step);
	recording_end(&recording);
	assert_int_equal(stat(recording.path, &status), 0);
	fd = open(recording.path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	for (off_t at = 0; at < status.st_size; at += 11) {
		unsigned char before, after;

		assert_int_equal(pread(fd, &before, 1, at), 1);
		after = before ^ 0x55;
		assert_int_equal(pwrite(fd, &after, 1, at), 1);
		if (bundle_read(recording.path, &bundle, &why) == 0)
			bundle_free(&bundle);
		assert_int_equal(pwrite(fd, &before, 1, at), 1);
	}
	close(fd);
	assert_int_equal(bundle_read(recording.path, &bundle, &why), 0);
	bundle_free(&bundle);
	recording_forget(&recording);
}

/* A bundle of one file, as somebody might write who means harm, or a later version. */
static int read_made_up(const char *manifest, const char *lines, struct bundle *ret, const char **ret_why)
{
	static const char path[] = "/tmp/wd-bundle-made-up.wdb";
	CLEANUP_TEXT struct text first = { 0 }, second = { 0 };
	struct bundle_out *out;
	int error;

	text_add(&first, manifest);
	text_add(&second, lines);
	assert_int_equal(bundle_out_open(path, &out), 0);
	assert_int_equal(bundle_out_file(out, BUNDLE_MANIFEST, &first), 0);
	assert_int_equal(bundle_out_file(out, "../../etc/passwd", &second), 0);
	assert_int_equal(bundle_out_file(out, "window-1/000001.jsonl", &second), 0);
	assert_int_equal(bundle_out_close(out), 0);
	error = bundle_read(path, ret, ret_why);
	assert_int_equal(unlink(path), 0);
	return error;
}

#define MANIFEST "{\"format\":\"wheredrop bundle\",\"version\":1,\"sources\":[\"snmp\",\"of-tomorrow\"]}"
#define OBJECTS                                                                                              \
	"{\"objects\":[{\"id\":1,\"kind\":\"namespace\",\"netns_key\":\"0x7\",\"a\":\"0x0\",\"b\":\"0x0\"}," \
	"{\"id\":2,\"kind\":\"of tomorrow\"},{\"id\":3,\"kind\":\"cpu\",\"a\":\"0x1\",\"netns\":99999}]}\n"
#define COUNTERS                                                                                           \
	"{\"counters\":[{\"id\":5,\"source\":\"snmp\",\"name\":\"UdpRcvbufErrors\"},{\"id\":6,\"source\":" \
	"\"of-tomorrow\",\"name\":\"x\"}]}\n"
#define SNAPSHOT "{\"time_ns\":1000,\"wall_ns\":1,\"readings\":[[1,0,5,1,6]],\"coverage\":[0,1,10,10,1,1,10,10]}\n"

static void what_is_not_known_is_left_out(void **state)
{
	struct bundle bundle;
	const char *why;

	(void)state;
	assert_int_equal(read_made_up(MANIFEST, OBJECTS COUNTERS "{\"shape\":[5,1,6,1]}\n" SNAPSHOT, &bundle, &why), 0);
	assert_int_equal(series_cells(bundle.series), 1);
	assert_int_equal(series_observations(bundle.series), 1);
	assert_true(bundle.skipped >= 3);
	assert_string_equal(bundle.end.ended, "cut");
	bundle_free(&bundle);
}

static void what_makes_no_sense_ends_it(void **state)
{
	static const char *const hostile[] = {
		"[]",
		"{",
		"{\"objects\":[{\"id\":4000000000}]}",
		"{\"objects\":[7]}",
		"{\"counters\":[{\"id\":4000000000}]}",
		"{\"time_ns\":1,\"readings\":[[9]]}",
		"{\"time_ns\":1,\"readings\":[7]}",
		"{\"shape\":[1,1]}\n{\"time_ns\":1,\"readings\":[[1,5,5]]}",
	};
	struct bundle bundle;
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		assert_int_equal(read_made_up(MANIFEST, hostile[i], &bundle, &why), 0);
		assert_string_equal(bundle.cut, "what follows in it makes no sense");
		assert_int_equal(series_snapshots(bundle.series), 0);
		bundle_free(&bundle);
	}
	assert_int_not_equal(read_made_up("{\"format\":\"wheredrop bundle\",\"version\":3}", SNAPSHOT, &bundle, &why),
			     0);
	assert_non_null(strstr(why, "newer"));
	assert_int_not_equal(read_made_up("{}", SNAPSHOT, &bundle, &why), 0);
	assert_int_not_equal(bundle_read("/proc/self/exe", &bundle, &why), 0);
	assert_int_not_equal(bundle_read("/nowhere/x.wdb", &bundle, &why), 0);
	assert_string_equal(why, "No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_recorded_is_read),
		cmocka_unit_test(the_last_two_windows_are_one),
		cmocka_unit_test(a_recording_that_was_cut_off_is_read_as_far_as_it_goes),
		cmocka_unit_test(damage_is_no_harm),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(what_makes_no_sense_ends_it),
	};

	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
