/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that tell nothing: what a tool said where it could not tell, what is in another language, what nobody knows. */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"
#include "base/intern.h"
#include "model/driver.h"

#include <ctype.h>
#include <linux/ethtool.h>
#include <string.h>

#define IN_ANOTHER_LANGUAGE "in another language; run it with LC_ALL=C"

/* ---- what tools say ---- */

/* Words by which a tool is known, even where no command stands before them. */
static const struct {
	const char *words, *tool;
} sayings[] = {
	{ "Cannot get device ring settings", "ethtool -g" },
	{ "Cannot get device pause settings", "ethtool -a" },
	{ "Cannot get device coalesce settings", "ethtool -c" },
	{ "Cannot get device channel parameters", "ethtool -l" },
	{ "Cannot get device feature names", "ethtool -k" },
	{ "Cannot get device settings", "ethtool" },
	{ "Cannot get driver information", "ethtool -i" },
	{ "Cannot get stats strings information", "ethtool -S" },
	{ "Cannot get FEC settings", "ethtool --show-fec" },
	{ "Cannot get module EEPROM information", "ethtool -m" },
	{ "Cannot get RX ring count", "ethtool -x" },
	{ "Cannot get RX flow hash", "ethtool -x" },
	{ "RTNETLINK answers:", "the kernel" },
	{ "We have an error talking to the kernel", "tc" },
	{ "TC classifier not found", "tc" },
	{ "Cannot find device", "ip" },
	{ "netlink error:", "ethtool" },
};

/* Parts of what any tool says in place of an output. */
static const char *const complaints[] = {
	"Cannot get",
	"Cannot open",
	"Operation not supported",
	"Operation not permitted",
	"Permission denied",
	"No such device",
	"No such file",
	"command not found",
	"Device does not exist",
	"error parsing",
	"Device not found",
	"not found",
	"must be root",
	"Connection refused",
};

static const char *const beginnings[] = { "ERROR:", "Error:", "error:" };

static bool has_any(struct slice line, const char *const *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (line_has(line, parts[i]))
			return true;
	}
	return false;
}

static bool starts_with_any(struct slice line, const char *const *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_starts(line, parts[i]))
			return true;
	}
	return false;
}

static bool is_shell(struct slice word)
{
	static const char *const shells[] = { "bash", "-bash", "sh", "-sh", "ash", "-ash", "dash", "zsh", "sudo" };

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (slice_is(word, shells[i]))
			return true;
	}
	return false;
}

/* "cat: /proc/net/x: …", "bash: mtr: …", in any language: who says it; empty for other lines. */
static struct slice speaker(struct slice line)
{
	struct slice words[2], none = { "", 0 };

	if (line_words(line, words, ARRAY_SIZE(words)) < 2 || words[0].length < 2 ||
	    words[0].data[words[0].length - 1] != ':')
		return none;
	words[0].length--;
	return is_shell(words[0]) || is_known_program(words[0]) ? words[0] : none;
}

bool strange_is_shell(struct slice line)
{
	struct slice who = memchr(line.data, ':', line.length < 16 ? line.length : 16) ? speaker(line) : line;

	return who.length && who.length < line.length && is_shell(who);
}

/* "ethtool -g" of `ethtool -g eth0`: the program and the option that says which output. */
static const char *tool_of_command(const struct ticket_command *command)
{
	struct slice program = command->words[0], option = { "", 0 };

	if (!command->count)
		return "a tool";
	if (command->count > 1 && command->words[1].data[0] == '-' && command->words[1].length < 20)
		option = command->words[1];
	return text_internf("%.*s%s%.*s", (int)(program.length < 40 ? program.length : 40), program.data,
			    option.length ? " " : "", (int)option.length, option.data);
}

/* The tool whose complaint a line is; NULL for other lines. */
static const char *complainant(const struct ticket_command *command, struct slice line)
{
	struct slice who = speaker(line);

	for (size_t i = 0; i < ARRAY_SIZE(sayings); i++) {
		if (line_has(line, sayings[i].words))
			return sayings[i].tool;
	}
	if (who.length)
		return is_shell(who) ? "the shell" : text_internf("%.*s", (int)who.length, who.data);
	if (has_any(line, complaints, ARRAY_SIZE(complaints)) ||
	    starts_with_any(line, beginnings, ARRAY_SIZE(beginnings)))
		return tool_of_command(command);
	return NULL;
}

/* ---- the list ---- */

#define LOOKED_BACK 64

