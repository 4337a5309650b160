/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings: `sysctl -a` and the files below /proc/sys, whichever way they are shown. Names are made paths first, so
 * that net.core.rmem_max, net/core/rmem_max and /proc/sys/net/core/rmem_max are one. What is no setting of ours is
 * passed over.
 */
#include "evidence/ticket_parts.h"

#include "source/sysctl.h"

#include "base/alloc.h"

#include <string.h>
#include <sys/socket.h>

#define FILES "/proc/sys/"
#define PATH_MAX_BYTES 256
#define ALL_FROM 20 /* settings in `sysctl -a`, and in nothing that asks for some */

/* The limits of the neighbour tables are told once more by the tables themselves. */
static const struct {
	const char *path;
	int family;
	counter_id counter;
} tables[] = {
	{ "ipv4/neigh/default/gc_thresh1", AF_INET, C_NEIGH_GC_THRESH1 },
	{ "ipv4/neigh/default/gc_thresh2", AF_INET, C_NEIGH_GC_THRESH2 },
	{ "ipv4/neigh/default/gc_thresh3", AF_INET, C_NEIGH_GC_THRESH3 },
	{ "ipv4/neigh/default/unres_qlen_bytes", AF_INET, C_NEIGH_UNRES_QLEN_BYTES },
	{ "ipv6/neigh/default/gc_thresh1", AF_INET6, C_NEIGH_GC_THRESH1 },
	{ "ipv6/neigh/default/gc_thresh2", AF_INET6, C_NEIGH_GC_THRESH2 },
	{ "ipv6/neigh/default/gc_thresh3", AF_INET6, C_NEIGH_GC_THRESH3 },
	{ "ipv6/neigh/default/unres_qlen_bytes", AF_INET6, C_NEIGH_UNRES_QLEN_BYTES },
};

/* Names that older kernels had, or still have. */
static const struct {
	const char *path, *now;
} aliases[] = {
	{ "nf_conntrack_max", "netfilter/nf_conntrack_max" },
	{ "ipv4/netfilter/ip_conntrack_max", "netfilter/nf_conntrack_max" },
	{ "ipv4/ip_conntrack_max", "netfilter/nf_conntrack_max" },
	{ "ipv4/netfilter/ip_conntrack_buckets", "netfilter/nf_conntrack_buckets" },
	{ "ipv4/netfilter/ip_conntrack_count", "netfilter/nf_conntrack_count" },
};

/* ---- names ---- */

static bool is_setting(struct slice word)
{
	static const char *const folders[] = { "net",  "kernel", "vm",	  "fs",	    "dev",
					       "user", "abi",	 "debug", "sunrpc", "crypto" };

	if (slice_starts(word, FILES))
		return word.length > strlen(FILES);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		size_t length = strlen(folders[i]);

		if (slice_starts(word, folders[i]) && word.length > length + 1 && strchr("./", word.data[length]))
			return true;
	}
	return false;
}

/* What can stand in the name of a setting, that of a device included. */
static bool is_name(struct slice word)
{
	for (size_t i = 0; i < word.length; i++) {
		if (word.data[i] <= ' ' || strchr("=:\"'$*?", word.data[i]))
			return false;
	}
	return is_setting(word);
}

/* The path below /proc/sys/net/; false when it is none, or too long. Where dots part it, '/' stands for a dot. */
static bool path_of(struct slice name, char ret[PATH_MAX_BYTES], struct slice *ret_path)
{
	bool dotted = false;

	if (slice_starts(name, FILES)) {
		name.data += strlen(FILES);
		name.length -= strlen(FILES);
	}
	for (size_t i = 0; i < name.length && !dotted && name.data[i] != '/'; i++)
		dotted = name.data[i] == '.';
	if (name.length < 5 || name.length >= PATH_MAX_BYTES)
		return false;
	for (size_t i = 0; i < name.length; i++) {
		char c = name.data[i];

		ret[i] = dotted && c == '.' ? '/' : dotted && c == '/' ? '.' : c;
	}
	*ret_path = (struct slice){ ret + 4, name.length - 4 };
	return memcmp(ret, "net/", 4) == 0;
}

/* ---- values ---- */

static size_t numbers_of(struct slice text, uint64_t *values, size_t max)
{
	struct slice words[SYSCTL_VALUES_MAX + 1];
	size_t count = line_words(text, words, max < ARRAY_SIZE(words) ? max : ARRAY_SIZE(words));

	for (size_t i = 0; i < count; i++) {
		if (parse_u64(words[i], &values[i]))
			return 0;
	}
	return count;
}

static void add_limit(struct block *block, struct slice path, uint64_t value)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		struct object_key key = { OBJECT_NEIGHBOUR_TABLE, 0, (uint64_t)tables[i].family, 0 };
		struct object *table;

		if (!slice_is(path, tables[i].path))
			continue;
		table = object_intern(block->objects, key, NULL);
		if (table)
			object_label(table, LABEL_NAME, tables[i].family == AF_INET ? "arp_cache" : "ndisc_cache");
		block_add(block, tables[i].counter, table, value);
	}
}

