/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence/bundle over any lines, in an archive that is sound: whatever somebody wrote into a bundle, it is read or refused,
 * and what was read can be diagnosed.
 */
#include "diagnose/diagnose.h"
#include "evidence/bundle_parts.h"
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

#define MANIFEST                                                                                                          \
	"{\"format\":\"wheredrop bundle\",\"version\":1,\"sources\":[\"snmp\",\"netstat\",\"link\",\"socket\",\"qdisc\"," \
	"\"nftables\",\"drop-events\"]}"

static void make(const char *path, const uint8_t *data, size_t size)
{
	struct text manifest = { 0 }, lines = { 0 };
	struct bundle_out *out;

	text_add(&manifest, MANIFEST);
	if (size)
		text_add_bytes(&lines, (const char *)data, size);
	REQUIRE(bundle_out_open(path, &out) == 0);
	REQUIRE(bundle_out_file(out, BUNDLE_MANIFEST, &manifest) == 0);
	REQUIRE(bundle_out_file(out, "window-1/000001.jsonl", &lines) == 0);
	REQUIRE(bundle_out_close(out) == 0);
	text_free(&manifest);
	text_free(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct diagnose_options options = { 0 };
	struct diagnosis diagnosis;
	struct bundle bundle;
	const char *why;
	char path[64];

	snprintf(path, sizeof(path), "/tmp/wd-fuzz-bundle-%d.wdb", (int)getpid());
	make(path, data, size);
	REQUIRE(bundle_read(path, &bundle, &why) == 0);
	diagnose(bundle.series, &options, &diagnosis);
	diagnosis_free(&diagnosis);
	bundle_free(&bundle);
	unlink(path);
	return 0;
}
