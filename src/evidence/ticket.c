/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ticket is cut into blocks at prompts and at first lines that only one kind of output has. Blocks are read once all are
 * known, those that tell what devices are before those that count, so that the order in which somebody pasted them means nothing
 * but before and after.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <string.h>

#define NETNS_HOME 1 /* inodes: made up, for a ticket tells none */

struct line {
	struct slice text; /* cleaned */
	size_t number;	   /* in its part, from 1 */
	bool command;
};

/* An output that has been cut out and not been read yet. */
struct held {
	const struct ticket_format *format; /* NULL: nobody knows */
	struct ticket_command command;
	const char *part;
	unsigned int phase;
	size_t number; /* its place in the ticket */
	uint64_t seconds;
	bool elsewhere; /* of another host than the first */
	VEC(struct line) lines;
};

struct ticket_reader {
	struct ticket ticket;
	struct object *home;
	VEC(char *) texts; /* what the lines lie in */
	VEC(struct held) held;
	struct readings readings;
	struct slice host; /* of the first prompt */
	bool elsewhere;	   /* behind a prompt of another host */
	uint64_t seconds;
};

#define TEXTS_MAX 20000
#define LINES_MAX 4000000

struct ticket_reader *ticket_begin(void)
{
	struct ticket_reader *reader = NEW(struct ticket_reader);

	reader->ticket.objects = objects_new();
	objects_set_home(reader->ticket.objects, NETNS_HOME);
	reader->home =
		object_intern(reader->ticket.objects, (struct object_key){ OBJECT_NETNS, NETNS_HOME, 0, 0 }, NULL);
	return reader;
}

/* ---- cutting ---- */

static struct held *hold(struct ticket_reader *reader, const struct ticket_format *format,
			 const struct ticket_command *command, const char *part, unsigned int phase)
{
	struct held *held = vec_add(&reader->held, TICKET_OUTPUTS_MAX);

	if (held) {
		held->format = format;
		held->command = *command;
		held->part = part;
		held->phase = phase;
		held->number = reader->held.count;
		held->seconds = reader->seconds;
		held->elsewhere = reader->elsewhere;
	}
	return held;
}

/* Outputs of a second host would be taken for this one's second reading. */
static void take_host(struct ticket_reader *reader, struct slice host)
{
	if (!host.length)
		return;
	if (!reader->host.length) {
		reader->host = host;
		reader->ticket.hostname = mem_strndup(host.data, host.length);
	}
	reader->elsewhere = !slice_same(reader->host, host);
	reader->ticket.mixed_hosts |= reader->elsewhere;
}

static void add_line(struct held *held, struct slice text, size_t number, bool command)
{
	struct line *line = held ? vec_add(&held->lines, LINES_MAX) : NULL;

	if (line)
		*line = (struct line){ text, number, command };
}

/* Whether nearly every line begins with its own number, as `cat -n` and pagers print it. */
static bool is_numbered(struct slice text)
{
	struct cursor cursor = cursor_of(text.data, text.length);
	size_t number = 0, lines = 0, fits = 0;
	struct slice line;

	while (cursor_line(&cursor, &line) && number < 1000) {
		uint64_t value;

		number++;
		line = slice_trim(line);
		if (!line.length)
			continue;
		lines++;
		fits += leading_number(line, &value) && value == number;
	}
	return lines >= 3 && fits * 10 >= lines * 9;
}

static struct slice without_one_of(struct slice line, const char *marks)
{
	if (line.length && strchr(marks, line.data[0])) {
		line.data++;
		line.length--;
	}
	return line;
}

static struct slice without_number(struct slice line)
{
	line = slice_trim(line);
	while (line.length && line.data[0] >= '0' && line.data[0] <= '9') {
		line.data++;
		line.length--;
	}
	line = without_one_of(line, ":|)");
	return without_one_of(line, " \t");
}

/* Fences of Markdown, "...", "--" of grep: no output of anything. */
static bool is_decoration(struct slice line)
{
	line = slice_trim(line);
	return slice_starts(line, "```") || slice_is(line, "...") || slice_is(line, "--") || slice_is(line, "[...]") ||
	       slice_is(line, "…");
}

static size_t has_command(const struct held *held)
{
	return held->lines.count && held->lines.data[0].command;
}

/* A moment was told: what follows is later than what was read so far. */
static struct held *hold_on(struct ticket_reader *reader, struct held *held)
{
	struct ticket_command command;

	if (!held)
		return NULL;
	if (held->lines.count > has_command(held)) {
		command = held->command;
		return hold(reader, held->format, &command, held->part, held->phase);
	}
	held->seconds = reader->seconds;
	return held;
}

/* Whether a line goes on with the output at hand, whatever else begins with such a line. */
static bool is_owned(const struct held *held, struct slice line)
{
	return held && held->format && held->format->owns && held->format->owns(line);
}

/* A first line begins an output, unless it is the first of the one whose command stands before it. */
static bool begins_anew(const struct held *held, const struct ticket_format *format)
{
	if (!held || !held->format || held->format != format)
		return true;
	return !format->every_line && held->lines.count > has_command(held);
}

