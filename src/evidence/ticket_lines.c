/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of a ticket: what pasting did to them is taken off, and prompts with their commands are told from outputs. A prompt
 * is not believed for its looks alone: what follows it must be a program that an output can come from, or it must begin as
 * prompts do.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

#define ESCAPE '\033'

/* ---- cleaning ---- */

/* What follows an escape character belongs to it: "[0;31m", "]0;title\a", "(B". Gives how many bytes. */
static size_t escape_length(struct slice rest)
{
	size_t at = 1;

	if (rest.length < 2)
		return rest.length;
	if (rest.data[1] == '[') {
		for (at = 2; at < rest.length && (rest.data[at] < '@' || rest.data[at] > '~');)
			at++;
		return at < rest.length ? at + 1 : rest.length;
	}
	if (rest.data[1] == ']') {
		for (at = 2; at < rest.length && rest.data[at] != '\a' && rest.data[at] != ESCAPE;)
			at++;
		return at < rest.length ? at + 1 : rest.length;
	}
	return rest.data[1] == '(' && rest.length > 2 ? 3 : 2;
}

/* "> > text": what mail and issue trackers put before what they quote. */
static struct slice without_quoting(struct slice line)
{
	while (line.length && line.data[0] == '>' && (line.length == 1 || line.data[1] == ' ' || line.data[1] == '>')) {
		size_t skip = line.length > 1 && line.data[1] == ' ' ? 2 : 1;

		line.data += skip;
		line.length -= skip;
	}
	return line;
}

struct slice line_clean(struct slice line, struct text *into)
{
	size_t from = into->length;

	line = without_quoting(line);
	for (size_t i = 0; i < line.length;) {
		char c = line.data[i];

		if (c == ESCAPE) {
			i += escape_length((struct slice){ line.data + i, line.length - i });
			continue;
		}
		if (c == '\0' || c == '\r' || (c == '\b' && into->length > from))
			c = '\0';
		/* A blank that does not break lines, in UTF-8: web pages make tabs and columns of them. */
		if (c == '\xc2' && i + 1 < line.length && line.data[i + 1] == '\xa0') {
			c = ' ';
			i++;
		}
		if (c)
			text_add_bytes(into, &c, 1);
		i++;
	}
	return (struct slice){ into->data ? into->data + from : "", into->length - from };
}

/* ---- words ---- */

size_t line_words(struct slice line, struct slice *words, size_t max)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	size_t count = 0;

	while (count < max && cursor_word(&cursor, &words[count]))
		count++;
	return count;
}

bool leading_number(struct slice text, uint64_t *ret)
{
	size_t digits = 0;

	while (digits < text.length && isdigit((unsigned char)text.data[digits]))
		digits++;
	return digits && !parse_u64((struct slice){ text.data, digits }, ret);
}

static const char *find_in(struct slice line, const char *part)
{
	return line.length ? memmem(line.data, line.length, part, strlen(part)) : NULL;
}

bool line_has(struct slice line, const char *part)
{
	return find_in(line, part) != NULL;
}

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool number_behind(struct slice line, const char *word, uint64_t *ret)
{
	size_t length = strlen(word);
	struct slice rest = line;
	const char *found;

	while ((found = find_in(rest, word))) {
		const char *end = line.data + line.length, *at = found + length;
		bool whole = found == line.data || !is_word_byte(found[-1]) || !is_word_byte(*word);

		while (at < end && (*at == ' ' || *at == '\t' || *at == '=' || *at == ':'))
			at++;
		if (whole && leading_number((struct slice){ at, (size_t)(end - at) }, ret))
			return true;
		rest = (struct slice){ found + 1, (size_t)(end - found) - 1 };
	}
	return false;
}

/* ---- commands ---- */

static struct slice base_name(struct slice path)
{
	for (size_t i = path.length; i > 0; i--) {
		if (path.data[i - 1] == '/')
			return (struct slice){ path.data + i, path.length - i };
	}
	return path;
}

