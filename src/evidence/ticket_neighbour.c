/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Neighbours as ip, arp and /proc/net/arp list them, and the statistics of their tables: /proc/net/stat/arp_cache and
 * ndisc_cache, `ip -s ntable`. Only neighbours that do not resolve are named, as on a live host. arp says "incomplete"
 * of those, too, that were given up: the word is kept where ip tells nothing of them.
 */
#include "evidence/ticket_parts.h"

#include "source/neighbour.h"
#include "source/procfs.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>
#include <sys/socket.h>

/* ---- entries ---- */

static const struct {
	const char *name;
	unsigned int state;
} states[] = {
	{ "INCOMPLETE", NUD_INCOMPLETE }, { "REACHABLE", NUD_REACHABLE }, { "STALE", NUD_STALE },
	{ "DELAY", NUD_DELAY },		  { "PROBE", NUD_PROBE },	  { "FAILED", NUD_FAILED },
	{ "NOARP", NUD_NOARP },		  { "PERMANENT", NUD_PERMANENT }, { "NONE", NUD_NONE },
};

static bool is_address(struct slice word)
{
	bool dots = word.length && isdigit((unsigned char)word.data[0]), colons = false;

	for (size_t i = 0; i < word.length; i++) {
		if (word.data[i] == ':')
			colons = true;
		else if (!isxdigit((unsigned char)word.data[i]) && word.data[i] != '.')
			return false;
		dots = dots && word.data[i] != ':';
	}
	return word.length >= 2 && word.length < 46 && (colons || (dots && memchr(word.data, '.', word.length)));
}

/* One that does not resolve. */
static void add_entry(struct block *block, struct slice address, struct slice device, bool failed)
{
	struct object *link = device.length ? block_link(block, device) : block_link_of_command(block);
	CLEANUP_FREE char *text = mem_strndup(address.data, address.length);
	struct object_key key = { OBJECT_NEIGHBOUR, block->netns->key.netns, link ? link->key.a : 0,
				  object_hash(text) };
	struct object *entry = block->columns < NEIGHBOURS_NAMED ? object_intern(block->objects, key, NULL) : NULL;

	if (entry) {
		entry->netns = block->netns->id;
		entry->link = link ? link->id : 0;
		object_label(entry, LABEL_NAME, text);
		object_label(entry, LABEL_ADDRESS, text);
		/* arp, which cannot tell, takes nothing back. */
		if (failed || !block->format->sums || !*object_text(entry, LABEL_KIND))
			object_label(entry, LABEL_KIND, failed ? "FAILED" : "INCOMPLETE");
		block_add(block, C_NEIGH_STATE, entry, failed ? NUD_FAILED : NUD_INCOMPLETE);
		block->columns++;
	}
	block_sum(block, C_NEIGH_FAILED, block->netns, failed);
	block_sum(block, C_NEIGH_INCOMPLETE, block->netns, !failed);
}

/* Any entry: from then on it is known how many do not resolve. */
static void count_entry(struct block *block)
{
	block_sum(block, C_NEIGH_FAILED, block->netns, 0);
	block_sum(block, C_NEIGH_INCOMPLETE, block->netns, 0);
	block_covers(block, SOURCE_NEIGHBOUR, block->netns);
}

/* ---- ip neigh ---- */

/* Its state, which stands at the end but for who made the entry. */
static bool state_of(const struct slice *words, size_t count, unsigned int *ret)
{
	for (size_t w = count; w > 1; w--) {
		for (size_t s = 0; s < ARRAY_SIZE(states); s++) {
			if (!slice_is(words[w - 1], states[s].name))
				continue;
			*ret = states[s].state;
			return true;
		}
	}
	return false;
}

static bool neigh_made_by(const struct ticket_command *command)
{
	static const char *const objects[] = { "neigh", "neighbour", "neighbor", "n", "nei" };

	for (size_t i = 0; command_runs(command, "ip") && i < ARRAY_SIZE(objects); i++) {
		if (command_has(command, objects[i]))
			return true;
	}
	return false;
}

static bool neigh_begins(struct slice line)
{
	struct slice words[24];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	unsigned int state;

	return count >= 2 && is_address(words[0]) && state_of(words, count, &state) &&
	       (count == 2 || slice_is(words[1], "dev") || slice_is(words[1], "lladdr") || slice_is(words[1], "used"));
}

static bool neigh_take(struct block *block, struct slice line)
{
	struct slice words[24], device = SLICE("");
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	unsigned int state;

	if (!count)
		return true;
	if (!is_address(words[0]))
		return false;
	if (!state_of(words, count, &state))
		return count > 1 && slice_is(words[1], "dev"); /* one that is answered for: "proxy" */
	if (count > 2 && slice_is(words[1], "dev"))
		device = words[2];
	if (state & (NUD_FAILED | NUD_INCOMPLETE))
		add_entry(block, words[0], device, state & NUD_FAILED);
	count_entry(block);
	return true;
}

/* ---- arp, /proc/net/arp ---- */