static void cut(struct ticket_reader *reader, const char *part, unsigned int phase, struct ticket_command *command,
		struct slice text)
{
	struct held *held = command->count ? hold(reader, format_of_command(command), command, part, phase) : NULL;
	struct cursor cursor = cursor_of(text.data, text.length);
	bool numbered = is_numbered(text);
	struct slice line;

	for (size_t number = 1; cursor_line(&cursor, &line); number++) {
		const struct ticket_format *format;
		struct ticket_command found;

		reader->ticket.lines++;
		if (numbered)
			line = without_number(line);
		if (is_decoration(line))
			continue;
		if (line_time(line, &reader->seconds)) {
			held = hold_on(reader, held);
			continue;
		}
		if (line_command(line, &found)) {
			*command = found;
			take_host(reader, command->host);
			held = hold(reader, format_of_command(command), command, part, phase);
			add_line(held, line, number, true);
			continue;
		}
		format = is_owned(held, line) ? NULL : format_of_line(line);
		if (format && begins_anew(held, format))
			held = hold(reader, format, command, part, phase);
		if (!held)
			held = hold(reader, NULL, command, part, phase);
		add_line(held, line, number, false);
	}
}

void ticket_add(struct ticket_reader *reader, const char *part, const char *command, unsigned int phase,
		struct slice text)
{
	CLEANUP_TEXT struct text clean = { .max = TICKET_BYTES_MAX };
	struct cursor cursor = cursor_of(text.data, text.length);
	struct ticket_command made_by = { 0 };
	char **kept = vec_add(&reader->texts, TEXTS_MAX);
	char **named = kept ? vec_add(&reader->texts, TEXTS_MAX) : NULL;
	struct slice line;
	size_t length;

	if (!named)
		return;
	while (cursor_line(&cursor, &line)) {
		line_clean(line, &clean);
		text_add_bytes(&clean, "\n", 1);
	}
	length = clean.length;
	named[-1] = text_take(&clean);
	named[0] = mem_strdup(command ? command : "");
	text = (struct slice){ named[-1], length };
	if (command)
		(void)line_command(slice_of(named[0]), &made_by);
	reader->elsewhere = false;
	cut(reader, text_intern(part), phase, &made_by, text);
}

/* ---- reading ---- */

static struct object *netns_of(struct ticket_reader *reader, struct slice name)
{
	CLEANUP_FREE char *text = mem_strndup(name.length ? name.data : "", name.length);
	struct object_key key = { OBJECT_NETNS, object_hash(text) % UINT32_MAX | 2, 0, 0 };
	struct object *object;

	if (!name.length)
		return reader->home;
	object = object_intern(reader->ticket.objects, key, NULL);
	if (!object)
		return reader->home;
	object_label(object, LABEL_NAME, text);
	return object;
}

static struct reading *new_reading(struct readings *readings, const struct ticket_format *format,
				   const struct held *held, struct objects *objects)
{
	struct reading *reading = vec_add(&readings->list, READINGS_MAX);
	CLEANUP_FREE char *command = mem_strndup(held->command.count ? held->command.whole.data : "",
						 held->command.count ? held->command.whole.length : 0);

	if (!reading)
		return NULL;
	*reading = (struct reading){
		.format = format,
		.phase = held->phase,
		.number = held->number,
		.seconds = held->seconds,
		.filtered = held->command.filtered,
		.command = *command ? object_hash(command) : 0,
	};
	snapshot_begin(&reading->snapshot, objects);
	return reading;
}

/* What a block found so far goes to the list of readings; it is empty then. */
void block_again(struct block *block)
{
	struct reading *reading;

	if (!block->snapshot.samples.count && !block->snapshot.coverage.count)
		return;
	reading = new_reading(block->readings, block->format, block->held, block->objects);
	if (reading && !block->fault) {
		struct snapshot empty = reading->snapshot;

		reading->snapshot = block->snapshot;
		block->snapshot = empty;
		reading->netns = block->netns;
		reading->rates = block->rates;
		reading->old_rules = block->old_rules;
		reading->took_seconds = block->took_seconds;
	}
	snapshot_begin(&block->snapshot, block->objects);
	vec_free(&block->seen);
}

/*
 * Feeds the block the lines from `from` on; gives how many it was given. Where one command after another was called in one
 * line, what the first one's output does not end with is the last one's.
 */
static size_t take_lines(struct ticket_reader *reader, const struct held *held, struct block *block, size_t from,
			 size_t *ret_understood)
{
	const struct ticket_format *next = format_of_command(&held->command);

	for (size_t i = from; i < held->lines.count; i++) {
		const struct line *line = &held->lines.data[i];
		bool blank = !slice_trim(line->text).length;

		if (line->command)
			continue;
		if (!strange_is_shell(line->text) && block->format->take(block, line->text))
			*ret_understood += !blank;
		else if (next && next != block->format)
			return i;
		else if (!blank)
			strange_add(&reader->ticket, &held->command, held->part, line->number, line->text,
				    strange_line_reason(line->text));
	}
	return held->lines.count;
}

