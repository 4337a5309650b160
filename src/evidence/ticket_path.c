/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes of the path that somebody sent: mtr hop by hop, in its report, its curses screen, JSON and CSV; ping and iperf have
 * files of their own. Columns go by their names.
 */
#include "evidence/ticket_decimal.h"
#include "evidence/ticket_probe.h"

#include "base/alloc.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

/* ---- what all of them tell ---- */

struct object *probe_object(struct block *block, const char *called, struct slice address)
{
	struct object_key key = { OBJECT_ADDRESS, block->netns->key.netns, block->readings->list.count,
				  object_hash(called) };
	struct object *object = object_intern(block->objects, key, NULL);
	CLEANUP_FREE char *text = mem_strndup(address.length ? address.data : "", address.length);

	if (!object)
		return NULL;
	object_label(object, LABEL_NAME, called);
	object_label(object, LABEL_ADDRESS, address.length ? text : NULL);
	return object;
}

struct slice probe_destination(const struct ticket_command *command)
{
	for (size_t i = command->count; i > 1; i--) {
		struct slice word = command->words[i - 1];
		uint64_t number;

		/* The number before it is an option's. */
		if (word.data[0] != '-' && !decimal_parse(word, &number))
			return word;
	}
	return SLICE("");
}

void probe_tell(struct block *block, const struct object *object, const struct probe_count *count)
{
	uint64_t answered = count->answered < count->sent ? count->answered : count->sent;
	uint64_t refused = count->refused < count->sent - answered ? count->refused : count->sent - answered;

	block->rates = true;
	block_add(block, C_PROBE_SENT, object, count->sent);
	block_add(block, C_PROBE_ANSWERED, object, answered);
	block_add(block, C_PROBE_LOST, object, count->sent - answered - refused);
	if (refused)
		block_add(block, C_PROBE_REFUSED, object, refused);
	block_covers(block, SOURCE_PROBE, block->netns);
}

/* ---- mtr ---- */

/* The columns that count, by their places among the columns (from 1; 0: not there): in block->numbers. */
enum { LOSS, DROP, RECEIVED, SENT, HOP, ADDRESS };

static const struct {
	const char *name;
	int place; /* in block->numbers; -1: told, and not needed */
} columns[] = {
	{ "Loss%", LOSS }, { "Drop", DROP }, { "Rcv", RECEIVED }, { "Snt", SENT },   { "Last", -1 }, { "Best", -1 },
	{ "Avg", -1 },	   { "Wrst", -1 },   { "StDev", -1 },	  { "Gmean", -1 },   { "Jttr", -1 }, { "Javg", -1 },
	{ "Jmax", -1 },	   { "Jint", -1 },   { "Hop", HOP },	  { "Ip", ADDRESS },
};

static int column_find(struct slice word)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (slice_is(word, columns[i].name))
			return (int)i;
	}
	return -1;
}

static bool mtr_made_by(const struct ticket_command *command)
{
	return command_runs(command, "mtr");
}

static bool is_csv_header(struct slice line)
{
	return slice_starts(line, "Mtr_Version,");
}

/* "HOST: Sonne  Loss%   Snt …", " Host   Loss%   Snt …" */
static bool is_header(struct slice line)
{
	return line_has(line, " Snt ") && (line_has(line, " Loss% ") || line_has(line, " Drop ")) &&
	       (line_has(line, "Host") || line_has(line, "HOST"));
}

static bool mtr_begins(struct slice line)
{
	return is_header(line) || is_csv_header(line) || line_has(line, "My traceroute  [v") ||
	       (slice_starts(line, "Start: ") && line.length > 7 && isdigit((unsigned char)line.data[7]));
}

/* A hop's count from its cells, one for each column; false when they are no numbers. */
static bool count_of(const struct block *block, const struct slice *cells, struct probe_count *ret)
{
	const uint64_t *places = block->numbers;
	uint64_t percent, lost;

	if (!places[SENT] || parse_u64(cells[places[SENT] - 1], &ret->sent))
		return false;
	if (places[DROP])
		return !parse_u64(cells[places[DROP] - 1], &lost) && lost <= ret->sent &&
		       (ret->answered = ret->sent - lost, true);
	if (places[LOSS]) {
		if (!decimal_parse(cells[places[LOSS] - 1], &percent) || percent > UINT64_C(100000000))
			return false;
		ret->answered = ret->sent - decimal_share(percent, ret->sent);
		return true;
	}
	return places[RECEIVED] && !parse_u64(cells[places[RECEIVED] - 1], &ret->answered);
}

