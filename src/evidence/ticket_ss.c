/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ss: a line for each socket, and behind it or in the next line what -m, -i, -p and -e add. Columns and words differ
 * between versions; what is 0 is left out of the details of TCP.
 */
#include "evidence/ticket_socket.h"

#include "source/socket.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

/* ---- details ---- */

/* Words of struct tcp_info in ss; those that are 0 are left out. */
static const struct tcp_word {
	const char *word;
	counter_id counter;
	bool milliseconds;
	bool omitted; /* known to every kernel: it was 0 where it is not told */
} tcp_words[] = {
	{ "retrans:", C_SOCK_TCP_RETRANS, false, true },
	{ "retrans:", C_SOCK_TCP_RETRANS_OUT, false, true },
	{ "bytes_retrans:", C_SOCK_TCP_BYTES_RETRANS, false, false },
	{ "lost:", C_SOCK_TCP_LOST, false, true },
	{ "unacked:", C_SOCK_TCP_UNACKED, false, true },
	{ "sacked:", C_SOCK_TCP_SACKED, false, true },
	{ "backoff:", C_SOCK_TCP_BACKOFF, false, true },
	{ "segs_out:", C_SOCK_TCP_SEGS_OUT, false, false },
	{ "segs_in:", C_SOCK_TCP_SEGS_IN, false, false },
	{ "data_segs_out:", C_SOCK_TCP_DATA_SEGS_OUT, false, false },
	{ "reord_seen:", C_SOCK_TCP_REORD_SEEN, false, false },
	{ "dsack_dups:", C_SOCK_TCP_DSACK_DUPS, false, false },
	{ "rcv_ooopack:", C_SOCK_TCP_RCV_OOOPACK, false, false },
	{ "rtt:", C_SOCK_TCP_RTT_US, true, false },
	{ "rto:", C_SOCK_TCP_RTO_US, true, false },
	{ "rwnd_limited:", C_SOCK_TCP_RWND_LIMITED_US, true, false },
	{ "sndbuf_limited:", C_SOCK_TCP_SNDBUF_LIMITED_US, true, false },
	{ "busy:", C_SOCK_TCP_BUSY_US, true, false },
	{ "pmtu:", C_SOCK_TCP_PMTU, false, false },
	{ "mss:", C_SOCK_TCP_SND_MSS, false, false },
};

enum { TCP_RETRANS, TCP_RETRANS_OUT, TCP_BYTES_RETRANS };

static bool was_told(const struct block *block, size_t word)
{
	return block->numbers[NUMBER_WORDS] >> word & 1;
}

static void add_tcp(struct block *block, size_t word, uint64_t value)
{
	if (was_told(block, word))
		return;
	block->numbers[NUMBER_WORDS] |= UINT64_C(1) << word;
	block_add(block, tcp_words[word].counter, block->object, value);
}

/* What was left to say of the socket at hand once all its lines are known. */
void ss_end(struct block *block)
{
	if (block->state == TOLD_CONNECTION && block->numbers[NUMBER_WORDS]) {
		/* Kernels before 4.19 do not tell the bytes: without retransmissions there are none either way. */
		if (!was_told(block, TCP_RETRANS))
			add_tcp(block, TCP_BYTES_RETRANS, 0);
		for (size_t i = 0; i < ARRAY_SIZE(tcp_words); i++) {
			if (tcp_words[i].omitted)
				add_tcp(block, i, 0);
		}
	}
	socket_end_row(block);
}

/* "0.022/0.011", "204", "1234ms(5.2%)" in microseconds. */
static bool microseconds(struct slice text, uint64_t *ret)
{
	uint64_t whole, fraction = 0, unit = 1000;
	size_t at = 0;

	if (!leading_number(text, &whole) || whole > UINT64_MAX / 2000)
		return false;
	while (at < text.length && isdigit((unsigned char)text.data[at]))
		at++;
	if (at < text.length && text.data[at] == '.') {
		while (++at < text.length && isdigit((unsigned char)text.data[at]) && unit > 1) {
			unit /= 10;
			fraction += (uint64_t)(text.data[at] - '0') * unit;
		}
	}
	*ret = whole * 1000 + fraction;
	return true;
}