bool command_runs(const struct ticket_command *command, const char *program)
{
	return command->count && slice_is(base_name(command->words[0]), program);
}

/* "-S" is in "-S", "-Sv"; "-s" in "-antus"; "--statistics" is itself alone. */
static bool option_holds(struct slice word, const char *wanted)
{
	if (slice_is(word, wanted))
		return true;
	return wanted[0] == '-' && wanted[1] && !wanted[2] && word.length > 1 && word.data[0] == '-' &&
	       word.data[1] != '-' && memchr(word.data + 1, wanted[1], word.length - 1) != NULL;
}

bool command_has(const struct ticket_command *command, const char *word)
{
	for (size_t i = 1; i < command->count; i++) {
		if (option_holds(command->words[i], word))
			return true;
	}
	return false;
}

static bool is_device_name(struct slice word)
{
	if (!word.length || word.length > 15 || word.data[0] == '-')
		return false;
	for (size_t i = 0; i < word.length; i++) {
		if (!is_word_byte(word.data[i]) && !strchr("-.@:", word.data[i]))
			return false;
	}
	return true;
}

struct slice command_device(const struct ticket_command *command)
{
	for (size_t i = command->count; i > 1; i--) {
		if (is_device_name(command->words[i - 1]))
			return command->words[i - 1];
	}
	return (struct slice){ "", 0 };
}

/* Programs of which some output is known, and those that show a file. */
static bool is_known_program(struct slice word)
{
	static const char *const programs[] = {
		"ethtool",
		"nstat",
		"netstat",
		"ip",
		"tc",
		"ss",
		"cat",
		"conntrack",
		"sysctl",
		"mpstat",
		"ifconfig",
		"mtr",
		"ping",
		"ping6",
		"iperf3",
		"iperf",
		"nft",
		"iptables",
		"dmesg",
		"ip6tables",
		"sar",
		"ovs-dpctl",
		"uname",
		"date",
		"hostname",
		"uptime",
		"head",
		"tail",
		"grep",
		"egrep",
		"awk",
		"journalctl",
		"watch",
		"top",
		"lscpu",
		"lspci",
		"vmstat",
		"tcpdump",
		"bridge",
		"free",
		"arp",
		"route",
		"lsmod",
		"modinfo",
		"sed",
		"numactl",
		"tracepath",
		"traceroute",
		"perf",
		"bpftool",
		"tail",
		"zcat",
		"ovs-vsctl",
		"ovs-appctl",
		"systemctl",
		"ps",
		"ls",
		"echo",
		"sudo",
		"nsenter",
		"kubectl",
		"docker",
		"sleep",
		"ethtool_stats.pl",
		"time",
		"for",
		"while",
		"ssh",
		"crictl",
		"podman",
		"oc",
		"iptables-save",
		"ip6tables-save",
		"iptables-legacy-save",
		"iptables-nft-save",
		"xtables-monitor",
	};
	struct slice name = base_name(word);

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		if (slice_is(name, programs[i]))
			return true;
	}
	return false;
}

/* How many words at the beginning only run the rest, here or in another namespace, which goes to ret->netns. */
static size_t wrapper_words(const struct slice *words, size_t count, struct ticket_command *ret)
{
	struct slice name = base_name(words[0]);

	if (slice_is(name, "sudo") || slice_is(name, "time") || slice_is(name, "watch") || slice_is(name, "nice")) {
		size_t skip = 1;

		while (skip < count && words[skip].data[0] == '-')
			skip += words[skip].length == 2 && strchr("nuCp", words[skip].data[1]) ? 2 : 1;
		return skip;
	}
	if (slice_is(name, "env") || memchr(words[0].data, '=', words[0].length))
		return 1;
	if (count > 4 && slice_is(name, "ip") && slice_is(words[1], "netns") && slice_is(words[2], "exec")) {
		ret->netns = words[3];
		return 4;
	}
	if (count > 3 && slice_is(name, "ip") && slice_is(words[1], "-n"))
		ret->netns = words[2];
	if (slice_is(name, "nsenter") || slice_is(name, "kubectl") || slice_is(name, "docker") ||
	    slice_is(name, "crictl") || slice_is(name, "podman") || slice_is(name, "oc")) {
		for (size_t i = 1; i + 1 < count; i++) {
			if (is_known_program(words[i]) && !slice_is(words[i], "exec"))
				return ret->netns.length ? i : (ret->netns = words[i - 1], i);
			if (slice_is(words[i], "-t"))
				ret->netns = words[i + 1];
		}
	}
	return 0;
}

