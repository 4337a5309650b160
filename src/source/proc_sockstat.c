/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/sockstat and sockstat6 (net/ipv4/proc.c: sockstat_seq_show,
 * net/ipv6/proc.c: sockstat6_seq_show):
 *
 *	TCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1
 *
 * TCP's orphan, alloc and mem and UDP's mem count the whole host although every
 * namespace prints them; they are put to the host. FRAG memory is the
 * namespace's own.
 */
#include "source/procfs.h"

#include "base/alloc.h"

#include <errno.h>

struct field {
	const char *protocol, *name;
	counter_id counter;
	bool whole_host;
};

static const struct field fields[] = {
	{ "sockets", "used", C_SOCKSTAT_SOCKETS_USED, false },
	{ "TCP", "inuse", C_SOCKSTAT_TCP_INUSE, false },
	{ "TCP", "orphan", C_SOCKSTAT_TCP_ORPHAN, true },
	{ "TCP", "tw", C_SOCKSTAT_TCP_TW, false },
	{ "TCP", "alloc", C_SOCKSTAT_TCP_ALLOC, true },
	{ "TCP", "mem", C_SOCKSTAT_TCP_MEM, true },
	{ "UDP", "inuse", C_SOCKSTAT_UDP_INUSE, false },
	{ "UDP", "mem", C_SOCKSTAT_UDP_MEM, true },
	{ "UDPLITE", "inuse", C_SOCKSTAT_UDPLITE_INUSE, false },
	{ "RAW", "inuse", C_SOCKSTAT_RAW_INUSE, false },
	{ "FRAG", "inuse", C_SOCKSTAT_FRAG_INUSE, false },
	{ "FRAG", "memory", C_SOCKSTAT_FRAG_MEMORY, false },
	{ "TCP6", "inuse", C_SOCKSTAT_TCP6_INUSE, false },
	{ "UDP6", "inuse", C_SOCKSTAT_UDP6_INUSE, false },
	{ "UDPLITE6", "inuse", C_SOCKSTAT_UDPLITE6_INUSE, false },
	{ "RAW6", "inuse", C_SOCKSTAT_RAW6_INUSE, false },
	{ "FRAG6", "inuse", C_SOCKSTAT_FRAG6_INUSE, false },
	{ "FRAG6", "memory", C_SOCKSTAT_FRAG6_MEMORY, false },
};

static const struct field *field_find(struct slice protocol, struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (slice_is(protocol, fields[i].protocol) && slice_is(name, fields[i].name))
			return &fields[i];
	}
	return NULL;
}

/* Adds a line's values; false, and nothing added, when it is malformed. Fields nobody knows are passed over. */
static bool add_line(const struct source_context *context, struct snapshot *snapshot, struct slice line)
{
	struct cursor words = cursor_of(line.data, line.length);
	size_t before = snapshot->samples.count;
	struct slice protocol, name;

	if (!cursor_until(&words, ':', &protocol))
		return false;
	while (cursor_word(&words, &name)) {
		uint64_t value = cursor_u64(&words);
		const struct field *field = field_find(protocol, name);

		if (words.error) {
			snapshot->samples.count = before;
			return false;
		}
		if (field)
			snapshot_add(snapshot, field->counter,
				     field->whole_host ? procfs_host(context) : context->netns, value);
	}
	return true;
}

static void add_lines(const struct source_context *context, struct snapshot *snapshot, struct procfs_file *file)
{
	struct slice line;

	while (cursor_line(&file->lines, &line)) {
		if (!add_line(context, snapshot, line))
			procfs_fault(file, PROCFS_BAD_LINE);
	}
}

static void sockstat_read(const struct source_context *context, struct snapshot *snapshot)
{
	static const char path6[] = "/proc/thread-self/net/sockstat6";
	struct procfs_file file, file6 = { 0 };
	int error;

	if (!procfs_read(context, snapshot, SOURCE_SOCKSTAT, context->netns, "/proc/thread-self/net/sockstat", &file))
		return;
	add_lines(context, snapshot, &file);
	error = procfs_read_quietly(context, path6, &file6);
	if (!error)
		add_lines(context, snapshot, &file6);
	if (error && error != -ENOENT) /* without IPv6 it is not there */
		procfs_missed(snapshot, SOURCE_SOCKSTAT, context->netns, path6, error);
	else
		procfs_covered(snapshot, SOURCE_SOCKSTAT, context->netns, file6.fault ? &file6 : &file);
}

const struct source source_sockstat = { SOURCE_SOCKSTAT, SCOPE_NETNS, COST_CHEAP, sockstat_read };
