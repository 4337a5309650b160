/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few lines of the kernel log that speak of packets, from /dev/kmsg
 * (Documentation/ABI/testing/dev-kmsg). Every reader has a position of its own,
 * so nobody misses a line because this tool read it. One record per read():
 *
 *	6,1062,4296180004,-;nf_conntrack: nf_conntrack: table full, dropping packet
 *	 KEY=value
 *
 * priority and facility, sequence number, microseconds, flags. What programs wrote (a
 * facility that is not 0) is left out: anybody could have. Most of these lines
 * are rate limited, so they count occasions, not packets; few say how many packets
 * there were since the line before. Reading begins at the log's end: only what is
 * said in the window counts.
 */
#include "source/kernel_log.h"

#include "source/procfs.h"

#include "model/series.h"

#include "base/alloc.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PATH "/dev/kmsg"
#define RECORD_BYTES 8192 /* kernel/printk/internal.h: PRINTK_MESSAGE_MAX and its prefix fit */
#define RECORDS_MAX 2000  /* per reading; the rest is there the next time */

#define RATE_LIMIT "net_ratelimit:"

static const struct pattern {
	const char *words; /* in lower case */
	counter_id counter;
	bool device; /* the line names a device */
} patterns[] = {
	{ "conntrack: table full", C_KERNEL_LOG_CONNTRACK_FULL, false },
	{ "table overflow!", C_KERNEL_LOG_NEIGHBOUR_OVERFLOW, false }, /* "arp_cache: neighbor table overflow!" */
	{ "neighbour table overflow", C_KERNEL_LOG_NEIGHBOUR_OVERFLOW, false },
	{ "netdev watchdog", C_KERNEL_LOG_TX_TIMEOUT, true },
	{ "link is down", C_KERNEL_LOG_LINK_DOWN, true },
	{ "link down", C_KERNEL_LOG_LINK_DOWN, true },
	{ "page allocation failure", C_KERNEL_LOG_ALLOCATION_FAILURE, false },
	{ "killed process", C_KERNEL_LOG_OUT_OF_MEMORY_KILL, false },
	{ "possible syn flooding", C_KERNEL_LOG_SYN_FLOODING, false },
	{ "tcp: out of memory", C_KERNEL_LOG_TCP_MEMORY, false },
	{ "too many orphaned sockets", C_KERNEL_LOG_TCP_ORPHANS, false },
	{ "time wait bucket table overflow", C_KERNEL_LOG_TIME_WAIT, false },
	{ "nf_queue: full", C_KERNEL_LOG_NFQUEUE_FULL, false },
	{ "martian source", C_KERNEL_LOG_MARTIAN, false },
	{ "blocked for more than", C_KERNEL_LOG_HUNG_TASK, false },
	{ "soft lockup", C_KERNEL_LOG_LOCKUP, false },
	/* The word before these is how many: ixgbe_main.c: ixgbe_spoof_check(), every two seconds. */
	{ "spoofed packets detected", C_KERNEL_LOG_SPOOFED_PACKETS, true },
	/* The word behind it: lib/ratelimit.c. What net_ratelimit() keeps back are lines like these, whichever. */
	{ RATE_LIMIT, C_KERNEL_LOG_SUPPRESSED, false },
};

struct reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	size_t from;	   /* the first sample of this reading */
	uint64_t sequence; /* of the last record taken */
	bool first;	   /* nothing was read before: what is there now was said before the window */
	bool gap;	   /* records were overwritten before they were read */
};

#define WORDS_WITHIN 1024 /* of a line: kernel/printk/printk.c: LOG_LINE_MAX */

/* The words that a pattern is known by; *ret_before: what stands before them. */
static const struct pattern *pattern_find(struct slice line, struct slice *ret_before)
{
	size_t length = line.length < WORDS_WITHIN ? line.length : WORDS_WITHIN;
	char lower[WORDS_WITHIN];

	for (size_t i = 0; i < length; i++)
		lower[i] = (char)tolower((unsigned char)line.data[i]);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		const char *found = memmem(lower, length, patterns[i].words, strlen(patterns[i].words));

		if (found) {
			*ret_before = (struct slice){ line.data, (size_t)(found - lower) };
			return &patterns[i];
		}
	}
	return NULL;
}