/* "retrans:0/12": outstanding, then all. */
static void take_retrans(struct block *block, struct slice value)
{
	const char *slash = memchr(value.data, '/', value.length);
	uint64_t out, all;

	if (!slash || !leading_number(value, &out) ||
	    !leading_number((struct slice){ slash + 1, value.length - (size_t)(slash + 1 - value.data) }, &all))
		return;
	add_tcp(block, TCP_RETRANS, all);
	add_tcp(block, TCP_RETRANS_OUT, out);
}

static bool take_tcp_word(struct block *block, struct slice word)
{
	for (size_t i = 0; i < ARRAY_SIZE(tcp_words); i++) {
		size_t length;
		uint64_t value;

		/* A connection has dozens of words: most differ in their first letter. */
		if (word.data[0] != tcp_words[i].word[0] || !slice_starts(word, tcp_words[i].word))
			continue;
		length = strlen(tcp_words[i].word);
		word = (struct slice){ word.data + length, word.length - length };
		if (i == TCP_RETRANS)
			take_retrans(block, word);
		else if (tcp_words[i].milliseconds ? microseconds(word, &value) : leading_number(word, &value))
			add_tcp(block, i, value);
		return true;
	}
	return false;
}

/* What the letters of a socket's memory count, by what the socket is. */
static const struct memory_letters {
	const char *letters;
	counter_id stream, listener, udp, packet, raw;
} memory_letters[] = {
	{ "d", C_SOCK_TCP_DROPS, C_SOCK_LISTEN_DROPS, C_SOCK_DROPS, C_PACKET_SOCKET_DROPS, C_RAW_DROPS },
	{ "r", C_SOCK_RMEM, COUNTER_NONE, C_SOCK_RMEM, C_PACKET_SOCKET_RMEM, C_RAW_RMEM },
	{ "rb", C_SOCK_RCVBUF, COUNTER_NONE, C_SOCK_RCVBUF, C_PACKET_SOCKET_RCVBUF, COUNTER_NONE },
	{ "t", C_SOCK_WMEM, COUNTER_NONE, C_SOCK_WMEM, COUNTER_NONE, COUNTER_NONE },
	{ "tb", C_SOCK_SNDBUF, COUNTER_NONE, C_SOCK_SNDBUF, COUNTER_NONE, COUNTER_NONE },
	{ "bl", C_SOCK_BACKLOG, COUNTER_NONE, C_SOCK_BACKLOG, COUNTER_NONE, COUNTER_NONE },
};

static counter_id memory_counter(const struct memory_letters *row, unsigned int told)
{
	switch ((enum socket_part_told)told) {
	case TOLD_UDP:
		return row->udp;
	case TOLD_LISTENER:
		return row->listener;
	case TOLD_PACKET:
		return row->packet;
	case TOLD_RAW:
		return row->raw;
	case TOLD_NONE:
	case TOLD_CONNECTION:
		break;
	}
	return row->stream;
}

static void take_memory_item(struct block *block, struct slice item)
{
	size_t letters = 0;
	struct slice name;
	uint64_t value;

	while (letters < item.length && islower((unsigned char)item.data[letters]))
		letters++;
	name = (struct slice){ item.data, letters };
	if (!leading_number((struct slice){ item.data + letters, item.length - letters }, &value))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(memory_letters); i++) {
		if (slice_is(name, memory_letters[i].letters))
			block_add(block, memory_counter(&memory_letters[i], block->state), block->object, value);
	}
	if (slice_is(name, "r"))
		block->numbers[NUMBER_WAITS] = 0;
}

/* "skmem:(r7680,rb8192,t0,tb212992,f512,w0,o0,bl0,d194)", "mem:(r0,w0,f0,t0)" */
static void take_memory(struct block *block, struct slice word)
{
	struct cursor cursor = cursor_of(word.data, word.length);
	struct slice item;

	if (!cursor_until(&cursor, '(', &item))
		return;
	while (cursor_until(&cursor, ',', &item))
		take_memory_item(block, item);
	take_memory_item(block, cursor.rest);
}

