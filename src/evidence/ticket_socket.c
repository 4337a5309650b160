/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets: what becomes of a line that tells of one, and the lists of netstat and of /proc/net/{udp,tcp}. ss is read in
 * ticket_ss.c.
 */
#include "evidence/ticket_socket.h"

#include "source/socket.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- which socket ---- */

#define SIBLINGS_MAX 64
#define ADDRESS_MAX 128

/* False when the object was in this output before. */
static bool mark(struct block *block, const struct object *object)
{
	static const char zeros[64];
	size_t at = object->id / 8;
	char bit = (char)(1u << object->id % 8);

	while (block->text.length <= at) {
		size_t length = block->text.length;

		text_add_bytes(&block->text, zeros, sizeof(zeros));
		if (block->text.length == length)
			return false;
	}
	if (block->text.data[at] & bit)
		return false;
	block->text.data[at] |= bit;
	return true;
}

static struct object_key key_of(const struct block *block, const char *name, bool udp)
{
	return (struct object_key){ OBJECT_SOCKET, block->netns->key.netns, object_hash(name),
				    udp ? IPPROTO_UDP : IPPROTO_TCP };
}

/* The first of that key and those after it that this output has not told yet. NULL when there are too many alike. */
static struct object *next_object(struct block *block, struct object_key key, bool *ret_new)
{
	for (size_t sibling = 0; sibling < SIBLINGS_MAX; sibling++, key.a += UINT64_C(0x9e3779b97f4a7c15)) {
		struct object *object = object_intern(block->objects, key, ret_new);

		if (!object || mark(block, object))
			return object;
	}
	return NULL;
}

/* `remote` is empty where there is none. NULL as above. */
static struct object *socket_object(struct block *block, bool udp, const char *local, const char *remote)
{
	CLEANUP_FREE char *name = *remote ? text_format("%s %s > %s", udp ? "udp" : "tcp", local, remote)
					  : text_format("%s %s", udp ? "udp" : "tcp", local);
	bool is_new = false;
	struct object *object = next_object(block, key_of(block, name, udp), &is_new);

	if (object && is_new) {
		object_label(object, LABEL_PROTOCOL, udp ? "udp" : "tcp");
		object_label(object, LABEL_LOCAL, local);
		object_label(object, LABEL_REMOTE, *remote ? remote : NULL);
		object_label(object, LABEL_NAME, name);
	}
	return object;
}

/* Counts a half-open connection where its listener was told: on its address or on any. */
static void add_half_open(struct block *block, const char *local)
{
	static const char *const any[] = { "0.0.0.0", "*", "[::]" };
	const char *port = strrchr(local, ':');
	CLEANUP_FREE char *own = text_format("tcp %s", local);
	const struct object *listener = object_find(block->objects, key_of(block, own, false));

	for (size_t i = 0; port && !listener && i < ARRAY_SIZE(any); i++) {
		CLEANUP_FREE char *name = text_format("tcp %s%s", any[i], port);

		listener = object_find(block->objects, key_of(block, name, false));
	}
	block_sum(block, C_SOCK_SYN_RECV, listener, 1);
}

/* ---- addresses ---- */

void socket_add_address(struct slice address, const char *any6, struct text *ret)
{
	const char *colon = memrchr(address.data, ':', address.length);
	struct slice host = { address.data, colon ? (size_t)(colon - address.data) : 0 };
	const char *device = memchr(host.data, '%', host.length);

	if (slice_is(host, "::")) {
		text_add(ret, any6);
	} else if (host.data[0] != '[' && memchr(host.data, ':', host.length)) {
		struct slice bare = { host.data, device ? (size_t)(device - host.data) : host.length };

		text_addf(ret, "[%.*s]", (int)bare.length, bare.data);
		text_add_bytes(ret, bare.data + bare.length, host.length - bare.length);
	} else {
		text_add_bytes(ret, host.data, host.length);
	}
	text_add_bytes(ret, address.data + host.length, address.length - host.length);
}

bool socket_is_nobody(struct slice remote)
{
	return remote.length && remote.data[remote.length - 1] == '*';
}

bool socket_is_address(struct slice word)
{
	return word.length > 2 && word.length < ADDRESS_MAX && memchr(word.data, ':', word.length) != NULL;
}

/* ---- states ---- */

