/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drops by perf events at the tracepoint skb:kfree_skb, for kernels that describe no types, or refuse BPF programs. Each drop
 * is a record that this process reads and counts; how many there were in all the kernel counts by itself, so that what the
 * buffer had no room for is known by number. Nothing is known of namespace, device and packet. The events go with the
 * process.
 */
#include "source/drops_parts.h"

#include "base/alloc.h"
#include "base/parse.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RECORD_MAX 4096
#define PAGE ((size_t)4096)

/* Where a field lies in the tracepoint's record; size 0: this kernel does not have it. */
struct field {
	unsigned int offset, size;
};

struct buffer {
	int fd;
	struct perf_event_mmap_page *page; /* the ring behind it */
	uint64_t last;			   /* of the kernel's count when it was stopped */
	uint64_t seen;			   /* records */
};

struct drops_perf {
	struct buffer *buffers; /* by CPU; fd -1 where it is offline */
	struct field location, protocol, reason;
	uint32_t samples_per_second;
	bool stopped;
};

/* ---- the tracepoint ---- */

static const char *const directories[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

static int read_text(const char *name, struct text *ret)
{
	char piece[4096], path[128];
	CLEANUP_CLOSE int fd = -1;
	ssize_t got = 0;

	for (size_t i = 0; fd < 0 && i < ARRAY_SIZE(directories); i++) {
		snprintf(path, sizeof(path), "%s/events/skb/kfree_skb/%s", directories[i], name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return -errno;
	while ((got = read(fd, piece, sizeof(piece))) > 0)
		text_add_bytes(ret, piece, (size_t)got);
	return got < 0 ? -errno : 0;
}

/* "	field:unsigned short protocol;	offset:32;	size:2;	signed:0;" */
static void take_field(struct slice line, const char *name, struct field *ret)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice declaration, offset, size;
	size_t length = strlen(name);
	uint64_t at, bytes;

	if (!cursor_until(&cursor, ';', &declaration) || declaration.length < length + 1 ||
	    memcmp(declaration.data + declaration.length - length, name, length) != 0 ||
	    declaration.data[declaration.length - length - 1] != ' ')
		return;
	if (!cursor_until(&cursor, ':', &offset) || !cursor_until(&cursor, ';', &offset) ||
	    !cursor_until(&cursor, ':', &size) || !cursor_until(&cursor, ';', &size) || parse_u64(offset, &at) ||
	    parse_u64(size, &bytes) || at > RECORD_MAX || (bytes != 2 && bytes != 4 && bytes != 8))
		return;
	*ret = (struct field){ (unsigned int)at, (unsigned int)bytes };
}

static int read_format(struct drops_perf *perf)
{
	CLEANUP_TEXT struct text text = { 0 };
	int error = read_text("format", &text);
	struct cursor lines;
	struct slice line;

	if (error)
		return error;
	lines = cursor_of(text_string(&text), text.length);
	while (cursor_line(&lines, &line)) {
		take_field(line, "location", &perf->location);
		take_field(line, "protocol", &perf->protocol);
		take_field(line, "reason", &perf->reason);
	}
	return perf->location.size == 8 && perf->protocol.size == 2 ? 0 : -EPROTO;
}

static int read_id(uint64_t *ret)
{
	CLEANUP_TEXT struct text text = { 0 };
	int error = read_text("id", &text);
	struct cursor lines = cursor_of(text_string(&text), text.length);
	struct slice line;

	if (error)
		return error;
	return cursor_line(&lines, &line) && parse_u64(line, ret) == 0 ? 0 : -EPROTO;
}

/* ---- opening ---- */

static int open_buffer(struct perf_event_attr *attributes, int cpu, struct buffer *ret)
{
	void *mapped;

	ret->fd = (int)syscall(SYS_perf_event_open, attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (ret->fd < 0)
		return errno == ENODEV ? 0 : -errno; /* a CPU that is offline drops nothing */
	mapped = mmap(NULL, PAGE + DROPS_RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, ret->fd, 0);
	if (mapped == MAP_FAILED)
		return -errno;
	ret->page = mapped;
	return 0;
}

static int open_buffers(struct drops *drops)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attributes),
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
		.watermark = 1,
		.wakeup_watermark = DROPS_RING_BYTES / 4,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	uint64_t id = 0;
	int error = read_id(&id);

	attributes.config = id;
	for (size_t cpu = 0; cpu < drops->cpu_count && !error; cpu++)
		error = open_buffer(&attributes, (int)cpu, &drops->perf->buffers[cpu]);
	return error;
}

int drops_perf_attach(struct drops *drops, const struct drops_options *options)
{
	int error;

	drops->perf = NEW(struct drops_perf);
	drops->cpu_count = (size_t)sysconf(_SC_NPROCESSORS_CONF);
	drops->flow_count = 0;
	drops->perf->samples_per_second = options->samples_per_second;
	drops->perf->buffers = mem_new(drops->cpu_count, sizeof(*drops->perf->buffers));
	for (size_t cpu = 0; cpu < drops->cpu_count; cpu++)
		drops->perf->buffers[cpu].fd = -1;
	drops->slots = mem_new(drops->cpu_count * DROP_SLOTS, sizeof(struct drop_slot));
	drops->cpus = mem_new(drops->cpu_count, sizeof(struct drop_cpu));
	error = read_format(drops->perf);
	if (!error)
		error = open_buffers(drops);
	if (error)
		drops_perf_free(drops);
	return error;
}

/* ---- counting ---- */

static uint64_t field_value(const char *record, const struct field *field)
{
	uint64_t eight = 0;
	uint32_t four;
	uint16_t two;

	switch (field->size) {
	case 2:
		memcpy(&two, record + field->offset, sizeof(two));
		return two;
	case 4:
		memcpy(&four, record + field->offset, sizeof(four));
		return four;
	case 8:
		memcpy(&eight, record + field->offset, sizeof(eight));
		return eight;
	default:
		return 0;
	}
}

/* The key's slot, as the probe in the kernel finds it (src/bpf/drop_probe.h); NULL when there is no room. */
static struct drop_slot *slot_of(struct drops *drops, size_t cpu, const struct drop_key *key, bool *ret_new)
{
	uint32_t hash = drop_key_hash(key);

	for (uint32_t i = 0; i < DROP_TRIES; i++) {
		size_t index = cpu * DROP_SLOTS + ((hash + i) & (DROP_SLOTS - 1));
		struct drop_slot *slot = (struct drop_slot *)&drops->slots[index];
		struct drop_cpu *own = (struct drop_cpu *)&drops->cpus[cpu];

		if (!slot->is_used) {
			*slot = (struct drop_slot){ .key = *key, .is_used = 1, .next = own->last };
			own->last = (uint32_t)index + 1;
			*ret_new = true;
			return slot;
		}
		if (memcmp(&slot->key, key, sizeof(*key)) == 0)
			return slot;
	}
	return NULL;
}

static bool may_show(struct drops *drops, size_t cpu, bool is_new, uint64_t time_ns)
{
	struct drop_cpu *own = (struct drop_cpu *)&drops->cpus[cpu];

	if (own->second != time_ns >> 30) {
		own->second = time_ns >> 30;
		own->taken = 0;
	}
	if (!is_new && own->taken >= drops->perf->samples_per_second) {
		own->samples_left += drops->perf->samples_per_second != 0;
		return false;
	}
	own->taken += !is_new;
	return true;
}

/* What a sample of that type holds, in this order: linux/perf_event.h at PERF_RECORD_SAMPLE. */
struct perf_sample {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t time_ns;
	uint32_t raw_size;
	char raw[];
};

static bool holds(const struct perf_sample *sample, size_t size, const struct field *field)
{
	size_t end = (size_t)field->offset + field->size;

	return end <= sample->raw_size && sizeof(*sample) + end <= size;
}

static void take_record(struct drops *drops, size_t cpu, const struct perf_sample *record, size_t size)
{
	const struct drops_perf *perf = drops->perf;
	struct drop_sample sample = { .stack_bytes = -1, .segments = 1, .cpu = (uint32_t)cpu };
	struct drop_slot *slot;
	bool is_new = false;

	if (size < sizeof(*record) || !holds(record, size, &perf->location) || !holds(record, size, &perf->protocol) ||
	    !holds(record, size, &perf->reason))
		return;
	drops->perf->buffers[cpu].seen++;
	sample.key.place = field_value(record->raw, &perf->location);
	sample.key.reason = (uint32_t)field_value(record->raw, &perf->reason);
	sample.key.ethertype = (uint16_t)field_value(record->raw, &perf->protocol);
	sample.time_ns = record->time_ns;
	slot = slot_of(drops, cpu, &sample.key, &is_new);
	if (!slot) {
		((struct drop_cpu *)&drops->cpus[cpu])->skbs++;
		return;
	}
	slot->skbs++;
	slot->segments++;
	if (drops->each && may_show(drops, cpu, is_new, record->time_ns))
		drops->each(drops->argument, &sample);
}

/* Everything that waits in one buffer; a record that goes round its end is put together first. */
static void drain(struct drops *drops, size_t cpu)
{
	struct perf_event_mmap_page *page = drops->perf->buffers[cpu].page;
	const char *ring = (const char *)page + PAGE;
	uint64_t head = page ? __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE) : 0;
	char copy[RECORD_MAX] __attribute__((aligned(8)));

	while (page && page->data_tail + sizeof(struct perf_event_header) <= head) {
		size_t at = page->data_tail % DROPS_RING_BYTES, first = DROPS_RING_BYTES - at;
		struct perf_event_header header;
		const char *record = ring + at;

		memcpy(&header, record, sizeof(header)); /* records are of whole words: a header never goes round */
		if (header.size < sizeof(header) || page->data_tail + header.size > head)
			break;
		if (header.size > first && header.size <= sizeof(copy)) {
			memcpy(copy, record, first);
			memcpy(copy + first, ring, header.size - first);
			record = copy;
		}
		if (header.type == PERF_RECORD_SAMPLE && header.size <= sizeof(copy))
			take_record(drops, cpu, (const struct perf_sample *)record, header.size);
		__atomic_store_n(&page->data_tail, page->data_tail + header.size, __ATOMIC_RELEASE);
	}
}