/* users:(("nginx",pid=12,fd=6),("nginx",pid=11,fd=6)); old: (("nginx",12,6)). Pid 1 only passes sockets on. */
static void take_users(struct block *block, struct slice line)
{
	const char *users = memmem(line.data, line.length, "users:((", 8);
	struct cursor cursor = cursor_of(users ? users : "", users ? line.length - (size_t)(users - line.data) : 0);
	struct slice skipped, name;
	bool found = false;

	while (!found && cursor_until(&cursor, '"', &skipped) && cursor_until(&cursor, '"', &name)) {
		struct slice rest = cursor.rest;
		uint64_t pid = 0;

		if (slice_starts(rest, ",pid="))
			rest = (struct slice){ rest.data + 5, rest.length - 5 };
		else if (slice_starts(rest, ","))
			rest = (struct slice){ rest.data + 1, rest.length - 1 };
		found = leading_number(rest, &pid) && pid > 1;
		if (found || !block->object || !block->object->owner)
			socket_set_owner(block, name, pid);
	}
}

/* ---- rows ---- */

/* "p_raw UNCONN 0 0 *:eth0 *", "raw UNCONN 0 0 0.0.0.0:icmp 0.0.0.0:*": sockets that get copies. */
static bool take_copier(struct block *block, struct slice netid, struct slice local)
{
	bool packet = slice_is(netid, "p_raw") || slice_is(netid, "p_dgr");
	const char *colon = memrchr(local.data, ':', local.length);
	CLEANUP_TEXT struct text name = { 0 };

	if (!colon || (!packet && !slice_is(netid, "raw")))
		return false;
	if (!packet)
		text_addf(&name, "raw %.*s", (int)local.length, local.data);
	else if (colon[1] == '*')
		text_add(&name, "packet socket on all interfaces");
	else
		text_addf(&name, "packet socket on %.*s", (int)(local.data + local.length - colon) - 1, colon + 1);
	socket_add_copier(block, packet ? TOLD_PACKET : TOLD_RAW, text_string(&name));
	if (packet && colon[1] != '*' && block->object)
		block->object->link =
			block_link(block, (struct slice){ colon + 1, (size_t)(local.data + local.length - colon) - 1 })
				->id;
	return true;
}

/* The column Netid where it is left out, for all are of one kind. */
static struct slice netid_of_command(const struct ticket_command *command)
{
	bool raw = command_has(command, "-w") || command_has(command, "--raw");

	return raw && !command_has(command, "-0") && !command_has(command, "-t") && !command_has(command, "-u")
		       ? SLICE("raw")
		       : SLICE("");
}

/* Which sockets a row without the column Netid is one of; false for those that are not told here. */
static bool ss_protocol(struct block *block, const struct socket_row *row, bool *ret_udp)
{
	static const char *const others[] = { "-x", "-w", "-0", "-d", "-S" };
	const struct ticket_command *command = block->command;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (command_has(command, others[i]) && !command_has(command, "-t") && !command_has(command, "-u"))
			return false;
	}
	block->numbers[NUMBER_UDP] |= row->state == SOCKET_CLOSE;
	*ret_udp = command_has(command, "-u") || command_has(command, "--udp") ||
		   (!command_has(command, "-t") && !command_has(command, "--tcp") && block->numbers[NUMBER_UDP]);
	return true;
}

static bool is_netid(struct slice word)
{
	static const char *const names[] = { "tcp",   "udp",   "raw",	"u_str", "u_dgr", "u_seq", "nl",
					     "p_raw", "p_dgr", "dccp",	"sctp",	 "mptcp", "v_str", "v_dgr",
					     "icmp6", "???",   "ti_rd", "xdp",	 "u_raw" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (slice_is(word, names[i]))
			return true;
	}
	return false;
}

/* Without the column State, all are in the one that was asked for; 0: nobody says. */
static uint8_t state_of_command(const struct ticket_command *command)
{
	uint8_t state = 0;

	for (size_t i = 1; i + 1 < command->count; i++) {
		if (!slice_is(command->words[i], "state"))
			continue;
		if (slice_is(command->words[i + 1], "listening"))
			return SOCKET_LISTEN;
		(void)socket_state_of(command->words[i + 1], &state);
	}
	return state;
}