static bool arp_made_by(const struct ticket_command *command)
{
	static const char file[] = "/net/arp";

	for (size_t i = 1; i < command->count; i++) {
		struct slice word = command->words[i];

		if (word.length >= strlen(file) &&
		    memcmp(word.data + word.length - strlen(file), file, strlen(file)) == 0)
			return true;
	}
	return command_runs(command, "arp");
}

/* "? (10.9.0.77) at <incomplete> on va": the address between brackets. */
static bool bracketed(struct slice word, struct slice *ret)
{
	if (word.length < 3 || word.data[0] != '(' || word.data[word.length - 1] != ')')
		return false;
	*ret = (struct slice){ word.data + 1, word.length - 2 };
	return is_address(*ret);
}

/* "02:fc:00:00:00:05" */
static bool is_hardware_address(struct slice word)
{
	for (size_t i = 0; i < word.length; i++) {
		if (i % 3 == 2 ? word.data[i] != ':' : !isxdigit((unsigned char)word.data[i]))
			return false;
	}
	return word.length == 17;
}

/* "(incomplete)", "<incomplete>", in any language. */
static bool is_between(struct slice word, char open, char close)
{
	return word.length > 2 && word.data[0] == open && word.data[word.length - 1] == close;
}

static bool is_arp_header(struct slice line)
{
	return (slice_starts(line, "Address ") && line_has(line, "HWtype")) ||
	       (slice_starts(line, "IP address ") && line_has(line, "HW type"));
}

static bool arp_begins(struct slice line)
{
	struct slice words[6], address;

	if (is_arp_header(line))
		return true;
	return line_words(line, words, ARRAY_SIZE(words)) >= 5 && bracketed(words[1], &address) &&
	       (slice_is(words[2], "at") || is_hardware_address(words[3]));
}

/* The device is the last word in each of the three layouts; *ret_given_up: it has no hardware address. */
static bool arp_entry(const struct slice *words, size_t count, struct slice *ret_address, bool *ret_unresolved)
{
	if (count >= 5 && bracketed(words[1], ret_address)) {
		*ret_unresolved = is_between(words[3], '<', '>');
		return *ret_unresolved || slice_is(words[2], "at") || is_hardware_address(words[3]);
	}
	*ret_address = words[0];
	if (count == 3 && is_between(words[1], '(', ')') && is_address(words[0])) {
		*ret_unresolved = true;
		return true;
	}
	if (count == 6 && slice_starts(words[1], "0x")) {
		*ret_unresolved = slice_is(words[2], "0x0");
		return true;
	}
	*ret_unresolved = false;
	return count >= 5 && slice_is(words[1], "ether");
}

static bool arp_take(struct block *block, struct slice line)
{
	struct slice words[12], address;
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	bool unresolved;

	if (!count || is_arp_header(line) || slice_starts(line, "Entries:"))
		return true;
	/* The heading, in another language: nothing above it, and no number in it. */
	if (!arp_entry(words, count, &address, &unresolved))
		return !block->snapshot.samples.count && count > 3 && !line_has_digit(line);
	if (unresolved)
		add_entry(block, address, words[count - 1], false);
	count_entry(block);
	return true;
}

/* ---- /proc/net/stat/arp_cache, ndisc_cache ---- */

static const struct procfs_column statistics[] = {
	{ "entries", C_NEIGH_ENTRIES },
	{ "allocs", C_NEIGH_ALLOCS },
	{ "destroys", C_NEIGH_DESTROYS },
	{ "hash_grows", C_NEIGH_HASH_GROWS },
	{ "lookups", C_NEIGH_LOOKUPS },
	{ "hits", C_NEIGH_HITS },
	{ "res_failed", C_NEIGH_RES_FAILED },
	{ "periodic_gc_runs", C_NEIGH_PERIODIC_GC_RUNS },
	{ "forced_gc_runs", C_NEIGH_FORCED_GC_RUNS },
	{ "unresolved_discards", C_NEIGH_UNRESOLVED_DISCARDS },
	{ "table_fulls", C_NEIGH_TABLE_FULLS },
};

static struct object *table_object(const struct block *block, int family)
{
	struct object_key key = { OBJECT_NEIGHBOUR_TABLE, 0, (uint64_t)family, 0 };
	struct object *table = object_intern(block->objects, key, NULL);

	if (table)
		object_label(table, LABEL_NAME, family == AF_INET ? "arp_cache" : "ndisc_cache");
	return table;
}

static bool command_shows(const struct ticket_command *command, const char *file)
{
	for (size_t i = 1; i < command->count; i++) {
		if (line_has(command->words[i], file))
			return true;
	}
	return false;
}

static bool table_made_by(const struct ticket_command *command)
{
	return command_shows(command, "stat/arp_cache") || command_shows(command, "stat/ndisc_cache");
}

static bool is_table_header(struct slice line)
{
	struct slice words[4];

	return line_words(line, words, ARRAY_SIZE(words)) == 4 && slice_is(words[0], "entries") &&
	       slice_is(words[1], "allocs") && slice_is(words[2], "destroys");
}