static bool command_parse_one(struct slice text, struct ticket_command *ret)
{
	struct slice words[COMMAND_WORDS_MAX];
	const char *pipe = memchr(text.data, '|', text.length);
	size_t count, skip;

	*ret = (struct ticket_command){ .whole = text };
	ret->filtered = pipe != NULL;
	if (pipe)
		text.length = (size_t)(pipe - text.data);
	count = line_words(text, words, ARRAY_SIZE(words));
	for (size_t from = 0; from < count; from += skip) {
		skip = wrapper_words(words + from, count - from, ret);
		if (skip)
			continue;
		ret->count = count - from;
		memcpy(ret->words, words + from, ret->count * sizeof(*words));
		break;
	}
	if (ret->count && slice_starts(base_name(ret->words[0]), "grep"))
		ret->filtered = true;
	return ret->count > 0;
}

/* The first of several commands in a line: up to a semicolon or "&&" that is in no quotes. */
static struct slice command_first(struct slice text)
{
	char quote = '\0';

	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (quote)
			quote = (char)(c == quote ? '\0' : quote);
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == ';' || (c == '&' && i + 1 < text.length && text.data[i + 1] == '&'))
			return (struct slice){ text.data, i };
	}
	return text;
}

/* Of several commands in a line the last one that is known. */
static bool command_parse(struct slice text, struct ticket_command *ret)
{
	bool any = false, known = false;

	while (text.length) {
		struct slice part = command_first(text);
		struct ticket_command command;

		if (command_parse_one(slice_trim(part), &command)) {
			bool is_known = format_of_command(&command) != NULL;

			if (!any || is_known || !known)
				*ret = command;
			any = true;
			known |= is_known;
		}
		text.data += part.length;
		text.length -= part.length;
		while (text.length && strchr(";& ", text.data[0])) {
			text.data++;
			text.length--;
		}
	}
	return any;
}

/* "user@host:~", "[root@host ~]", "host", "bash-5.1", "": what stands before the sign of a prompt. */
static bool is_prompt(struct slice text, struct slice *ret_host)
{
	const char *at = memchr(text.data ? text.data : "", '@', text.length);
	size_t blanks = 0;

	*ret_host = (struct slice){ "", 0 };
	if (text.length > 80)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (!is_word_byte(text.data[i]) && !strchr("@-.:~/[]() +", text.data[i]))
			return false;
		blanks += text.data[i] == ' ';
	}
	if (at) {
		const char *end = text.data + text.length, *from = ++at;

		while (at < end && (is_word_byte(*at) || *at == '-' || *at == '.'))
			at++;
		*ret_host = (struct slice){ from, (size_t)(at - from) };
	}
	return blanks <= 2;
}

bool line_command(struct slice line, struct ticket_command *ret)
{
	struct slice trimmed = slice_trim(line), host;

	*ret = (struct ticket_command){ 0 };
	for (size_t i = 0; i < trimmed.length; i++) {
		struct slice before = { trimmed.data, i }, rest = { trimmed.data + i + 1, trimmed.length - i - 1 },
			     word;
		struct cursor cursor = cursor_of(rest.data, rest.length);
		bool marked;

		if (!strchr("$#%>", trimmed.data[i]))
			continue;
		if (!is_prompt(slice_trim(before), &host) || !cursor_word(&cursor, &word))
			return false;
		marked = host.length || trimmed.data[i] == '$' ||
			 (i && rest.length && rest.data[0] == ' ' && trimmed.data[i - 1] == ']');
		if (!marked && !is_known_program(word))
			return false;
		if (trimmed.data[i] == '$' && !i && rest.data[0] != ' ' && !is_known_program(word))
			return false;
		marked = command_parse(slice_trim(rest), ret);
		ret->host = host;
		return marked;
	}
	/* Without a prompt: only what a format knows as its command, and nothing but that. */
	return trimmed.length < 200 && command_parse(trimmed, ret) && is_known_program(ret->words[0]) &&
	       ret->count > 1 && format_of_command(ret) && !memchr(trimmed.data, ':', trimmed.length);
}

