/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/wireless (net/wireless/wext-proc.c: wireless_seq_printf_stats): two lines of header, then a line per radio
 * with its signal and what it gave up.
 *
 *	face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 *	wlan0: 0000   57.  -53.  -256        0      0      0     12      0        0
 *
 * A '.' says that the number is fresh. `retry` is what nobody acknowledged however often it was sent: frames that are
 * lost. A level below 0 is in dBm. The file is there only where the kernel has wireless extensions; a radio is hardware.
 */
#include "source/proc_wireless.h"

#include "source/device.h"
#include "source/procfs.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

#define PATH "/proc/thread-self/net/wireless"

/* "-53." or "57" */
static bool fresh_number(struct cursor *fields, int64_t *ret)
{
	struct slice word;

	if (!cursor_word(fields, &word))
		return false;
	if (word.length && word.data[word.length - 1] == '.')
		word.length--;
	return parse_i64(word, ret) == 0;
}

bool wireless_add(struct snapshot *snapshot, const struct object *link, struct slice fields)
{
	static const counter_id counters[] = {
		C_WIRELESS_FOREIGN, C_WIRELESS_UNDECRYPTED, C_WIRELESS_FRAGMENTS,
		C_WIRELESS_RETRY,   C_WIRELESS_OTHER,	    C_WIRELESS_MISSED_BEACONS,
	};
	struct cursor cursor = cursor_of(fields.data, fields.length);
	uint64_t values[ARRAY_SIZE(counters)];
	int64_t quality, level, noise;
	struct slice status;

	if (!cursor_word(&cursor, &status) || !fresh_number(&cursor, &quality) || !fresh_number(&cursor, &level) ||
	    !fresh_number(&cursor, &noise))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		values[i] = cursor_u64(&cursor);
	if (cursor.error)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		snapshot_add(snapshot, counters[i], link, values[i]);
	if (level < 0 && level > -256)
		snapshot_add(snapshot, C_WIRELESS_SIGNAL_BELOW_0_DBM, link, (uint64_t)-level);
	return true;
}

/* By its name: to ask the kernel for the number of a name could load a module. */
static const struct object *link_named(const struct source_context *context, struct slice name)
{
	for (uint32_t id = 0; id < objects_count(context->objects); id++) {
		const struct object *object = object_get(context->objects, id);

		if (object->key.kind == OBJECT_LINK && object->key.netns == context->netns->key.netns &&
		    slice_is(name, object_text(object, LABEL_NAME)))
			return object;
	}
	return NULL;
}

static void wireless_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct procfs_file file;
	struct slice line, name;
	int error = device_any(context) ? procfs_read_quietly(context, PATH, &file) : -ENOENT;

	if (error == -ENOENT || error == -ENODATA) {
		snapshot_covered(snapshot, SOURCE_WIRELESS, context->netns);
		return;
	}
	if (error) {
		procfs_missed(snapshot, SOURCE_WIRELESS, context->netns, PATH, error);
		return;
	}
	for (size_t row = 0; cursor_line(&file.lines, &line); row++) {
		struct cursor fields = cursor_of(line.data, line.length);
		const struct object *link;

		if (row < 2 || !slice_trim(line).length)
			continue;
		if (!cursor_until(&fields, ':', &name)) {
			procfs_fault(&file, PROCFS_BAD_LINE);
			continue;
		}
		link = link_named(context, slice_trim(name));
		if (link && !wireless_add(snapshot, link, fields.rest))
			procfs_fault(&file, PROCFS_BAD_LINE);
	}
	procfs_covered(snapshot, SOURCE_WIRELESS, context->netns, &file);
}

const struct source source_wireless = { SOURCE_WIRELESS, SCOPE_NETNS, COST_MIDDLE, wireless_source_read };