/* A socket by its two ends; what follows the second is glued to it when the column is too narrow. */
static bool take_ends(struct block *block, const struct socket_row *row, struct slice own, struct slice peer,
		      struct slice line)
{
	CLEANUP_TEXT struct text local = { 0 }, remote = { 0 };
	const char *glued = memmem(peer.data, peer.length, "users:", 6);

	if (glued)
		peer.length = (size_t)(glued - peer.data);
	if (!socket_is_address(own) || !socket_is_address(peer))
		return false;
	socket_add_address(own, "[::]", &local);
	if (!socket_is_nobody(peer))
		socket_add_address(peer, "[::]", &remote);
	socket_add_row(block, row, text_string(&local), text_string(&remote));
	take_users(block, line);
	return true;
}

/* "tcp LISTEN 3 2 127.0.0.1:5555 0.0.0.0:* users:…": the first two columns are not always there. */
static bool ss_row(struct block *block, const struct slice *words, size_t count, struct slice line)
{
	struct socket_row row = { .limit = true, .all = command_has(block->command, "-a") };
	struct slice netid = { "", 0 };
	size_t at = 0;

	if (is_netid(words[at]))
		netid = words[at++];
	if (at < count && socket_state_of(words[at], &row.state))
		at++;
	else
		row.state = state_of_command(block->command);
	if (at + 3 >= count || parse_u64(words[at], &row.rqueue) || parse_u64(words[at + 1], &row.wqueue))
		return false;
	ss_end(block);
	if (take_copier(block, netid.length ? netid : netid_of_command(block->command), words[at + 2])) {
		take_users(block, line);
		return true;
	}
	row.udp = slice_is(netid, "udp");
	if (netid.length ? !row.udp && !slice_is(netid, "tcp") : !ss_protocol(block, &row, &row.udp))
		return true;
	return take_ends(block, &row, words[at + 2], words[at + 3], line);
}

bool ss_is_header(struct slice line)
{
	return line_has(line, "Recv-Q") && line_has(line, "Send-Q") && line_has(line, "Local Address") &&
	       line_has(line, "Peer Address");
}

/* Words that stand behind a row or in the line after it, and tell nothing that is wanted. */
static bool is_other_detail(struct slice word)
{
	static const char *const begins[] = { "users:((", "ino:",  "uid:",    "sk:",  "cgroup:",
					      "timer:(",  "cwnd:", "wscale:", "ver:", "ring_rx" };

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++) {
		if (word.data[0] == begins[i][0] && slice_starts(word, begins[i]))
			return true;
	}
	return false;
}

static bool ss_details(struct block *block, struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice word;
	bool known = false;

	while (cursor_word(&cursor, &word)) {
		bool memory = slice_starts(word, "skmem:(") || slice_starts(word, "mem:(");

		/* What a ring holds, and drops, is in no memory of the socket. */
		if (slice_starts(word, "ring_rx"))
			block->object = NULL;
		if (memory && block->object)
			take_memory(block, word);
		else if (block->state == TOLD_CONNECTION)
			known |= take_tcp_word(block, word);
		known |= memory || is_other_detail(word);
	}
	return known;
}

bool ss_owns(struct slice line)
{
	struct slice words[2];
	uint8_t state;

	if (slice_starts(line, "\t"))
		return line_has(line, " rto:") || line_has(line, "skmem:(");
	return line_words(line, words, ARRAY_SIZE(words)) == 2 && is_netid(words[0]) &&
	       socket_state_of(words[1], &state);
}

bool ss_take(struct block *block, struct slice line)
{
	struct slice words[8];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	bool indented;

	if (!count)
		return true;
	if (ss_is_header(line)) {
		block_covers(block, SOURCE_SOCKET, block->netns);
		return true;
	}
	if (ss_row(block, words, count, line)) {
		(void)ss_details(block, line);
		return true;
	}
	indented = isspace((unsigned char)line.data[0]);
	return ss_details(block, line) || (indented && block->snapshot.samples.count);
}

bool ss_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ss") && !command_has(command, "-s") && !command_has(command, "--summary");
}
