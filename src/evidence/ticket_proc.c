/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files below /proc, as `cat` shows them: what reads them on a live host reads them here. Where nothing but the lines tell what
 * they are, they are told by what no other output looks like.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

/* ---- which file ---- */

/* Whether a word of the command is that file, below /proc, /proc/self or wherever it was copied to. */
static bool shows(const struct ticket_command *command, const char *file)
{
	size_t length = strlen(file);

	for (size_t i = 0; i < command->count; i++) {
		struct slice word = command->words[i];

		if (word.length >= length && memcmp(word.data + word.length - length, file, length) == 0)
			return true;
	}
	return false;
}

/* "TcpExt: SyncookiesSent …" or "TcpExt: 0 …": a line of snmp or netstat. */
static bool is_pair_line(struct slice line, const char *const *prefixes, size_t count)
{
	struct slice words[4];

	if (line_words(line, words, ARRAY_SIZE(words)) < 2)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (slice_is(words[0], prefixes[i]))
			return isupper((unsigned char)words[1].data[0]) && words[1].data[words[1].length - 1] != ':';
	}
	return false;
}

static bool all_hex(struct slice line, size_t digits, size_t least)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word;
	size_t count = 0;
	uint64_t value;

	while (cursor_word(&cursor, &word)) {
		if (word.length != digits || parse_hex(word, &value))
			return false;
		count++;
	}
	return count >= least;
}

/* ---- snmp, netstat ---- */

static bool snmp_made_by(const struct ticket_command *command)
{
	return shows(command, "net/snmp");
}

static bool snmp_begins(struct slice line)
{
	static const char *const prefixes[] = { "Ip:", "Icmp:", "IcmpMsg:", "Tcp:", "Udp:", "UdpLite:" };

	return is_pair_line(line, prefixes, ARRAY_SIZE(prefixes));
}

static bool keep_filled(struct block *block, struct slice line)
{
	return !slice_trim(line).length || block_keep(block, line);
}

static void snmp_end(struct block *block)
{
	(void)block_read_source(block, &source_snmp, "/proc/thread-self/net/snmp");
}

/* Whether a line that was kept begins with that word. */
static bool was_kept(const struct block *block, struct slice word)
{
	struct cursor cursor = cursor_of(text_string(&block->text), block->text.length);
	struct slice line, words[1];

	while (cursor_line(&cursor, &line)) {
		if (line_words(line, words, 1) && slice_same(words[0], word))
			return true;
	}
	return false;
}

/* Names that were there already: the file once more. */
static bool snmp_take(struct block *block, struct slice line)
{
	struct slice words[1];

	if (snmp_begins(line) && line_words(line, words, 1) && was_kept(block, words[0])) {
		snmp_end(block);
		block_again(block);
	}
	return keep_filled(block, line);
}

static bool netstat_made_by(const struct ticket_command *command)
{
	return shows(command, "net/netstat");
}

static bool netstat_begins(struct slice line)
{
	static const char *const prefixes[] = { "TcpExt:" };

	return is_pair_line(line, prefixes, ARRAY_SIZE(prefixes));
}

static void netstat_end(struct block *block)
{
	(void)block_read_source(block, &source_netstat, "/proc/thread-self/net/netstat");
}

static bool snmp6_made_by(const struct ticket_command *command)
{
	return shows(command, "net/snmp6");
}

static bool snmp6_begins(struct slice line)
{
	struct slice words[3];
	uint64_t value;

	return line_words(line, words, ARRAY_SIZE(words)) == 2 && slice_is(words[0], "Ip6InReceives") &&
	       !parse_u64(words[1], &value);
}

static void snmp6_end(struct block *block)
{
	(void)block_read_source(block, &source_snmp6, "/proc/thread-self/net/snmp6");
}

/* ---- softnet_stat ---- */

static bool softnet_made_by(const struct ticket_command *command)
{
	return shows(command, "softnet_stat");
}

static bool softnet_begins(struct slice line)
{
	return all_hex(line, 8, 9);
}

/* A total in decimal: what awk makes of hexadecimal columns when it adds them. */
static bool is_decimal_sum(struct slice line)
{
	struct slice words[4];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t value;

	for (size_t i = 0; i < count; i++) {
		if (parse_u64(words[i], &value) || words[i].length == 8)
			return false;
	}
	return count > 0;
}

/* block->columns: rows so far, block->number: of the reading before. */
static void softnet_end(struct block *block)
{
	if (block->number && block->number != block->columns)
		block->fault = "softnet_stat tells of one CPU twice and of others not: rows of it are wrong";
	block->number = block->columns;
	block->columns = 0;
	(void)block_read_source(block, &source_softnet, "/proc/thread-self/net/softnet_stat");
}