static const struct {
	const char *ss, *netstat;
	uint8_t state;
} states[] = {
	{ "ESTAB", "ESTABLISHED", SOCKET_ESTABLISHED },
	{ "SYN-SENT", "SYN_SENT", SOCKET_SYN_SENT },
	{ "SYN-RECV", "SYN_RECV", SOCKET_SYN_RECV },
	{ "FIN-WAIT-1", "FIN_WAIT1", SOCKET_FIN_WAIT1 },
	{ "FIN-WAIT-2", "FIN_WAIT2", SOCKET_STATE_FIN_WAIT2 },
	{ "TIME-WAIT", "TIME_WAIT", SOCKET_STATE_TIME_WAIT },
	{ "UNCONN", "CLOSE", SOCKET_CLOSE },
	{ "CLOSE-WAIT", "CLOSE_WAIT", SOCKET_CLOSE_WAIT },
	{ "LAST-ACK", "LAST_ACK", SOCKET_LAST_ACK },
	{ "LISTEN", "LISTEN", SOCKET_LISTEN },
	{ "CLOSING", "CLOSING", SOCKET_CLOSING },
};

static bool is_same_word(struct slice word, const char *name)
{
	return word.length == strlen(name) && strncasecmp(word.data, name, word.length) == 0;
}

bool socket_state_of(struct slice word, uint8_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (is_same_word(word, states[i].ss) || is_same_word(word, states[i].netstat)) {
			*ret = states[i].state;
			return true;
		}
	}
	return false;
}

/* ---- a socket ---- */

void socket_set_owner(struct block *block, struct slice name, uint64_t pid)
{
	CLEANUP_FREE char *comm = mem_strndup(name.data, name.length < 63 ? name.length : 63);
	struct object *process;

	if (!block->object || !pid || pid > INT32_MAX || !name.length)
		return;
	process = object_intern(block->objects, (struct object_key){ OBJECT_PROCESS, 0, pid, 0 }, NULL);
	if (!process)
		return;
	process->pid = (pid_t)pid;
	object_label(process, LABEL_COMM, comm);
	object_labelf(process, LABEL_NAME, "%s (pid %d)", comm, (int)pid);
	block->object->owner = process->id;
}

static void add_listener(struct block *block, const struct socket_row *row)
{
	block_add(block, C_SOCK_ACCEPT_QUEUE, block->object, row->rqueue);
	if (row->limit)
		block_add(block, C_SOCK_ACCEPT_LIMIT, block->object, row->wqueue);
	if (row->all)
		block_add(block, C_SOCK_SYN_RECV, block->object, 0);
}

static void add_queues(struct block *block, const struct socket_row *row)
{
	block_add(block, C_SOCK_RQUEUE, block->object, row->rqueue);
	block_add(block, C_SOCK_WQUEUE, block->object, row->wqueue);
	block->numbers[NUMBER_RECEIVED] = row->rqueue;
	block->numbers[NUMBER_WAITS] = row->udp;
	if (!row->udp && row->state)
		block_add(block, C_SOCK_TCP_STATE, block->object, row->state);
}

/* Half-open ones are counted with their listener; closed ones that linger have nothing to lose. */
static bool is_no_object(const struct socket_row *row)
{
	return !row->udp && (row->state == SOCKET_SYN_RECV || row->state == SOCKET_STATE_FIN_WAIT2 ||
			     row->state == SOCKET_STATE_TIME_WAIT || row->state == SOCKET_CLOSE);
}

void socket_add_row(struct block *block, const struct socket_row *row, const char *local, const char *remote)
{
	bool listens = !row->udp && (row->state == SOCKET_LISTEN || (!row->state && !*remote));

	block_covers(block, SOURCE_SOCKET, block->netns);
	if (!row->udp && row->state == SOCKET_SYN_RECV)
		add_half_open(block, local);
	if (is_no_object(row))
		return;
	block->object = socket_object(block, row->udp, local, listens ? "" : remote);
	if (!block->object)
		return;
	block->state = row->udp ? TOLD_UDP : listens ? TOLD_LISTENER : TOLD_CONNECTION;
	if (listens)
		add_listener(block, row);
	else
		add_queues(block, row);
}

void socket_add_copier(struct block *block, enum socket_part_told part, const char *name)
{
	bool packet = part == TOLD_PACKET, is_new = false;
	struct object_key key = { OBJECT_SOCKET, block->netns->key.netns, object_hash(name),
				  packet ? SOCKET_PROTOCOL_PACKET : IPPROTO_RAW };

	block->object = next_object(block, key, &is_new);
	block->state = block->object ? part : TOLD_NONE;
	if (!block->object || !is_new)
		return;
	object_label(block->object, LABEL_PROTOCOL, packet ? "packet" : "raw");
	object_label(block->object, LABEL_NAME, name);
}

void socket_end_row(struct block *block)
{
	if (block->numbers[NUMBER_WAITS])
		block_add(block, C_SOCK_RMEM, block->object, block->numbers[NUMBER_RECEIVED]);
	block->numbers[NUMBER_WAITS] = 0;
	block->numbers[NUMBER_WORDS] = 0;
	block->object = NULL;
	block->state = TOLD_NONE;
}