/* Whether the command printed nothing, as far as what stands behind it shows. */
static bool said_nothing(const struct ticket_reader *reader, const struct held *held)
{
	const struct held *next = held->number < reader->held.count ? &reader->held.data[held->number] : NULL;
	const struct line *line;

	if (!next || next->part != held->part || !has_command(held) || held->command.filtered)
		return false;
	vec_each(&held->lines, line) {
		if (!line->command && slice_trim(line->text).length)
			return false;
	}
	return true;
}

/* Reads an output from a line on, in that format; gives where it ends. */
static size_t read_output(struct ticket_reader *reader, const struct held *held, const struct ticket_format *format,
			  size_t from)
{
	struct block block = {
		.format = format,
		.command = &held->command,
		.objects = reader->ticket.objects,
		.netns = netns_of(reader, held->command.netns),
		.ticket = &reader->ticket,
		.readings = &reader->readings,
		.held = held,
		.nothing = said_nothing(reader, held),
	};
	struct ticket_output *output;
	size_t understood = 0, listed = reader->ticket.strange.count, end;

	snapshot_begin(&block.snapshot, block.objects);
	end = take_lines(reader, held, &block, from, &understood);
	if (format->end)
		format->end(&block);
	block_again(&block);
	if (block.foreign)
		strange_foreign(&reader->ticket, listed);
	snapshot_free(&block.snapshot);
	text_free(&block.text);
	reader->ticket.understood += understood;
	output = (understood && !format->aside) || block.fault ? vec_add(&reader->ticket.outputs, TICKET_OUTPUTS_MAX)
							       : NULL;
	if (output)
		*output = (struct ticket_output){
			format->name, held->part,  from < held->lines.count ? held->lines.data[from].number : 0,
			understood,   block.fault, format->unrelated
		};
	return end;
}

static void read_block(struct ticket_reader *reader, const struct held *held)
{
	size_t end = read_output(reader, held, held->format, 0);

	if (end < held->lines.count)
		(void)read_output(reader, held, format_of_command(&held->command), end);
}

/* All lines of an output, with what stands between them. */
static struct slice text_of(const struct held *held)
{
	const struct line *lines = held->lines.data;
	size_t first = has_command(held), count = held->lines.count;

	if (first >= count)
		return (struct slice){ "", 0 };
	return (struct slice){ lines[first].text.data, (size_t)(lines[count - 1].text.data - lines[first].text.data) +
							       lines[count - 1].text.length };
}

static void read_unknown(struct ticket_reader *reader, const struct held *held)
{
	const char *why = held->elsewhere ? text_intern("of another host") : strange_reason(text_of(held));
	struct line *line;

	vec_each(&held->lines, line) {
		if (!line->command && slice_trim(line->text).length)
			strange_add(&reader->ticket, &held->command, held->part, line->number, line->text,
				    why ? why : strange_line_reason(line->text));
	}
}

static void read_all(struct ticket_reader *reader)
{
	struct held *held;

	for (unsigned int pass = 0; pass < 2; pass++) {
		vec_each(&reader->held, held) {
			if ((!held->format || held->elsewhere) && pass)
				read_unknown(reader, held);
			else if (held->format && !held->elsewhere && held->format->first == !pass)
				read_block(reader, held);
		}
	}
}

static int compare_lines(const void *left, const void *right)
{
	const struct ticket_line *a = left, *b = right;
	int parts = strcmp(a->part, b->part);

	return parts ? parts : a->number < b->number ? -1 : a->number > b->number;
}

void ticket_end(struct ticket_reader *reader, struct ticket *ret)
{
	struct reading *reading;
	struct held *held;
	char **text;

	read_all(reader);
	ticket_relate_qdiscs(reader->ticket.objects);
	vec_sort(&reader->ticket.strange, compare_lines);
	readings_to_series(&reader->readings, &reader->ticket);
	vec_each(&reader->readings.list, reading)
		snapshot_free(&reading->snapshot);
	vec_free(&reader->readings.list);
	vec_each(&reader->held, held)
		vec_free(&held->lines);
	vec_free(&reader->held);
	vec_each(&reader->texts, text)
		free(*text);
	vec_free(&reader->texts);
	*ret = reader->ticket;
	free(reader);
}

void ticket_free(struct ticket *ticket)
{
	struct ticket_line *line;

	vec_each(&ticket->strange, line)
		free(line->text);
	vec_free(&ticket->strange);
	vec_free(&ticket->outputs);
	series_free(ticket->series);
	objects_free(ticket->objects);
	free(ticket->hostname);
	free(ticket->kernel);
	*ticket = (struct ticket){ 0 };
}

bool ticket_is_text(const char *bytes, size_t length)
{
	size_t control = 0, looked = length < 65536 ? length : 65536;

	for (size_t i = 0; i < looked; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (!c)
			return false;
		control += c < ' ' && !strchr("\t\n\r\b\f\033\a", c);
	}
	return control * 50 <= looked;
}