#define CPU_COLUMN 12 /* from 0; where kernels tell it */

static bool is_first_cpu(struct slice line)
{
	struct slice words[CPU_COLUMN + 1];

	return line_words(line, words, ARRAY_SIZE(words)) > CPU_COLUMN && slice_is(words[CPU_COLUMN], "00000000");
}

static bool softnet_take(struct block *block, struct slice line)
{
	if (!slice_trim(line).length)
		return true;
	if (block->command->filtered && line_has(block->command->whole, "awk") && !all_hex(line, 8, 9)) {
		if (is_decimal_sum(line) && !line_has(block->command->whole, "strtonum"))
			block->fault = "softnet_stat is hexadecimal: awk adds its digits as decimal numbers, and the "
				       "sum means nothing; paste the file itself";
		return false;
	}
	if (block->text.length && all_hex(line, 8, CPU_COLUMN + 1) && is_first_cpu(line)) {
		softnet_end(block);
		block_again(block);
	}
	if (!all_hex(line, 8, 9))
		return false;
	block->columns++;
	return block_keep(block, line);
}

/* ---- tables per CPU ---- */

static bool is_cpu_header(struct slice line)
{
	struct slice words[3];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	return count && slice_starts(words[0], "CPU") && words[0].length > 3 &&
	       isdigit((unsigned char)words[0].data[3]);
}

static bool interrupts_made_by(const struct ticket_command *command)
{
	return shows(command, "proc/interrupts") || shows(command, "interrupts");
}

/*
 * Interrupts and softirqs have the same header: the line after it tells. Both are read from the block once it is whole.
 */
static void interrupts_end(struct block *block)
{
	bool softirqs = line_has((struct slice){ text_string(&block->text), block->text.length }, "NET_RX:");

	if (softirqs)
		(void)block_read_source(block, &source_softirqs, "/proc/softirqs");
	else
		(void)block_read_source(block, &source_interrupts, "/proc/interrupts");
}

static bool interrupts_take(struct block *block, struct slice line)
{
	struct slice words[2];

	if (!slice_trim(line).length)
		return true;
	if (!is_cpu_header(line) && (!line_words(line, words, ARRAY_SIZE(words)) ||
				     words[0].data[words[0].length - 1] != ':' || !block->text.length))
		return false;
	return block_keep(block, line);
}

static bool softirqs_made_by(const struct ticket_command *command)
{
	return shows(command, "softirqs");
}

static bool stat_made_by(const struct ticket_command *command)
{
	return shows(command, "proc/stat");
}

static bool stat_begins(struct slice line)
{
	struct slice words[12];

	return line_words(line, words, ARRAY_SIZE(words)) >= 8 && slice_is(words[0], "cpu");
}

static void stat_end(struct block *block)
{
	(void)block_read_source(block, &source_cpu, "/proc/stat");
}

/* ---- sockstat ---- */

static bool sockstat_made_by(const struct ticket_command *command)
{
	return shows(command, "net/sockstat") || shows(command, "net/sockstat6");
}

static bool sockstat_begins(struct slice line)
{
	return slice_starts(line, "sockets: used");
}

static void sockstat_end(struct block *block)
{
	(void)block_read_source(block, &source_sockstat, "/proc/thread-self/net/sockstat");
}

/* ---- tables below /proc/net/stat ---- */

/* A row for a CPU, which looks like one of softnet_stat. */
static bool is_hex_row(struct slice line)
{
	return all_hex(line, 8, 1);
}

static bool conntrack_made_by(const struct ticket_command *command)
{
	return shows(command, "stat/nf_conntrack");
}

static bool conntrack_begins(struct slice line)
{
	struct slice words[4];

	return line_words(line, words, ARRAY_SIZE(words)) == 4 && slice_is(words[0], "entries") &&
	       (slice_is(words[1], "searched") || slice_is(words[1], "clashres"));
}

static void conntrack_end(struct block *block)
{
	(void)block_read_source(block, &source_conntrack, "/proc/thread-self/net/stat/nf_conntrack");
}

static bool rt_cache_made_by(const struct ticket_command *command)
{
	return shows(command, "stat/rt_cache");
}

static bool rt_cache_begins(struct slice line)
{
	struct slice words[4];

	return line_words(line, words, ARRAY_SIZE(words)) == 4 && slice_is(words[0], "entries") &&
	       slice_is(words[1], "in_hit");
}

static void rt_cache_end(struct block *block)
{
	(void)block_read_source(block, &source_route_cache, "/proc/thread-self/net/stat/rt_cache");
}

/* ---- others that need their command, or a line of their own ---- */

static bool xfrm_made_by(const struct ticket_command *command)
{
	return shows(command, "xfrm_stat");
}

