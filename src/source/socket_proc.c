/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets from /proc/net/{udp,udp6,tcp,tcp6}, where sock_diag is not loaded.
 *
 *	sl local:port remote:port st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ref pointer drops
 *
 * (net/ipv4/udp.c: udp4_format_sock; net/ipv4/tcp_ipv4.c: get_tcp4_sock). Addresses are
 * 32-bit words printed in the host's byte order. TCP rows end differently and
 * tell no drops, no totals and not the accept queue's limit, so connections are
 * left out; listeners' rx_queue is the accept queue.
 */
#include "source/socket.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static int parse_address(struct slice word, uint8_t family, struct socket_address *ret)
{
	struct cursor cursor = cursor_of(word.data, word.length);
	size_t words = family == AF_INET ? 1 : 4;
	struct slice digits;
	uint64_t value;

	if (!cursor_until(&cursor, ':', &digits) || digits.length != words * 8)
		return -EINVAL;
	ret->family = family;
	for (size_t i = 0; i < words; i++) {
		uint32_t part;

		if (parse_hex((struct slice){ digits.data + i * 8, 8 }, &value) < 0)
			return -EINVAL;
		part = (uint32_t)value;
		memcpy(&ret->bytes[i * 4], &part, sizeof(part));
	}
	if (parse_hex(cursor.rest, &value) < 0 || value > UINT16_MAX)
		return -EINVAL;
	ret->port = (uint16_t)value;
	return 0;
}

/* "00000000:0000021C": transmit queue, then receive queue. */
static int parse_queues(struct slice word, struct socket_facts *facts)
{
	struct cursor cursor = cursor_of(word.data, word.length);
	struct slice sent;
	uint64_t wqueue, rqueue;

	if (!cursor_until(&cursor, ':', &sent) || parse_hex(sent, &wqueue) < 0 || parse_hex(cursor.rest, &rqueue) < 0 ||
	    wqueue > UINT32_MAX || rqueue > UINT32_MAX)
		return -EINVAL;
	facts->wqueue = (uint32_t)wqueue;
	facts->rqueue = (uint32_t)rqueue;
	return 0;
}

static int parse_tail(struct cursor *cursor, struct socket_facts *facts)
{
	struct slice skipped;
	uint64_t drops;

	cursor_word(cursor, &skipped); /* timer */
	cursor_word(cursor, &skipped); /* retransmits */
	facts->uid = (uint32_t)cursor_u64(cursor);
	cursor_word(cursor, &skipped); /* timeout */
	facts->inode = cursor_u64(cursor);
	if (facts->protocol != IPPROTO_UDP || cursor->error)
		return cursor->error ? -EINVAL : 0;
	cursor_word(cursor, &skipped); /* references */
	cursor_word(cursor, &skipped); /* pointer */
	drops = cursor_u64(cursor);
	facts->memory[SK_MEMINFO_DROPS] = (uint32_t)drops;
	facts->known |= SOCKET_HAS_DROPS;
	return cursor->error ? -EINVAL : 0;
}

int socket_proc_parse(struct slice line, uint8_t family, uint8_t protocol, struct socket_facts *ret)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct socket_facts facts = { .protocol = protocol };
	struct slice slot, local, remote, state, queues;
	uint64_t value;

	if (!cursor_word(&cursor, &slot) || !cursor_word(&cursor, &local) || !cursor_word(&cursor, &remote) ||
	    !cursor_word(&cursor, &state) || !cursor_word(&cursor, &queues))
		return -EINVAL;
	if (parse_address(local, family, &facts.local) < 0 || parse_address(remote, family, &facts.remote) < 0 ||
	    parse_hex(state, &value) < 0 || value > UINT8_MAX || parse_queues(queues, &facts) < 0)
		return -EINVAL;
	facts.state = (uint8_t)value;
	if (parse_tail(&cursor, &facts) < 0)
		return -EINVAL;
	*ret = facts;
	return 0;
}

