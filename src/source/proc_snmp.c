/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/net/snmp and /proc/net/netstat (net/ipv4/proc.c): pairs of lines, first
 * the names, then the values.
 *
 *	TcpExt: SyncookiesSent SyncookiesRecv …
 *	TcpExt: 0 0 …
 *
 * Counters are named as nstat does, prefix and name in one: TcpExtSyncookiesSent.
 * Which names there are depends on the kernel, and in IcmpMsg on what was sent so
 * far, so the names of a line are looked up again only when its bytes change.
 * Tcp MaxConn is -1 for "no limit": such a value is none.
 */
#include "source/procfs.h"

#include "base/alloc.h"

#include <string.h>

#define HEADERS_MAX 16
#define COLUMNS_MAX 512

/* A line of names as it was last seen. */
struct header {
	struct text line;
	size_t prefix; /* length of "TcpExt:" */
	size_t columns;
	counter_id counters[COLUMNS_MAX];
};

/* One file's headers; the next new one goes to `next`. Reading is single-threaded. */
struct headers {
	enum source_id id;
	struct header entries[HEADERS_MAX];
	size_t next;
};

/* One reading of a file. */
struct reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	struct headers *headers;
	struct procfs_file file;
	struct slice seen[HEADERS_MAX]; /* prefixes; one that comes again, or too many, are not the kernel's */
	size_t seen_count;
};

static enum domain prefix_domain(struct slice prefix)
{
	return slice_starts(prefix, "Ip") || slice_starts(prefix, "Icmp") ? DOMAIN_IP : DOMAIN_TRANSPORT;
}

static counter_id name_counter(enum source_id id, struct slice prefix, struct slice name)
{
	struct text full = { .max = 256 };
	counter_id counter;

	text_add_bytes(&full, prefix.data, prefix.length);
	text_add_bytes(&full, name.data, name.length);
	counter = counter_intern(id, full.data, full.length, prefix_domain(prefix), "nstat -az {name}");
	text_free(&full);
	return counter;
}

/* Learns a line of names; false when it is none. */
static bool header_learn(enum source_id id, struct header *header, struct slice line)
{
	struct cursor words = cursor_of(line.data, line.length);
	struct slice prefix, name;

	text_clear(&header->line);
	header->columns = 0;
	if (!cursor_until(&words, ':', &prefix) || !procfs_is_name(prefix))
		return false;
	header->prefix = prefix.length + 1;
	while (cursor_word(&words, &name)) {
		if (header->columns == COLUMNS_MAX || !procfs_is_name(name))
			return false;
		header->counters[header->columns++] = name_counter(id, prefix, name);
	}
	text_add_bytes(&header->line, line.data, line.length);
	return true;
}

static bool header_is(const struct header *header, struct slice line)
{
	return line.length && header->line.length == line.length &&
	       memcmp(header->line.data, line.data, line.length) == 0;
}

static bool header_shares_prefix(const struct header *header, struct slice line)
{
	return header->line.length && line.length >= header->prefix &&
	       memcmp(header->line.data, line.data, header->prefix) == 0;
}

/* The header of that line, learnt when new; NULL when it is not a line of names. */
static const struct header *header_find(struct headers *headers, struct slice line)
{
	struct header *slot = NULL;

	for (size_t i = 0; i < HEADERS_MAX; i++) {
		if (header_is(&headers->entries[i], line))
			return &headers->entries[i];
		if (header_shares_prefix(&headers->entries[i], line))
			slot = &headers->entries[i];
	}
	if (!slot)
		slot = &headers->entries[headers->next++ % HEADERS_MAX];
	return header_learn(headers->id, slot, line) ? slot : NULL;
}

/* Adds a line of values; false, and nothing added, when it does not fit its header. */
static bool add_values(const struct header *header, struct slice line, struct snapshot *snapshot,
		       const struct object *netns)
{
	struct cursor words = cursor_of(line.data + header->prefix, line.length - header->prefix);
	size_t before = snapshot->samples.count, columns = 0;
	struct slice word;
	int error = 0;

	while (!error && cursor_word(&words, &word)) {
		uint64_t value;
		int64_t below_zero;

		if (columns == header->columns)
			error = -1;
		else if (word.data[0] == '-')
			error = parse_i64(word, &below_zero);
		else if (!(error = parse_u64(word, &value)))
			snapshot_add(snapshot, header->counters[columns], netns, value);
		columns++;
	}
	if (!error && columns == header->columns)
		return true;
	snapshot->samples.count = before;
	return false;
}

static bool is_new(struct reading *reading, struct slice prefix)
{
	for (size_t i = 0; i < reading->seen_count; i++) {
		if (slice_same(reading->seen[i], prefix))
			return false;
	}
	if (reading->seen_count == HEADERS_MAX)
		return false;
	reading->seen[reading->seen_count++] = prefix;
	return true;
}

/* Reads one pair from `line` on, which becomes the line after it; false at the end of the file. */
static bool read_pair(struct reading *reading, struct slice *line)
{
	const struct header *header = header_find(reading->headers, *line);
	bool more = cursor_line(&reading->file.lines, line);

	if (!header || !more || !header_shares_prefix(header, *line)) {
		procfs_fault(&reading->file, PROCFS_BAD_LINE);
		return more;
	}
	if (!is_new(reading, (struct slice){ line->data, header->prefix }) ||
	    !add_values(header, *line, reading->snapshot, reading->context->netns))
		procfs_fault(&reading->file, PROCFS_BAD_LINE);
	return cursor_line(&reading->file.lines, line);
}

static void read_pairs(const struct source_context *context, struct snapshot *snapshot, struct headers *headers,
		       const char *path)
{
	struct reading reading = { .context = context, .snapshot = snapshot, .headers = headers };
	struct slice line;

	if (!procfs_read(context, snapshot, headers->id, context->netns, path, &reading.file))
		return;
	if (cursor_line(&reading.file.lines, &line)) {
		while (read_pair(&reading, &line))
			;
	}
	procfs_covered(snapshot, headers->id, context->netns, &reading.file);
}

static void snmp_read(const struct source_context *context, struct snapshot *snapshot)
{
	static struct headers headers = { .id = SOURCE_SNMP };

	read_pairs(context, snapshot, &headers, "/proc/thread-self/net/snmp");
}

static void netstat_read(const struct source_context *context, struct snapshot *snapshot)
{
	static struct headers headers = { .id = SOURCE_NETSTAT };

	read_pairs(context, snapshot, &headers, "/proc/thread-self/net/netstat");
}

const struct source source_snmp = { SOURCE_SNMP, SCOPE_NETNS, COST_CHEAP, snmp_read };
const struct source source_netstat = { SOURCE_NETSTAT, SCOPE_NETNS, COST_CHEAP, netstat_read };
