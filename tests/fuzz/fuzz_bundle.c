/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence/bundle over any lines, in an archive that is sound: whatever somebody wrote into a bundle, it is read or refused,
 * and what was read can be diagnosed. After a line that says so come the lines of a second recording: then the first one is a
 * baseline, and both are compared.
 */
#include "diagnose/compare.h"
#include "diagnose/diagnose.h"
#include "evidence/bundle_parts.h"
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

#define MANIFEST                                                                                                                           \
	"{\"format\":\"wheredrop bundle\",\"version\":%d,\"part\":\"%s\",\"sources\":[\"snmp\",\"netstat\",\"link\",\"socket\",\"qdisc\"," \
	"\"nftables\",\"drop-events\"]}"

#define SECOND "\"during\"\n"

static void add_file(struct bundle_out *out, const char *name, const void *bytes, size_t size)
{
	struct text text = { 0 };

	if (size)
		text_add_bytes(&text, bytes, size);
	REQUIRE(bundle_out_file(out, name, &text) == 0);
	text_free(&text);
}

static void add_manifest(struct bundle_out *out, const char *name, const char *part)
{
	char *manifest = text_format(MANIFEST, part ? 2 : 1, part ? part : "");

	add_file(out, name, manifest, strlen(manifest));
	free(manifest);
}

/* Whether there is a second recording. */
static bool make(const char *path, const uint8_t *data, size_t size)
{
	const uint8_t *second = size ? memmem(data, size, SECOND, strlen(SECOND)) : NULL;
	size_t first_size = second ? (size_t)(second - data) : size;
	struct bundle_out *out;

	REQUIRE(bundle_out_open(path, &out) == 0);
	add_manifest(out, BUNDLE_MANIFEST, second ? "baseline" : NULL);
	add_file(out, "window-1/000001.jsonl", data, first_size);
	if (second) {
		second += strlen(SECOND);
		add_file(out, BUNDLE_END, "{}", 2);
		add_manifest(out, BUNDLE_DURING_PREFIX BUNDLE_MANIFEST, "during");
		add_file(out, BUNDLE_DURING_PREFIX "window-1/000001.jsonl", second, size - (size_t)(second - data));
	}
	REQUIRE(bundle_out_close(out) == 0);
	return second;
}

static void compare_with_baseline(const char *path, const struct diagnosis *diagnosis)
{
	const struct diagnose_options options = { 0 };
	struct comparison comparison;
	struct diagnosis baseline_diagnosis;
	struct bundle baseline;
	const char *why;

	REQUIRE(bundle_read_baseline(path, &baseline, &why) == 0);
	diagnose(baseline.series, &options, &baseline_diagnosis);
	compare((struct compare_side[]){ { diagnosis, "", 0 }, { &baseline_diagnosis, "", 0 } }, &comparison);
	comparison_free(&comparison);
	diagnosis_free(&baseline_diagnosis);
	bundle_free(&baseline);
}

/* Single packets are what a trace prints: whatever they say, it can be printed. */
static bool print(void *argument, const struct bundle *bundle, uint32_t window, const struct snapshot *snapshot)
{
	const struct drop_event *event;

	(void)argument;
	(void)bundle;
	(void)window;
	vec_each(&snapshot->events, event) {
		struct text line = { 0 };

		REQUIRE(object_get(snapshot->objects, event->object)->key.kind == OBJECT_DROP);
		packet_print(&event->packet, NULL, &line);
		text_free(&line);
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct diagnose_options options = { 0 };
	struct diagnosis diagnosis;
	struct bundle bundle;
	const char *why;
	char path[64];
	bool second;

	snprintf(path, sizeof(path), "/tmp/wd-fuzz-bundle-%d.wdb", (int)getpid());
	second = make(path, data, size);
	REQUIRE(bundle_replay(path, print, NULL, &bundle, &why) == 0);
	diagnose(bundle.series, &options, &diagnosis);
	if (second)
		compare_with_baseline(path, &diagnosis);
	diagnosis_free(&diagnosis);
	bundle_free(&bundle);
	unlink(path);
	return 0;
}
