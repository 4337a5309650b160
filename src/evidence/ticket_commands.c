/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prompts and the commands behind them. A prompt is not believed for its looks alone: what follows it must be a program that
 * an output can come from, or it must begin as prompts do.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

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

static bool is_one_of(struct slice name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_is(name, names[i]))
			return true;
	}
	return false;
}

bool is_known_program(struct slice word)
{
	static const char *const programs[] = {
		"arp",	      "awk",	   "bpftool", "bridge",	    "cat",	"conntrack",  "crictl",
		"date",	      "dmesg",	   "docker",  "echo",	    "egrep",	"ethtool",    "ethtool_stats.pl",
		"for",	      "free",	   "grep",    "head",	    "hostname", "ifconfig",   "iostat",
		"ip",	      "iperf",	   "iperf3",  "journalctl", "kubectl",	"ls",	      "lscpu",
		"lsmod",      "lspci",	   "modinfo", "mpstat",	    "mtr",	"netstat",    "nft",
		"nice",	      "nsenter",   "nstat",   "numactl",    "oc",	"ovs-appctl", "ovs-dpctl",
		"ovs-vsctl",  "perf",	   "ping",    "ping6",	    "podman",	"ps",	      "route",
		"sar",	      "sed",	   "sleep",   "ss",	    "ssh",	"sudo",	      "sysctl",
		"systemctl",  "tail",	   "tc",      "tcpdump",    "time",	"timeout",    "top",
		"traceroute", "tracepath", "uname",   "uptime",	    "vmstat",	"watch",      "while",
		"zcat",
	};
	struct slice name = base_name(word);

	return is_one_of(name, programs, ARRAY_SIZE(programs)) || slice_starts(name, "iptables") ||
	       slice_starts(name, "ip6tables");
}

/* ---- what runs a command elsewhere ---- */

/* "sudo -u root", "watch -n 1": the options of those that only run the rest. */
static size_t skip_options(const struct slice *words, size_t count)
{
	static const char with_value[] = "nuCp";
	size_t skip = 1;

	while (skip < count && words[skip].data[0] == '-')
		skip += words[skip].length == 2 && strchr(with_value, words[skip].data[1]) ? 2 : 1;
	return skip;
}

/* `nsenter -t 12 -n …`, `kubectl exec web-1 -- …`, `docker exec web …`: up to the program that they run. */
static size_t skip_entering(const struct slice *words, size_t count, struct ticket_command *ret)
{
	for (size_t i = 1; i + 1 < count; i++) {
		if (slice_is(words[i], "-t"))
			ret->netns = words[i + 1];
		if (!is_known_program(words[i]))
			continue;
		if (!ret->netns.length)
			ret->netns = words[slice_is(words[i - 1], "--") && i > 1 ? i - 2 : i - 1];
		return i;
	}
	return 0;
}

/* `ip netns exec blue …`; `ip -n blue …` is a command of its own. */
static size_t skip_netns(const struct slice *words, size_t count, struct ticket_command *ret)
{
	if (count > 4 && slice_is(words[1], "netns") && slice_is(words[2], "exec")) {
		ret->netns = words[3];
		return 4;
	}
	if (count > 3 && (slice_is(words[1], "-n") || slice_is(words[1], "-netns")))
		ret->netns = words[2];
	return 0;
}

/* How many words at the beginning only run the rest, here or in another namespace, which goes to ret->netns. */
static size_t wrapper_words(const struct slice *words, size_t count, struct ticket_command *ret)
{
	static const char *const runners[] = { "sudo", "time", "watch", "nice", "timeout" };
	static const char *const enterers[] = { "nsenter", "kubectl", "docker", "crictl", "podman", "oc" };
	struct slice name = base_name(words[0]);

	if (is_one_of(name, runners, ARRAY_SIZE(runners)))
		return skip_options(words, count);
	if (is_one_of(name, enterers, ARRAY_SIZE(enterers)))
		return skip_entering(words, count, ret);
	if (slice_is(name, "ip"))
		return skip_netns(words, count, ret);
	return slice_is(name, "env") || memchr(words[0].data, '=', words[0].length) ? 1 : 0;
}

/* ---- what a line runs ---- */

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
	const char *at;
	size_t blanks = 0;

	*ret_host = (struct slice){ "", 0 };
	if (!text.length || text.length > 80)
		return !text.length;
	at = memchr(text.data, '@', text.length);
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

/* Whether what stands before and behind the sign of a prompt makes it one. */
static bool is_marked(struct slice before, char sign, struct slice rest, struct slice host)
{
	struct cursor cursor = cursor_of(rest.data, rest.length);
	struct slice word;

	if (!cursor_word(&cursor, &word))
		return false;
	if (is_known_program(word))
		return true;
	/* "[root@host ~]# anything", "host$ anything", "$ anything"; not "$1" nor "100%". */
	if (rest.data[0] != ' ')
		return host.length > 0;
	return host.length || sign == '$' || (before.length && before.data[before.length - 1] == ']');
}

/* Without a prompt: only what a format knows as its command, and nothing but that. */
static bool bare_command(struct slice line, struct ticket_command *ret)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word;

	return line.length < 200 && cursor_word(&cursor, &word) && is_known_program(word) &&
	       !memchr(line.data, ':', line.length) && command_parse(line, ret) && ret->count > 1 &&
	       format_of_command(ret);
}

bool line_command(struct slice line, struct ticket_command *ret)
{
	struct slice trimmed = slice_trim(line), host;

	*ret = (struct ticket_command){ 0 };
	for (size_t i = 0; i < trimmed.length; i++) {
		char sign = trimmed.data[i];
		struct slice before, rest;

		if (sign != '$' && sign != '#' && sign != '%' && sign != '>')
			continue;
		before = slice_trim((struct slice){ trimmed.data, i });
		rest = (struct slice){ trimmed.data + i + 1, trimmed.length - i - 1 };
		if (!is_prompt(before, &host) || !is_marked(before, sign, rest, host) ||
		    !command_parse(slice_trim(rest), ret))
			return false;
		ret->host = host;
		return true;
	}
	return bare_command(trimmed, ret);
}