/* What can be said of a TCP socket from here: listeners and what waits for them. */
static bool is_told(const struct socket_facts *facts)
{
	return facts->protocol == IPPROTO_UDP || facts->state == SOCKET_LISTEN || facts->state == SOCKET_SYN_RECV;
}

/*
 * Connections are passed over, but each is a line here, the closed ones in TIME_WAIT included. Listeners come first
 * (net/ipv4/tcp_ipv4.c: tcp_seek_last_pos), so that it is half-open connections which are missing behind so many.
 */
#define ROWS_MAX 100000

struct table {
	struct socket_reading *reading;
	uint8_t family, protocol;
	uint32_t lines;
};

static bool take_row(void *data, struct slice line)
{
	struct table *table = data;
	struct socket_facts facts;

	if (!table->lines++ || !slice_trim(line).length) /* headings */
		return true;
	if (table->lines > ROWS_MAX) {
		table->reading->cut = true;
		return false;
	}
	if (socket_proc_parse(line, table->family, table->protocol, &facts) < 0)
		table->reading->unparsed = true;
	else if (is_told(&facts))
		return socket_take(table->reading, &facts);
	return true;
}

static int read_table(struct socket_reading *reading, const char *path, uint8_t family, uint8_t protocol)
{
	struct table table = { .reading = reading, .family = family, .protocol = protocol };
	int error = source_read_lines(reading->context, path, take_row, &table);

	return error == -ENOENT && family == AF_INET6 ? 0 : error; /* a kernel without IPv6 */
}

int socket_proc_read(struct socket_reading *reading, unsigned int parts, const char **ret_reason)
{
	static const struct {
		const char *path, *failure;
		uint8_t family, protocol;
		unsigned int part;
	} tables[] = {
		{ "/proc/thread-self/net/udp", "reading /proc/net/udp", AF_INET, IPPROTO_UDP, SOCKET_PART_UDP },
		{ "/proc/thread-self/net/udp6", "reading /proc/net/udp6", AF_INET6, IPPROTO_UDP, SOCKET_PART_UDP },
		{ "/proc/thread-self/net/tcp", "reading /proc/net/tcp", AF_INET, IPPROTO_TCP, SOCKET_PART_TCP },
		{ "/proc/thread-self/net/tcp6", "reading /proc/net/tcp6", AF_INET6, IPPROTO_TCP, SOCKET_PART_TCP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		int error = 0;

		if (tables[i].part & parts)
			error = read_table(reading, tables[i].path, tables[i].family, tables[i].protocol);
		if (error) {
			*ret_reason = text_internf("%s: %s", tables[i].failure, source_error_phrase(error));
			return error;
		}
	}
	return 0;
}

/* "TCP: inuse 5 orphan 0 …", "UDP6: inuse 2": adds the part when a protocol of that name is in use. */
static void count_in_use(struct slice line, unsigned int *parts)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice name;

	if (!cursor_until(&cursor, ':', &name))
		return;
	if (cursor_word(&cursor, &line) && slice_is(line, "inuse") && (cursor_u64(&cursor) || cursor.error)) {
		if (slice_is(name, "UDP") || slice_is(name, "UDP6"))
			*parts |= SOCKET_PART_UDP;
		else if (slice_is(name, "TCP") || slice_is(name, "TCP6"))
			*parts |= SOCKET_PART_TCP;
	}
}

unsigned int socket_parts_in_use(const struct source_context *context)
{
	static const char *const paths[] = { "/proc/thread-self/net/sockstat", "/proc/thread-self/net/sockstat6" };
	unsigned int parts = 0;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int error = source_read_file(context, paths[i]);
		struct cursor cursor;
		struct slice line;

		if (error == -ENOENT && i)
			continue; /* a kernel without IPv6 */
		if (error)
			return SOCKET_PART_UDP | SOCKET_PART_TCP;
		cursor = cursor_of(text_string(context->buffer), context->buffer->length);
		while (cursor_line(&cursor, &line))
			count_in_use(line, &parts);
	}
	return parts;
}