static bool xfrm_begins(struct slice line)
{
	return slice_starts(line, "XfrmInError");
}

static void xfrm_end(struct block *block)
{
	(void)block_read_source(block, &source_xfrm, "/proc/thread-self/net/xfrm_stat");
}

static bool nfqueue_made_by(const struct ticket_command *command)
{
	return shows(command, "nfnetlink_queue");
}

static void nfqueue_end(struct block *block)
{
	(void)block_read_source(block, &source_nfqueue, "/proc/thread-self/net/netfilter/nfnetlink_queue");
}

static bool sctp_made_by(const struct ticket_command *command)
{
	return shows(command, "sctp/snmp");
}

static bool sctp_begins(struct slice line)
{
	return slice_starts(line, "SctpCurrEstab");
}

static void sctp_end(struct block *block)
{
	(void)block_read_source(block, &source_sctp, "/proc/thread-self/net/sctp/snmp");
}

static bool netlink_made_by(const struct ticket_command *command)
{
	return shows(command, "net/netlink");
}

static bool netlink_begins(struct slice line)
{
	struct slice words[3];

	return line_words(line, words, ARRAY_SIZE(words)) == 3 && slice_is(words[0], "sk") &&
	       slice_is(words[1], "Eth") && slice_is(words[2], "Pid");
}

static void netlink_end(struct block *block)
{
	(void)block_read_source(block, &source_netlink, "/proc/thread-self/net/netlink");
}

/* ---- raw and ping sockets: the columns are those of udp, the command tells ---- */

static const char *const raw_files[] = { "net/raw", "net/raw6", "net/icmp", "net/icmp6" };

static const char *raw_file(const struct ticket_command *command)
{
	for (size_t i = 0; i < ARRAY_SIZE(raw_files); i++) {
		if (shows(command, raw_files[i]))
			return raw_files[i];
	}
	return NULL;
}

static bool raw_made_by(const struct ticket_command *command)
{
	return raw_file(command) != NULL;
}

static bool raw_owns(struct slice line)
{
	return slice_starts(slice_trim(line), "sl ");
}

static void raw_end(struct block *block)
{
	CLEANUP_FREE char *path = text_format("/proc/thread-self/%s", raw_file(block->command));

	(void)block_read_source(block, &source_raw, path);
}

const struct ticket_format ticket_formats_proc[] = {
	{ "/proc/net/snmp", .made_by = snmp_made_by, .begins = snmp_begins, .take = snmp_take, .end = snmp_end,
	  .every_line = true },
	{ "/proc/net/netstat", .made_by = netstat_made_by, .begins = netstat_begins, .take = keep_filled,
	  .end = netstat_end },
	{ "/proc/net/snmp6", .made_by = snmp6_made_by, .begins = snmp6_begins, .take = keep_filled, .end = snmp6_end },
	{ "/proc/net/softnet_stat", .made_by = softnet_made_by, .begins = softnet_begins, .take = softnet_take,
	  .end = softnet_end, .every_line = true },
	{ "/proc/interrupts", .made_by = interrupts_made_by, .begins = is_cpu_header, .take = interrupts_take,
	  .end = interrupts_end },
	{ "/proc/softirqs", .made_by = softirqs_made_by, .take = interrupts_take, .end = interrupts_end },
	{ "/proc/stat", .made_by = stat_made_by, .begins = stat_begins, .take = keep_filled, .end = stat_end },
	{ "/proc/net/sockstat", .made_by = sockstat_made_by, .begins = sockstat_begins, .take = keep_filled,
	  .end = sockstat_end },
	{ "/proc/net/stat/nf_conntrack", .made_by = conntrack_made_by, .begins = conntrack_begins, .owns = is_hex_row,
	  .take = keep_filled, .end = conntrack_end },
	{ "/proc/net/stat/rt_cache", .made_by = rt_cache_made_by, .begins = rt_cache_begins, .owns = is_hex_row,
	  .take = keep_filled, .end = rt_cache_end },
	{ "/proc/net/xfrm_stat", .made_by = xfrm_made_by, .begins = xfrm_begins, .take = keep_filled, .end = xfrm_end },
	{ "/proc/net/netfilter/nfnetlink_queue", .made_by = nfqueue_made_by, .take = keep_filled, .end = nfqueue_end },
	{ "/proc/net/sctp/snmp", .made_by = sctp_made_by, .begins = sctp_begins, .take = keep_filled, .end = sctp_end },
	{ "/proc/net/netlink", .made_by = netlink_made_by, .begins = netlink_begins, .take = keep_filled,
	  .end = netlink_end },
	{ "/proc/net/raw", .made_by = raw_made_by, .owns = raw_owns, .take = keep_filled, .end = raw_end },
	{ 0 },
};