/* The buffers wake nobody up before they are a quarter full: waiting is in short steps. */
#define STEP_MS 20

int drops_perf_poll(struct drops *drops, int timeout_ms)
{
	uint64_t before = 0, after = 0;

	for (size_t cpu = 0; cpu < drops->cpu_count; cpu++)
		before += drops->perf->buffers[cpu].seen;
	do {
		int step_ms = timeout_ms < STEP_MS ? timeout_ms : STEP_MS;

		if (step_ms > 0 && poll(NULL, 0, step_ms) < 0)
			return -errno;
		timeout_ms -= step_ms;
		after = 0;
		for (size_t cpu = 0; cpu < drops->cpu_count; cpu++) {
			drain(drops, cpu);
			after += drops->perf->buffers[cpu].seen;
		}
	} while (after == before && timeout_ms > 0);
	drops->each = NULL;
	return (int)(after - before);
}

static uint64_t kernel_count(const struct drops_perf *perf, const struct buffer *buffer)
{
	uint64_t count;

	if (buffer->fd < 0 || perf->stopped)
		return buffer->last;
	return read(buffer->fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

uint64_t drops_perf_missed(const struct drops *drops)
{
	uint64_t missed = 0;

	for (size_t cpu = 0; cpu < drops->cpu_count; cpu++) {
		const struct buffer *buffer = &drops->perf->buffers[cpu];
		uint64_t count = kernel_count(drops->perf, buffer);

		missed += count > buffer->seen ? count - buffer->seen : 0;
	}
	return missed;
}

void drops_perf_stop(struct drops *drops)
{
	for (size_t cpu = 0; cpu < drops->cpu_count; cpu++) {
		struct buffer *buffer = &drops->perf->buffers[cpu];

		if (buffer->fd < 0)
			continue;
		(void)ioctl(buffer->fd, PERF_EVENT_IOC_DISABLE, 0);
		buffer->last = kernel_count(drops->perf, buffer);
		drain(drops, cpu);
	}
	drops->perf->stopped = true;
}

void drops_perf_free(struct drops *drops)
{
	for (size_t cpu = 0; cpu < drops->cpu_count; cpu++) {
		struct buffer *buffer = &drops->perf->buffers[cpu];

		if (buffer->page)
			munmap(buffer->page, PAGE + DROPS_RING_BYTES);
		if (buffer->fd >= 0)
			close(buffer->fd);
	}
	free(drops->perf->buffers);
	free((void *)drops->slots);
	free((void *)drops->cpus);
	free(drops->perf);
	drops->perf = NULL;
	drops->slots = NULL;
	drops->cpus = NULL;
}