/* The table that a file's name tells; 0 for other texts. */
static int family_of_name(struct slice text)
{
	return line_has(text, "stat/arp_cache") ? AF_INET : line_has(text, "stat/ndisc_cache") ? AF_INET6 : 0;
}

/* "==> /proc/net/stat/arp_cache <==" */
static bool is_table_title(struct slice line)
{
	return slice_starts(line, "==> ") && family_of_name(line);
}

static bool table_begins(struct slice line)
{
	return is_table_header(line) || is_table_title(line);
}

/* Of the files that the command names the one in that place, from 0; after the last of them they begin again. */
static int family_of_command(const struct ticket_command *command, uint64_t place)
{
	int families[COMMAND_WORDS_MAX];
	size_t count = 0;

	for (size_t i = 1; i < command->count; i++) {
		families[count] = family_of_name(command->words[i]);
		count += families[count] != 0;
	}
	return count ? families[place % count] : 0;
}

static bool is_covered(const struct block *block, const struct object *table)
{
	const struct coverage *coverage;

	vec_each(&block->snapshot.coverage, coverage) {
		if (coverage->object == table->id)
			return true;
	}
	return false;
}

/* A row for a CPU, which looks like one of softnet_stat. */
static bool is_hex_row(struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word;
	uint64_t value;

	while (cursor_word(&cursor, &word)) {
		if (parse_hex(word, &value))
			return false;
	}
	return true;
}

/* block->state is the family that a title told, block->number how many tables there were. The two files look alike. */
static void table_end(struct block *block)
{
	struct procfs_file file = { .path = "arp_cache",
				    .lines = cursor_of(text_string(&block->text), block->text.length) };
	int family = block->state ? (int)block->state : family_of_command(block->command, block->number);
	const struct object *table = family ? table_object(block, family) : NULL;

	if (!block->text.length)
		return;
	if (table && is_covered(block, table))
		block_again(block);
	if (!family)
		block->fault =
			"arp_cache and ndisc_cache look alike, and nothing tells which of them this is: paste it "
			"with its name above it";
	else if (table && procfs_add_columns(&file, &block->snapshot, table, statistics, ARRAY_SIZE(statistics)) == 0)
		block_covers(block, SOURCE_NEIGHBOUR, table);
	else
		block->fault = "a line was not understood";
	text_clear(&block->text);
	block->state = 0;
	block->number++;
}

static bool table_take(struct block *block, struct slice line)
{
	if (!slice_trim(line).length)
		return true;
	if (table_begins(line) && block->text.length)
		table_end(block);
	if (is_table_title(line)) {
		block->state = (unsigned int)family_of_name(line);
		return true;
	}
	return (is_table_header(line) || is_hex_row(line)) && block_keep(block, line);
}

/* ---- ip -s ntable ---- */

static const struct {
	const char *name;
	counter_id counter;
} limits[] = {
	{ "thresh1", C_NEIGH_GC_THRESH1 },
	{ "thresh2", C_NEIGH_GC_THRESH2 },
	{ "thresh3", C_NEIGH_GC_THRESH3 },
};

static bool ntable_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ip") && command_has(command, "ntable");
}

static bool ntable_begins(struct slice line)
{
	line = slice_trim(line);
	return slice_is(line, "inet arp_cache") || slice_is(line, "inet6 ndisc_cache");
}

static counter_id ntable_counter(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (slice_is(name, limits[i].name))
			return limits[i].counter;
	}
	for (size_t i = 0; i < ARRAY_SIZE(statistics); i++) {
		if (slice_is(name, statistics[i].name))
			return statistics[i].counter;
	}
	return COUNTER_NONE;
}

/* Pairs of a name and a number; a table's device comes with settings of its own, which nobody asks for. */
static bool ntable_take(struct block *block, struct slice line)
{
	struct slice words[16];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t value;

	if (ntable_begins(line))
		block->object = table_object(block, slice_starts(slice_trim(line), "inet6") ? AF_INET6 : AF_INET);
	if (count && slice_is(words[0], "dev"))
		block->object = NULL;
	for (size_t i = 0; block->object && i + 1 < count; i++) {
		if (!parse_u64(words[i + 1], &value))
			block_add(block, ntable_counter(words[i]), block->object, value);
	}
	if (block->object && count)
		block_covers(block, SOURCE_NEIGHBOUR, block->object);
	return true;
}

const struct ticket_format ticket_formats_neighbour[] = {
	{ "ip -s ntable", .made_by = ntable_made_by, .begins = ntable_begins, .take = ntable_take, .every_line = true },
	{ "ip neigh", .made_by = neigh_made_by, .begins = neigh_begins, .take = neigh_take, .every_line = true },
	{ "/proc/net/stat/arp_cache", .made_by = table_made_by, .begins = table_begins, .owns = is_hex_row,
	  .take = table_take, .end = table_end, .every_line = true },
	{ "arp", .made_by = arp_made_by, .begins = arp_begins, .take = arp_take, .every_line = true, .sums = true },
	{ 0 },
};