/* The one before to which the same applies. */
static struct ticket_line *alike(struct ticket *ticket, const char *said, const char *why, struct slice text)
{
	size_t count = ticket->strange.count, from = count > LOOKED_BACK ? count - LOOKED_BACK : 0;

	if (!said && (!why || !count))
		return NULL;
	if (!said)
		return ticket->strange.data[count - 1].why == why ? &ticket->strange.data[count - 1] : NULL;
	for (size_t i = from; i < count; i++) {
		if (ticket->strange.data[i].said == said && slice_is(text, ticket->strange.data[i].text))
			return &ticket->strange.data[i];
	}
	return NULL;
}

void strange_add(struct ticket *ticket, const struct ticket_command *command, const char *part, size_t number,
		 struct slice text, const char *why)
{
	const char *said = why ? NULL : complainant(command, text);
	struct ticket_line *line = alike(ticket, said, why, text);

	ticket->not_understood++;
	if (line) {
		line->lines++;
		return;
	}
	line = vec_add(&ticket->strange, TICKET_LINES_MAX);
	if (line)
		*line = (struct ticket_line){ part, number, 1, mem_strndup(text.data, text.length), why, said };
}

void strange_foreign(struct ticket *ticket, size_t from)
{
	size_t kept = from;
	struct ticket_line *first = NULL;

	for (size_t i = from; i < ticket->strange.count; i++) {
		struct ticket_line *line = &ticket->strange.data[i];

		if (first && !line->said && !line->why) {
			first->lines += line->lines;
			free(line->text);
			continue;
		}
		ticket->strange.data[kept] = *line;
		line = &ticket->strange.data[kept++];
		if (!line->said && !line->why) {
			line->why = IN_ANOTHER_LANGUAGE;
			first = line;
		}
	}
	if (from < ticket->strange.count)
		ticket->strange.count = kept;
}

/* ---- what no format knows ---- */

#define LINES_LOOKED_AT 200

/* "00015c73 00020e76 f0000769 00000000" */
static bool is_cut_softnet(struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word;
	size_t count = 0;
	uint64_t value;

	while (cursor_word(&cursor, &word)) {
		if (word.length != 8 || parse_hex(word, &value))
			return false;
		count++;
	}
	return count >= 3 && count < 9;
}

/* Whether some driver calls a counter that. */
static bool is_counter_name(struct slice word)
{
	char name[ETH_GSTRING_LEN + 1] = "";
	const struct driver_counter *row;

	if (word.length > ETH_GSTRING_LEN || !memchr(word.data, '_', word.length))
		return false;
	memcpy(name, word.data, word.length);
	for (size_t i = 0; (row = driver_counter_at(i)); i++) {
		if (driver_counter_matches(row, name))
			return true;
	}
	return false;
}

#define NAMES_TELLING 5

/* What `ethtool -S` prints, without the values: names alone in their lines, of which drivers use many. */
static bool is_names_only(struct slice text)
{
	struct cursor cursor = cursor_of(text.data, text.length);
	struct slice line, words[2];
	size_t alone = 0, known = 0, lines = 0;

	while (cursor_line(&cursor, &line) && alone < LINES_LOOKED_AT) {
		size_t count = line_words(line, words, ARRAY_SIZE(words));

		lines += count > 0;
		alone += count == 1;
		known += count == 1 && is_counter_name(words[0]);
	}
	return known >= NAMES_TELLING && known * 3 >= alone && alone * 4 >= lines * 3;
}

/* Hardly a line but begins as those of JSON do, and names are in it. */
static bool is_json(struct slice text)
{
	struct cursor cursor = cursor_of(text.data, text.length);
	struct slice line;
	size_t lines = 0, fits = 0;

	while (cursor_line(&cursor, &line) && lines < LINES_LOOKED_AT) {
		line = slice_trim(line);
		lines += line.length > 0;
		fits += line.length && strchr("[]{}\"", line.data[0]);
	}
	return fits * 4 >= lines * 3 && line_has(text, "\":");
}

static const char *reason_of_json(void)
{
	return text_intern("JSON of no tool that is known; paste what the tool prints by itself");
}

const char *strange_reason(struct slice text)
{
	if (is_json(text))
		return reason_of_json();
	if (is_names_only(text))
		return text_intern("names of counters without their values; ethtool -S DEVICE prints both");
	return NULL;
}

const char *strange_line_reason(struct slice line)
{
	if (is_cut_softnet(line))
		return text_intern("fewer columns than softnet_stat has with any kernel (9): it was cut off");
	line = slice_trim(line);
	return slice_starts(line, "[{\"") || slice_starts(line, "{\"") ? reason_of_json() : NULL;
}