static void new_trace(struct block *block)
{
	block_again(block);
	memset(block->numbers, 0, sizeof(block->numbers));
	block->columns = 0;
	block->object = NULL;
}

/* The trace that hops belong to: their parent. */
static struct object *trace_of(struct block *block)
{
	struct slice to = mtr_made_by(block->command) ? probe_destination(block->command) : SLICE("");
	CLEANUP_FREE char *called = to.length ? text_format("mtr %.*s", (int)to.length, to.data) : mem_strdup("mtr");

	if (!block->object)
		block->object = probe_object(block, called, to);
	return block->object;
}

static void tell_hop(struct block *block, uint64_t hop, struct slice host, const struct probe_count *count)
{
	const struct object *trace = trace_of(block);
	CLEANUP_FREE char *called =
		text_format("%.*s (hop %llu)", (int)host.length, host.data, (unsigned long long)hop);
	struct object *object = probe_object(block, called, host);

	if (!trace || !object)
		return;
	object->parent = trace->id;
	block_add(block, C_PROBE_HOP, object, hop);
	probe_tell(block, object, count);
}

/* "AS1299 host.example (10.0.0.1)": what a hop is called. */
static struct slice host_of(const struct slice *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!(slice_starts(words[i], "AS") && i + 1 < count))
			return words[i];
	}
	return SLICE("???");
}

/* "  3.|--", " 3." */
static bool hop_number(struct slice word, uint64_t *ret)
{
	size_t digits = 0;

	while (digits < word.length && isdigit((unsigned char)word.data[digits]))
		digits++;
	return digits && digits < 4 && digits < word.length && word.data[digits] == '.' && leading_number(word, ret) &&
	       (digits + 1 == word.length || word.data[digits + 1] == '|');
}

static bool is_hop(struct slice line)
{
	struct slice word;
	uint64_t hop;

	return line_words(line, &word, 1) && hop_number(word, &hop);
}

static bool take_header(struct block *block, struct slice line)
{
	struct slice words[BLOCK_COLUMNS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words)), first = 0;

	new_trace(block);
	while (first < count && column_find(words[first]) < 0)
		first++;
	for (size_t i = first; i < count; i++) {
		int column = column_find(words[i]);

		if (column < 0)
			return false;
		if (columns[column].place >= 0)
			block->numbers[columns[column].place] = i - first + 1;
	}
	block->columns = count - first;
	return true;
}

/* A hop that nobody answered for on the screen has no numbers: "4. ???", "5. (waiting for reply)". */
static bool take_silent(struct block *block, uint64_t hop, const struct slice *words, size_t count)
{
	const struct probe_count none = { 0 };

	if (count < 2 || !(slice_is(words[1], "???") || slice_is(words[1], "(waiting")))
		return false;
	tell_hop(block, hop, SLICE("???"), &none);
	return true;
}

static bool take_row(struct block *block, struct slice line)
{
	struct slice words[BLOCK_COLUMNS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words)), hosts;
	struct probe_count counted = { 0 };
	uint64_t hop;

	if (!count)
		return true;
	/* Another router at the same distance, or labels of MPLS. */
	if (strchr("|`+", words[0].data[0]) || slice_starts(words[0], "[MPLS:") ||
	    (count == 1 && !hop_number(words[0], &hop)))
		return true;
	if (!hop_number(words[0], &hop))
		return false;
	if (count < block->columns + 2)
		return take_silent(block, hop, words, count);
	hosts = count - block->columns;
	if (!count_of(block, words + hosts, &counted))
		return false;
	tell_hop(block, hop, host_of(words + 1, hosts - 1), &counted);
	return true;
}

/* ---- CSV ---- */

enum { STATE_TABLE, STATE_CSV, STATE_JSON };

