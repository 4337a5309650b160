/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statistics of IP, TCP and UDP as tools print them: nstat, netstat -s. netstat makes sentences of some counters
 * (netstat.def) and prints the kernel's names of the others; both leave out what is 0. nstat without -a prints what was added
 * since it was called before.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

static const struct {
	const char *section, *sentence, *counter;
} sentences[] = {
#define SENTENCE(section, sentence, counter) { section, sentence, counter },
#include "evidence/netstat.def"
#undef SENTENCE
};

/* ---- counters by nstat's names ---- */

static enum source_id source_of(struct slice name)
{
	if (slice_starts(name, "TcpExt") || slice_starts(name, "IpExt") || slice_starts(name, "MPTcpExt"))
		return SOURCE_NETSTAT;
	if (slice_starts(name, "Ip6") || slice_starts(name, "Icmp6") || slice_starts(name, "Udp6") ||
	    slice_starts(name, "UdpLite6"))
		return SOURCE_SNMP6;
	return SOURCE_SNMP;
}

/* False when no counter has that name: a newer kernel's, or none of ours. */
static bool add_named(struct block *block, struct slice name, uint64_t value)
{
	enum source_id source = source_of(name);
	counter_id counter = counter_find(source, name.data, name.length);

	if (counter == COUNTER_NONE && source == SOURCE_NETSTAT && counter_smells_of_loss(name.data, name.length))
		counter = counter_intern(source, name.data, name.length, DOMAIN_TRANSPORT, "nstat -az {name}");
	block_covers(block, source, block->netns);
	block_add(block, counter, block->netns, value);
	return counter != COUNTER_NONE;
}

/* ---- nstat ---- */

static bool is_nstat_name(struct slice word)
{
	static const char *const prefixes[] = { "Ip", "Icmp", "Tcp", "Udp", "MPTcp", "Sctp" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (slice_starts(word, prefixes[i]) && word.length > strlen(prefixes[i]) + 1 &&
		    !memchr(word.data, ':', word.length))
			return true;
	}
	return false;
}

/* "TcpRetransSegs  4  0.0" */
static bool nstat_begins(struct slice line)
{
	struct slice words[4];
	uint64_t value;

	if (slice_starts(line, "#kernel"))
		return true;
	return line_words(line, words, ARRAY_SIZE(words)) == 3 && is_nstat_name(words[0]) &&
	       !parse_u64(words[1], &value) && memchr(words[2].data, '.', words[2].length);
}

static bool nstat_made_by(const struct ticket_command *command)
{
	return command_runs(command, "nstat") || command_runs(command, "rtacct");
}

static bool nstat_take(struct block *block, struct slice line)
{
	struct slice words[4];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t value;

	if (slice_starts(line, "#"))
		return true;
	if (count < 2 || count > 3 || !isalpha((unsigned char)words[0].data[0]) || parse_u64(words[1], &value))
		return false;
	block->rates = nstat_made_by(block->command) && !command_has(block->command, "-a") &&
		       !command_has(block->command, "--ignore");
	return add_named(block, words[0], value) || true;
}

/* ---- netstat -s ---- */

enum section {
	SECTION_NONE,
	SECTION_OTHER,
	SECTION_IP,
	SECTION_ICMP,
	SECTION_ICMP_IN,
	SECTION_ICMP_OUT,
	SECTION_ICMP_MSG,
	SECTION_TCP,
	SECTION_UDP,
	SECTION_UDPLITE,
	SECTION_TCPEXT,
	SECTION_IPEXT
};

static const char *const section_names[] = {
	[SECTION_NONE] = "",
	[SECTION_OTHER] = "?",
	[SECTION_IP] = "Ip",
	[SECTION_ICMP] = "Icmp",
	[SECTION_ICMP_IN] = "IcmpIn",
	[SECTION_ICMP_OUT] = "IcmpOut",
	[SECTION_ICMP_MSG] = "IcmpMsg",
	[SECTION_TCP] = "Tcp",
	[SECTION_UDP] = "Udp",
	[SECTION_UDPLITE] = "UdpLite",
	[SECTION_TCPEXT] = "TcpExt",
	[SECTION_IPEXT] = "IpExt",
};

/* "Tcp:" alone in a line. */
static bool is_section(struct slice line, enum section *ret)
{
	if (line.length < 3 || line.length > 12 || line.data[line.length - 1] != ':' ||
	    isspace((unsigned char)line.data[0]))
		return false;
	line.length--;
	for (size_t i = 0; i < line.length; i++) {
		if (!isalnum((unsigned char)line.data[i]))
			return false;
	}
	*ret = SECTION_OTHER;
	for (enum section s = SECTION_IP; s < ARRAY_SIZE(section_names); s++)
		*ret = slice_is(line, section_names[s]) ? s : *ret;
	return true;
}