/* ---- times ---- */

static bool two_digits(const char *at, uint64_t *ret)
{
	return isdigit((unsigned char)at[0]) && isdigit((unsigned char)at[1]) &&
	       !parse_u64((struct slice){ at, 2 }, ret);
}

/* "13:05:51" at that place, as seconds since midnight. */
static bool clock_at(const char *at, size_t left, uint64_t *ret)
{
	uint64_t hours, minutes, seconds;

	if (left < 8 || at[2] != ':' || at[5] != ':' || !two_digits(at, &hours) || !two_digits(at + 3, &minutes) ||
	    !two_digits(at + 6, &seconds) || hours > 23 || minutes > 59 || seconds > 60)
		return false;
	*ret = hours * 3600 + minutes * 60 + seconds;
	return true;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static uint64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
	uint64_t shifted = month > 2 ? year : year - 1, era = shifted / 400, of_era = shifted % 400;
	uint64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "2026-11-20" at that place. */
static bool date_at(const char *at, size_t left, uint64_t *ret_days)
{
	uint64_t year, month, day;

	if (left < 10 || at[4] != '-' || at[7] != '-' || parse_u64((struct slice){ at, 4 }, &year) ||
	    !two_digits(at + 5, &month) || !two_digits(at + 8, &day) || year < 1970 || !month || month > 12 || !day ||
	    day > 31)
		return false;
	*ret_days = days_of(year, month, day);
	return true;
}

/* "Fri Nov 20 10:00:00 UTC 2026", "Fri 20 Nov 2026 10:00:00 AM CET". */
static bool date_of_words(struct slice line, uint64_t *ret_days)
{
	static const char *const weekdays[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct slice words[8];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t year = 0, month = 0, day = 0, number;
	bool begins = false;

	for (size_t i = 0; i < ARRAY_SIZE(weekdays); i++)
		begins |= slice_starts(line, weekdays[i]);
	for (size_t i = 0; i < count && begins; i++) {
		if (words[i].length == 3 && !month) {
			for (size_t m = 0; m < 12; m++)
				month = memcmp(words[i].data, names + m * 3, 3) == 0 ? m + 1 : month;
		}
		if (parse_u64(words[i], &number))
			continue;
		if (number >= 1970 && number < 10000)
			year = number;
		else if (number >= 1 && number <= 31)
			day = number;
	}
	if (!year || !month || !day)
		return false;
	*ret_days = days_of(year, month, day);
	return true;
}

/* A clock anywhere in a line that also tells the day, or at the beginning of any line. */
bool line_time(struct slice line, uint64_t *ret_seconds)
{
	uint64_t clock, days;

	line = slice_trim(line);
	if (date_at(line.data, line.length, &days) && line.length >= 19 && line.length < 36 &&
	    clock_at(line.data + 11, line.length - 11, &clock)) {
		*ret_seconds = days * 86400 + clock;
		return true;
	}
	for (size_t i = 0; line.length < 60 && i + 8 <= line.length; i++) {
		if (!clock_at(line.data + i, line.length - i, &clock) || (i && line.data[i - 1] != ' '))
			continue;
		if (date_of_words(line, &days))
			*ret_seconds = days * 86400 + clock;
		else if (i == 0 && line.length == 8)
			*ret_seconds = clock;
		else
			return false;
		return true;
	}
	return false;
}