static size_t csv_cells(struct slice line, struct slice *cells, size_t max)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	size_t count = 0;

	while (count < max && cursor_until(&cursor, ',', &cells[count]))
		count++;
	if (count < max && cursor.rest.length)
		cells[count++] = cursor.rest;
	return count;
}

static bool take_csv(struct block *block, struct slice line)
{
	struct slice cells[BLOCK_COLUMNS_MAX] = { 0 };
	size_t count = csv_cells(line, cells, ARRAY_SIZE(cells));
	struct probe_count counted = { 0 };
	uint64_t hop;

	if (is_csv_header(line)) {
		new_trace(block);
		block->state = STATE_CSV;
		for (size_t i = 0; i < count; i++) {
			int column = column_find(cells[i]);

			if (column >= 0 && columns[column].place >= 0)
				block->numbers[columns[column].place] = i + 1;
		}
		block->columns = count;
		return block->numbers[HOP] && block->numbers[ADDRESS] && block->numbers[SENT];
	}
	if (!count)
		return true;
	if (count + 1 < block->columns || !block->numbers[HOP] || !block->numbers[ADDRESS] ||
	    parse_u64(cells[block->numbers[HOP] - 1], &hop) || !count_of(block, cells, &counted))
		return false;
	tell_hop(block, hop, cells[block->numbers[ADDRESS] - 1], &counted);
	return true;
}

/* ---- JSON ---- */

static void tell_json_hop(struct block *block, const json_t *hub)
{
	const json_t *hop = json_object_get(hub, "count"), *loss = json_object_get(hub, "Loss%");
	const json_t *sent = json_object_get(hub, "Snt");
	const char *host = json_string_value(json_object_get(hub, "host"));
	/* Up to 0.93 numbers are strings. */
	uint64_t number = json_is_integer(hop) ? (uint64_t)json_integer_value(hop) : 0;
	double percent = json_number_value(loss);
	struct probe_count count = { 0 };

	if (json_is_string(hop) && parse_u64(slice_of(json_string_value(hop)), &number))
		return;
	if (!host || !json_is_number(loss) || !json_is_integer(sent) || json_integer_value(sent) < 0 || percent < 0 ||
	    percent > 100 || !number || number > 255)
		return;
	count.sent = (uint64_t)json_integer_value(sent);
	count.answered = count.sent - decimal_share((uint64_t)(percent * 1e6 + 0.5), count.sent);
	tell_hop(block, number, slice_of(host), &count);
}

static void mtr_end(struct block *block)
{
	json_t *json, *hubs, *hub;
	size_t i;

	if (block->state != STATE_JSON)
		return;
	json = json_loadb(text_string(&block->text), block->text.length, 0, NULL);
	hubs = json_object_get(json_object_get(json, "report"), "hubs");
	if (!hubs)
		block->fault = "not the JSON that mtr writes, or not all of it";
	json_array_foreach(hubs, i, hub)
	{
		tell_json_hop(block, hub);
	}
	json_decref(json);
}

static bool mtr_take(struct block *block, struct slice line)
{
	if (block->state == STATE_JSON || (!block->columns && slice_is(slice_trim(line), "{"))) {
		block->state = STATE_JSON;
		return block_keep(block, line);
	}
	if (block->state == STATE_CSV || is_csv_header(line))
		return take_csv(block, line);
	if (is_header(line))
		return take_header(block, line);
	if (slice_starts(line, "Start: ") || line_has(line, "My traceroute"))
		block->columns = 0;
	return block->columns ? take_row(block, line) : !is_hop(line);
}

/* ---- the table ---- */

const struct ticket_format ticket_formats_path[] = {
	{ "mtr", .made_by = mtr_made_by, .begins = mtr_begins, .take = mtr_take, .end = mtr_end, .every_line = true },
	{ "ping", .made_by = ping_made_by, .begins = ping_begins, .take = ping_take, .end = ping_end,
	  .every_line = true },
	{ "iperf", .made_by = iperf_made_by, .begins = iperf_begins, .take = iperf_take, .end = iperf_end,
	  .every_line = true },
	{ 0 },
};