static bool netstat_made_by(const struct ticket_command *command)
{
	return command_runs(command, "netstat") && (command_has(command, "-s") || command_has(command, "--statistics"));
}

/* The first section, as netstat prints them; a `netstat -st` begins with another. */
static bool netstat_begins(struct slice line)
{
	enum section section;

	return is_section(slice_trim(line), &section) && section == SECTION_IP;
}

/* The line in lower case without its number and a full stop; false when there is no number in it. */
static bool sentence_of(struct slice line, struct text *ret, uint64_t *ret_number)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word;
	bool found = false;

	while (cursor_word(&cursor, &word)) {
		if (!found && !parse_u64(word, ret_number)) {
			found = true;
			continue;
		}
		if (ret->length)
			text_add(ret, " ");
		for (size_t i = 0; i < word.length; i++) {
			char c = (char)tolower((unsigned char)word.data[i]);

			text_add_bytes(ret, &c, 1);
		}
	}
	while (ret->length && strchr(".: ", ret->data[ret->length - 1]))
		ret->data[--ret->length] = '\0';
	return found && ret->length;
}

static const char *counter_of_sentence(enum section section, const char *sentence)
{
	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++) {
		bool fits = section == SECTION_NONE || strcmp(sentences[i].section, section_names[section]) == 0 ||
			    (section == SECTION_TCPEXT && strcmp(sentences[i].section, "IpExt") == 0);

		if (fits && strcmp(sentences[i].sentence, sentence) == 0)
			return sentences[i].counter;
	}
	return NULL;
}

/* "    TCPLossProbes: 12": the kernel's own name. *ret_name has the section before it. */
static bool named_line(struct slice line, enum section section, struct text *ret_name, uint64_t *ret_number)
{
	struct slice words[3];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	if (count != 2 || words[0].data[words[0].length - 1] != ':' || parse_u64(words[1], ret_number))
		return false;
	words[0].length--;
	text_add(ret_name, section == SECTION_NONE ? "TcpExt" : section_names[section]);
	text_add_bytes(ret_name, words[0].data, words[0].length);
	return true;
}

/* Numbers of protocols that nobody diagnoses, and headings of histograms. */
static bool is_passed_over(const struct block *block, struct slice line)
{
	return block->state == SECTION_OTHER || block->state == SECTION_UDPLITE || line_has(line, "histogram");
}

static bool take_named(struct block *block, struct slice line)
{
	CLEANUP_TEXT struct text name = { .max = 256 };
	uint64_t number;

	if (!named_line(line, block->state, &name, &number))
		return false;
	/* "Ip: Forwarding: 1" and the like are settings. */
	(void)add_named(block, (struct slice){ text_string(&name), name.length }, number);
	return true;
}

static bool has_letters_of_others(struct slice line)
{
	for (size_t i = 0; i < line.length; i++) {
		if ((unsigned char)line.data[i] >= 0x80)
			return true;
	}
	return false;
}

/*
 * "ICMP input histogram:", then the same of output; also "ICMP-Eingabehistogramm:", "Histogramme de sortie ICMP": in ICMP's
 * section nothing else is without a number.
 */
static bool is_histogram(struct block *block, struct slice line)
{
	if (line_has_digit(line) || !line_has(line, "ICMP"))
		return false;
	if (slice_is(line, "ICMP input histogram:") || block->state == SECTION_ICMP)
		block->state = SECTION_ICMP_IN;
	else if (slice_is(line, "ICMP output histogram:") || block->state == SECTION_ICMP_IN)
		block->state = SECTION_ICMP_OUT;
	else
		return false;
	return true;
}

static bool netstat_take(struct block *block, struct slice line)
{
	CLEANUP_TEXT struct text sentence = { .max = 512 };
	const char *counter;
	enum section section;
	uint64_t number;

	line = slice_trim(line);
	if (is_section(line, &section)) {
		block->state = section;
		return true;
	}
	if (is_histogram(block, line) || is_passed_over(block, line))
		return true;
	if (!sentence_of(line, &sentence, &number))
		return take_named(block, line);
	counter = counter_of_sentence(block->state, text_string(&sentence));
	/* What follows the histograms belongs to ICMP again. */
	if (!counter && (block->state == SECTION_ICMP_IN || block->state == SECTION_ICMP_OUT))
		counter = counter_of_sentence(SECTION_ICMP, text_string(&sentence));
	if (counter)
		return add_named(block, slice_of(counter), number) || true;
	if (take_named(block, line))
		return true;
	block->foreign |= has_letters_of_others(line);
	return false;
}

const struct ticket_format ticket_formats_statistics[] = {
	{ "nstat", .made_by = nstat_made_by, .begins = nstat_begins, .take = nstat_take, .omits_zeros = true,
	  .every_line = true },
	{ "netstat -s", .made_by = netstat_made_by, .begins = netstat_begins, .take = netstat_take,
	  .omits_zeros = true },
	{ 0 },
};
