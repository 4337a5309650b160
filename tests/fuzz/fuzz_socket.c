/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets: the first byte chooses between a datagram of sock_diag answers ('u'
 * for UDP, 't' for TCP, 'p' for packet sockets) and the lines of /proc/net/udp
 * and tcp6 (anything else).
 * Every object gets a name, every sample a known counter.
 */
#include "base/alloc.h"
#include "fuzz/fuzz.h"
#include "source/socket.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static void diag(struct socket_reading *reading, uint8_t kind, const uint8_t *data, size_t size)
{
	CLEANUP_FREE char *aligned = size ? mem_new(size, 1) : NULL;

	if (size)
		memcpy(aligned, data, size);
	if (kind == 'p')
		(void)socket_packet_take(reading, aligned, size);
	else
		(void)socket_diag_take(reading, kind == 'u' ? IPPROTO_UDP : IPPROTO_TCP, aligned, size);
}

static void lines(struct socket_reading *reading, const uint8_t *data, size_t size)
{
	struct cursor cursor = cursor_of((const char *)data, size);
	struct slice line;

	while (cursor_line(&cursor, &line)) {
		struct socket_facts facts;

		if (socket_proc_parse(line, AF_INET, IPPROTO_UDP, &facts) == 0)
			(void)socket_take(reading, &facts);
		if (socket_proc_parse(line, AF_INET6, IPPROTO_TCP, &facts) == 0)
			(void)socket_take(reading, &facts);
	}
}

static void check(const struct snapshot *snapshot, const struct objects *objects)
{
	const struct sample *sample;

	vec_each(&snapshot->samples, sample) {
		REQUIRE(sample->counter < COUNTER_STATIC && sample->object < objects_count(objects));
		REQUIRE(*object_text(object_get(objects, sample->object), LABEL_NAME));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text buffer = { 0 };
	struct snapshot snapshot = { 0 };
	struct source_context context = { .objects = objects_new(), .sysroot = "", .buffer = &buffer };
	struct socket_reading reading = { .context = &context, .snapshot = &snapshot };

	context.netns = object_intern(context.objects, (struct object_key){ OBJECT_NETNS, 1, 0, 0 }, NULL);
	snapshot_begin(&snapshot, context.objects);
	if (size && (data[0] == 'u' || data[0] == 't' || data[0] == 'p'))
		diag(&reading, data[0], data + 1, size - 1);
	else
		lines(&reading, data, size);
	socket_finish(&reading);
	check(&snapshot, context.objects);
	snapshot_free(&snapshot);
	text_free(&buffer);
	objects_free(context.objects);
	return 0;
}