/* The number that is the first word behind the first `length` bytes; 0 when that is none. */
static uint64_t number_behind_bytes(struct slice line, size_t length)
{
	struct cursor words = cursor_of(line.data + length, line.length - length);
	uint64_t number = cursor_u64(&words);

	return words.error ? 0 : number;
}

/* The number that is the last word; 0 when that is none. */
static uint64_t last_number(struct slice text)
{
	struct cursor words = cursor_of(text.data, text.length);
	struct slice word;
	uint64_t number = 0;

	while (cursor_word(&words, &word)) {
		if (parse_u64(word, &number))
			number = 0;
	}
	return number;
}

bool kernel_log_message(struct slice line, struct kernel_log_message *ret)
{
	struct slice before;
	const struct pattern *pattern = pattern_find(line, &before);

	if (!pattern)
		return false;
	*ret = (struct kernel_log_message){ pattern->counter, pattern->device, false, 1 };
	if (counter_get(pattern->counter)->unit == UNIT_PACKETS) {
		ret->packets = true;
		ret->count = last_number(before);
	}
	if (pattern->counter == C_KERNEL_LOG_SUPPRESSED)
		ret->count = number_behind_bytes(line, before.length + strlen(RATE_LIMIT));
	return true;
}

counter_id kernel_log_counter(size_t index, bool *ret_of_device)
{
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		if (i && patterns[i].counter == patterns[i - 1].counter)
			continue; /* another wording of the same */
		if (index-- == 0) {
			*ret_of_device = patterns[i].device;
			return patterns[i].counter;
		}
	}
	return COUNTER_NONE;
}

struct slice kernel_log_word(struct slice word)
{
	while (word.length && strchr("(", word.data[0])) {
		word.data++;
		word.length--;
	}
	while (word.length && strchr(":,)", word.data[word.length - 1]))
		word.length--;
	return word;
}

/* The device with a driver in the tool's own namespace whose name is a word of the line, or NULL. */
static const struct object *device_named(const struct source_context *context, struct slice line)
{
	for (uint32_t id = 0; id < objects_count(context->objects); id++) {
		const struct object *link = object_get(context->objects, id);
		struct cursor words = cursor_of(line.data, line.length);
		struct slice word;

		if (link->key.kind != OBJECT_LINK || link->key.netns != objects_home(context->objects))
			continue;
		while (cursor_word(&words, &word)) {
			word = kernel_log_word(word);
			if (word.length && slice_is(word, object_text(link, LABEL_NAME)))
				return link;
		}
	}
	return NULL;
}

/* So many more of it than the samples of this reading, or the readings before, say. */
static void count(struct reading *reading, counter_id counter, const struct object *object, uint64_t more)
{
	const struct series *series = reading->context->series;

	for (size_t i = reading->from; i < reading->snapshot->samples.count; i++) {
		struct sample *sample = &reading->snapshot->samples.data[i];

		if (sample->counter == counter && sample->object == object->id) {
			sample->value += more;
			return;
		}
	}
	snapshot_add(reading->snapshot, counter, object,
		     (series ? series_last(series, counter, object->id) : 0) + more);
}

static void take_message(struct reading *reading, struct slice line)
{
	const struct object *device, *host = procfs_host(reading->context);
	struct kernel_log_message message;

	if (!kernel_log_message(line, &message))
		return;
	device = message.of_device ? device_named(reading->context, line) : NULL;
	if (message.packets) {
		/* Each was lost once: there, or it is not known where. */
		count(reading, message.counter, device ? device : host, message.count);
		return;
	}
	count(reading, message.counter, host, message.count);
	if (device)
		count(reading, message.counter, device, message.count);
}