/* "ipv4/conf/eth0/rp_filter" */
static bool add_of_device(struct block *block, struct slice path, uint64_t value)
{
	static const char folder[] = "ipv4/conf/";
	struct cursor cursor;
	struct slice device;
	counter_id counter;

	if (!slice_starts(path, folder))
		return false;
	cursor = cursor_of(path.data + strlen(folder), path.length - strlen(folder));
	if (!cursor_until(&cursor, '/', &device) || slice_is(device, "all") || slice_is(device, "default"))
		return false;
	counter = sysctl_of_device(cursor.rest);
	if (counter == COUNTER_NONE)
		return false;
	block_add(block, counter, block_link(block, device), value);
	return true;
}

/* Settings are counted, to tell `sysctl -a` from single ones. */
static void add_setting(struct block *block, struct slice path, struct slice text)
{
	uint64_t values[SYSCTL_VALUES_MAX + 1];
	size_t count = numbers_of(text, values, ARRAY_SIZE(values));
	const struct sysctl_setting *setting;

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++) {
		if (slice_is(path, aliases[i].path))
			path = slice_of(aliases[i].now);
	}
	setting = sysctl_setting(path);
	if (!count)
		return;
	add_limit(block, path, values[0]);
	if (slice_is(path, "netfilter/nf_conntrack_count")) {
		block_add(block, C_CONNTRACK_COUNT, block->netns, values[0]);
	} else if (setting && setting->count == count) {
		for (size_t i = 0; i < count; i++)
			block_add(block, setting->counters[i], setting->whole_host ? block_host(block) : block->netns,
				  values[i]);
		block->number++;
	} else if (add_of_device(block, path, values[0])) {
		block->number++;
	}
}

static void take_setting(struct block *block, struct slice name, struct slice text)
{
	char bytes[PATH_MAX_BYTES];
	struct slice path;

	if (path_of(name, bytes, &path))
		add_setting(block, path, text);
}

/* ---- lines ---- */

/* "NAME = VALUE", "NAME=VALUE", "NAME: NUMBER", "FILE:VALUE". */
static bool pair_of(struct slice line, struct slice *ret_name, struct slice *ret_value)
{
	uint64_t number;

	line = slice_trim(line);
	for (size_t i = 0; i < line.length; i++) {
		if (line.data[i] != '=' && line.data[i] != ':')
			continue;
		*ret_name = slice_trim((struct slice){ line.data, i });
		*ret_value = slice_trim((struct slice){ line.data + i + 1, line.length - i - 1 });
		return is_name(*ret_name) &&
		       (line.data[i] == '=' || slice_starts(*ret_name, FILES) || leading_number(*ret_value, &number));
	}
	return false;
}

static bool sysctl_begins(struct slice line)
{
	struct slice name, value;

	return pair_of(line, &name, &value) && value.length;
}

static bool sysctl_made_by(const struct ticket_command *command)
{
	static const char *const programs[] = { "cat", "head", "tail", "grep" };

	if (command_runs(command, "sysctl"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		if (!command_runs(command, programs[i]))
			continue;
		for (size_t w = 1; w < command->count; w++) {
			if (slice_starts(command->words[w], FILES))
				return true;
		}
	}
	return false;
}

/* The setting that the command names for the next lone value; false when there is no further one. */
static bool next_of_command(struct block *block, struct slice *ret)
{
	while (block->columns + 1 < block->command->count) {
		*ret = block->command->words[++block->columns];
		if (is_name(*ret))
			return true;
	}
	return false;
}

/* "sysctl: permission denied on key ...", "cat: /proc/sys/...: No such file": its value is not there. */
static bool is_complaint(struct block *block, struct slice line)
{
	struct slice name;

	if (!slice_starts(line, "sysctl: ") && !slice_starts(line, "cat: ") && !slice_starts(line, "head: "))
		return false;
	if (!slice_starts(line, "sysctl: ") || command_has(block->command, "-n"))
		(void)next_of_command(block, &name);
	return true;
}

static bool sysctl_take(struct block *block, struct slice line)
{
	struct slice name, value = slice_trim(line);

	if (!value.length || is_complaint(block, value))
		return true;
	if (!pair_of(line, &name, &value) && !(sysctl_made_by(block->command) && next_of_command(block, &name)))
		return false;
	take_setting(block, name, value);
	return true;
}

static void sysctl_end(struct block *block)
{
	if (block->number >= ALL_FROM)
		snapshot_covered(&block->snapshot, SOURCE_SYSCTL, block->netns);
	else if (block->number)
		snapshot_covered_partly(&block->snapshot, SOURCE_SYSCTL, block->netns,
					"only some settings are in the ticket; `sysctl -a` tells the others");
}

const struct ticket_format ticket_formats_sysctl[] = {
	{ "sysctl", .made_by = sysctl_made_by, .begins = sysctl_begins, .take = sysctl_take, .end = sysctl_end,
	  .every_line = true },
	{ 0 },
};