/* ---- ss -s ---- */

/* The rows of `ss -s`, which it makes of /proc/net/sockstat and sockstat6. */
static const struct {
	const char *row;
	counter_id ip, ip6;
} summary_rows[] = {
	{ "RAW", C_SOCKSTAT_RAW_INUSE, C_SOCKSTAT_RAW6_INUSE },
	{ "UDP", C_SOCKSTAT_UDP_INUSE, C_SOCKSTAT_UDP6_INUSE },
	{ "TCP", C_SOCKSTAT_TCP_INUSE, C_SOCKSTAT_TCP6_INUSE },
	{ "FRAG", C_SOCKSTAT_FRAG_INUSE, C_SOCKSTAT_FRAG6_INUSE },
};

/* "Total: 16", "Total: 1012 (kernel 1087)" */
static bool summary_begins(struct slice line)
{
	struct slice words[5];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t value;

	return (count == 2 || (count == 4 && slice_is(words[2], "(kernel"))) && slice_is(words[0], "Total:") &&
	       !parse_u64(words[1], &value);
}

static bool summary_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ss") && (command_has(command, "-s") || command_has(command, "--summary"));
}

/* "UDP 3 2 1": all, IPv4, IPv6. */
static bool summary_row(struct block *block, const struct slice *words)
{
	uint64_t ip, ip6;

	for (size_t i = 0; i < ARRAY_SIZE(summary_rows); i++) {
		if (!slice_is(words[0], summary_rows[i].row))
			continue;
		if (parse_u64(words[2], &ip) || parse_u64(words[3], &ip6))
			return false;
		block_covers(block, SOURCE_SOCKSTAT, block->netns);
		block_add(block, summary_rows[i].ip, block->netns, ip);
		block_add(block, summary_rows[i].ip6, block->netns, ip6);
		return true;
	}
	return slice_is(words[0], "*") || slice_is(words[0], "INET") || slice_is(words[0], "Transport");
}

static bool summary_take(struct block *block, struct slice line)
{
	struct slice words[5];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint64_t value;

	if (!count)
		return true;
	if (summary_begins(line) && leading_number(words[1], &value)) {
		block_add(block, C_SOCKSTAT_SOCKETS_USED, block->netns, value);
		return true;
	}
	if (!slice_is(words[0], "TCP:"))
		return count == 4 && summary_row(block, words);
	if (number_behind(line, "orphaned", &value))
		block_add(block, C_SOCKSTAT_TCP_ORPHAN, block->netns, value);
	if (number_behind(line, "timewait", &value))
		block_add(block, C_SOCKSTAT_TCP_TW, block->netns, value);
	return true;
}

/* ---- netstat ---- */

static bool netstat_is_header(struct slice line)
{
	return (line_has(line, "Recv-Q") && line_has(line, "Local Address") && line_has(line, "Foreign Address")) ||
	       slice_starts(line, "Proto Recv-Q Send-Q");
}

static bool netstat_begins(struct slice line)
{
	static const char *const titles[] = {
		"Active Internet connections", "Aktive Internetverbindungen",	 "Connexions Internet actives",
		"Conexões Internet Ativas",    "Conexiones activas de Internet", "Connexions actives d'Internet",
		"Aktivní Internetová spojení", "Aktiva internetanslutningar",	 "Aktiivsed internetiühendused",
		"稼働中のインターネット接続",
	};

	for (size_t i = 0; i < ARRAY_SIZE(titles); i++) {
		if (slice_starts(line, titles[i]))
			return true;
	}
	return netstat_is_header(line);
}

/* "1962/python3": the word of a process. */
static void netstat_owner(struct block *block, const struct slice *words, size_t count)
{
	for (size_t i = 5; i < count; i++) {
		const char *slash = memchr(words[i].data, '/', words[i].length);
		uint64_t pid;

		if (!slash || parse_u64((struct slice){ words[i].data, (size_t)(slash - words[i].data) }, &pid))
			continue;
		socket_set_owner(
			block, (struct slice){ slash + 1, words[i].length - (size_t)(slash + 1 - words[i].data) }, pid);
		return;
	}
}

/* Headings, and the part about unix sockets. */
static bool netstat_passes_over(const struct slice *words, size_t count, struct slice line)
{
	return netstat_begins(line) || slice_starts(line, "Active ") || slice_is(words[0], "unix") ||
	       (count > 1 && slice_is(words[0], "Proto")) || (line_has(line, "UNIX") && !line_has_digit(line));
}