/* "6,1062,4296180004,-;the message"; lines that begin with a blank belong to the record before. */
static void take_line(struct reading *reading, struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice priority, sequence, header;
	uint64_t number, rank;

	if (!cursor_until(&cursor, ';', &header))
		return;
	line = cursor.rest;
	cursor = cursor_of(header.data, header.length);
	if (!cursor_until(&cursor, ',', &priority) || !cursor_until(&cursor, ',', &sequence) ||
	    parse_u64(priority, &rank) || parse_u64(sequence, &number))
		return;
	if (!reading->first && number <= reading->sequence)
		return;
	reading->gap |= !reading->first && reading->sequence && number > reading->sequence + 1;
	reading->sequence = number;
	if (!reading->first && rank < 8)
		take_message(reading, line);
}

static void take_lines(struct reading *reading, struct slice text)
{
	struct cursor lines = cursor_of(text.data, text.length);
	struct slice line;

	while (cursor_line(&lines, &line))
		take_line(reading, line);
}

/* The open log, at its end when it is opened first; it stays open. -errno as well. Reading is single-threaded. */
static int log_open(void)
{
	static int fd = -1;

	if (fd >= 0)
		return fd;
	fd = open(PATH, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_END) < 0)
		return -errno;
	return fd;
}

static int read_live(struct reading *reading)
{
	char record[RECORD_BYTES];
	int fd = log_open();

	if (fd < 0)
		return fd;
	for (size_t i = 0; i < RECORDS_MAX; i++) {
		ssize_t got = read(fd, record, sizeof(record));

		if (got > 0)
			take_lines(reading, (struct slice){ record, (size_t)got });
		else if (got == 0 || errno == EAGAIN)
			return 0;
		else if (errno == EPIPE)
			reading->gap = true;
		else if (errno != EINTR && errno != EINVAL)
			return -errno;
	}
	return 0;
}

static int read_recorded(struct reading *reading)
{
	int error = source_read_file(reading->context, PATH);

	if (!error)
		take_lines(reading,
			   (struct slice){ text_string(reading->context->buffer), reading->context->buffer->length });
	return error;
}

/* What was counted so far, for what did not move now; at first 0 for everything, also for each device with a driver. */
static void add_standing(struct reading *reading)
{
	const struct source_context *context = reading->context;
	counter_id counter;
	bool of_device;

	for (size_t i = 0; (counter = kernel_log_counter(i, &of_device)) != COUNTER_NONE; i++) {
		snapshot_add(reading->snapshot, counter, procfs_host(context),
			     context->series ? series_last(context->series, counter, OBJECT_HOST_ID) : 0);
		for (uint32_t id = 0; reading->first && of_device && id < objects_count(context->objects); id++) {
			const struct object *link = object_get(context->objects, id);

			if (link->key.kind == OBJECT_LINK && link->key.netns == objects_home(context->objects) &&
			    *object_text(link, LABEL_DRIVER))
				snapshot_add(reading->snapshot, counter, link, 0);
		}
	}
}

static void kernel_log_read(const struct source_context *context, struct snapshot *snapshot)
{
	const struct object *host = procfs_host(context);
	const struct cell *before =
		context->series ? series_cell(context->series, C_KERNEL_LOG_SEQUENCE, OBJECT_HOST_ID) : NULL;
	struct reading reading = { .context = context,
				   .snapshot = snapshot,
				   .from = snapshot->samples.count,
				   .first = !before,
				   .sequence = before ? before->last : 0 };
	int error;

	add_standing(&reading);
	error = *context->sysroot ? read_recorded(&reading) : read_live(&reading);
	if (error) {
		snapshot->samples.count = reading.from;
		procfs_missed(snapshot, SOURCE_KERNEL_LOG, host, PATH, error);
		return;
	}
	snapshot_add(snapshot, C_KERNEL_LOG_SEQUENCE, host, reading.sequence);
	if (reading.gap)
		snapshot_covered_partly(snapshot, SOURCE_KERNEL_LOG, host,
					"kernel log: lines were overwritten before they were read");
	else
		snapshot_covered(snapshot, SOURCE_KERNEL_LOG, host);
}

const struct source source_kernel_log = { SOURCE_KERNEL_LOG, SCOPE_HOST, COST_MIDDLE, kernel_log_read };
