/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/netns over any bytes as a mountinfo file and as a link of /proc/PID/ns: a path that was found starts at the
 * root and is no longer than its line, and a refusal leaves the inode alone.
 */
#include "base/alloc.h"
#include "base/netns.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

#define UNTOUCHED 4711

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor cursor = cursor_of((const char *)data, size);
	CLEANUP_TEXT struct text path = { 0 };
	uint64_t inode = UNTOUCHED;
	struct slice line;

	if (!netns_link_parse(cursor.rest, &inode) && inode != UNTOUCHED)
		abort();
	while (cursor_line(&cursor, &line)) {
		inode = UNTOUCHED;
		text_clear(&path);
		if (netns_mount_parse(line, &inode, &path)) {
			if (path.data[0] != '/' || path.length >= line.length)
				abort();
		} else if (path.length) {
			abort();
		}
	}
	return 0;
}