/* "tcp 0 0 127.0.0.1:80 0.0.0.0:* LISTEN 1962/python3"; UDP sockets seldom have a state. */
static bool netstat_row(struct block *block, const struct slice *words, size_t count)
{
	CLEANUP_TEXT struct text local = { 0 }, remote = { 0 };
	struct socket_row row = { .all = command_has(block->command, "-a") };
	bool tcp = slice_is(words[0], "tcp") || slice_is(words[0], "tcp6"), stateless;

	row.udp = slice_is(words[0], "udp") || slice_is(words[0], "udp6");
	if (count < 5 || parse_u64(words[1], &row.rqueue) || parse_u64(words[2], &row.wqueue) ||
	    !socket_is_address(words[3]) || !socket_is_address(words[4]))
		return false;
	stateless = count < 6 || !socket_state_of(words[5], &row.state);
	if (!tcp && !row.udp)
		return true;
	if (tcp && stateless) {
		block->foreign |= count > 5 && !isdigit((unsigned char)words[5].data[0]);
		return false;
	}
	socket_add_address(words[3], "*", &local);
	if (!socket_is_nobody(words[4]))
		socket_add_address(words[4], "[::]", &remote);
	socket_add_row(block, &row, text_string(&local), text_string(&remote));
	netstat_owner(block, words, count);
	return true;
}

static bool netstat_take(struct block *block, struct slice line)
{
	struct slice words[10];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	socket_end_row(block);
	if (netstat_begins(line) && block->text.length) {
		block_again(block);
		text_clear(&block->text);
	}
	return !count || netstat_passes_over(words, count, line) || netstat_row(block, words, count);
}

static bool netstat_made_by(const struct ticket_command *command)
{
	static const char *const others[] = { "-s", "-i", "-r", "-g", "--statistics", "--interfaces", "--route" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (command_has(command, others[i]))
			return false;
	}
	return command_runs(command, "netstat");
}

/* ---- /proc/net ---- */

static bool shows(const struct ticket_command *command, const char *file)
{
	for (size_t i = 0; i < command->count; i++) {
		struct slice word = command->words[i];

		if (word.length >= strlen(file) &&
		    memcmp(word.data + word.length - strlen(file), file, strlen(file)) == 0)
			return true;
	}
	return false;
}

static bool proc_made_by(const struct ticket_command *command)
{
	return shows(command, "net/udp") || shows(command, "net/udp6") || shows(command, "net/tcp") ||
	       shows(command, "net/tcp6");
}

static bool proc_begins(struct slice line)
{
	struct slice words[4];

	return line_words(line, words, ARRAY_SIZE(words)) == 4 && slice_is(words[0], "sl") &&
	       slice_is(words[1], "local_address");
}

static bool proc_take(struct block *block, struct slice line)
{
	CLEANUP_TEXT struct text local = { 0 }, remote = { 0 };
	struct slice words[2];
	struct socket_facts facts;
	struct socket_row row;
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	uint8_t family = count == 2 && words[1].length > 16 ? AF_INET6 : AF_INET;

	socket_end_row(block);
	if (!count)
		return true;
	if (proc_begins(line)) {
		/* Raw sockets have the same columns, TCP has no drops. */
		block->numbers[NUMBER_UDP] = line_has(line, "drops");
		return true;
	}
	if (!block->text.length && (shows(block->command, "net/udp") || shows(block->command, "net/udp6")))
		block->numbers[NUMBER_UDP] = true;
	if (socket_proc_parse(line, family, block->numbers[NUMBER_UDP] ? IPPROTO_UDP : IPPROTO_TCP, &facts))
		return false;
	socket_address_text(&facts.local, family == AF_INET6, NULL, &local);
	if (facts.remote.port)
		socket_address_text(&facts.remote, false, NULL, &remote);
	row = (struct socket_row){ .udp = facts.protocol == IPPROTO_UDP,
				   .state = facts.state,
				   .rqueue = facts.rqueue,
				   .wqueue = facts.wqueue,
				   .all = true };
	socket_add_row(block, &row, text_string(&local), text_string(&remote));
	if (row.udp)
		block_add(block, C_SOCK_DROPS, block->object, facts.memory[SK_MEMINFO_DROPS]);
	return true;
}

const struct ticket_format ticket_formats_socket[] = {
	{ "ss -s", .made_by = summary_made_by, .begins = summary_begins, .take = summary_take, .every_line = true },
	{ "ss", .made_by = ss_made_by, .begins = ss_is_header, .owns = ss_owns, .take = ss_take, .end = ss_end },
	{ "netstat -an", .made_by = netstat_made_by, .begins = netstat_begins, .take = netstat_take,
	  .end = socket_end_row, .every_line = true },
	{ "/proc/net/udp", .made_by = proc_made_by, .begins = proc_begins, .take = proc_take, .end = socket_end_row },
	{ 0 },
};
