/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/snmp6 (net/ipv6/proc.c: snmp6_seq_show): one name and one value per
 * line. The lines are the same from reading to reading except that ICMP types
 * seen for the first time come in between, so the counter at a line's position
 * is remembered and its name checked.
 *
 * Without IPv6 in the kernel (ipv6.disable=1) the file does not exist, and no
 * IPv6 packet can be lost.
 */
#include "source/procfs.h"

#include "base/vec.h"

#include <errno.h>
#include <string.h>

#define LINES_MAX 4096
#define PATH "/proc/thread-self/net/snmp6"

struct known_line {
	char name[64];
	size_t length;
	counter_id counter;
};

static counter_id line_counter(size_t position, struct slice name)
{
	static VEC(struct known_line) lines;
	struct known_line *line = position < lines.count ? &lines.data[position] : vec_add(&lines, LINES_MAX);

	if (line && line->length == name.length && memcmp(line->name, name.data, name.length) == 0)
		return line->counter;
	if (!line || !procfs_is_name(name))
		return COUNTER_NONE;
	line->length = name.length;
	memcpy(line->name, name.data, name.length);
	line->counter = counter_intern(SOURCE_SNMP6, name.data, name.length,
				       slice_starts(name, "Udp") ? DOMAIN_TRANSPORT : DOMAIN_IP, "nstat -az {name}");
	return line->counter;
}

static bool add_line(size_t position, struct slice line, struct snapshot *snapshot, const struct object *netns)
{
	struct cursor words = cursor_of(line.data, line.length);
	struct slice name = { 0 }, rest;
	uint64_t value;

	if (!cursor_word(&words, &name) || !procfs_is_name(name))
		return false;
	value = cursor_u64(&words);
	if (words.error || cursor_word(&words, &rest))
		return false;
	snapshot_add(snapshot, line_counter(position, name), netns, value);
	return true;
}

/* True when this namespace has its /proc/net and yet no snmp6. */
static bool ipv6_is_absent(const struct source_context *context)
{
	return source_read_file(context, "/proc/thread-self/net/snmp") == 0;
}

static void snmp6_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct procfs_file file;
	struct slice line;
	int error = procfs_read_quietly(context, PATH, &file);

	if (error == -ENOENT && ipv6_is_absent(context)) {
		snapshot_covered(snapshot, SOURCE_SNMP6, context->netns);
		return;
	}
	if (error) {
		procfs_missed(snapshot, SOURCE_SNMP6, context->netns, PATH, error);
		return;
	}
	for (size_t position = 0; cursor_line(&file.lines, &line); position++) {
		if (!add_line(position, line, snapshot, context->netns))
			procfs_fault(&file, PROCFS_BAD_LINE);
	}
	procfs_covered(snapshot, SOURCE_SNMP6, context->netns, &file);
}

const struct source source_snmp6 = { SOURCE_SNMP6, SCOPE_NETNS, COST_CHEAP, snmp6_read };
