/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counter table and its index by (source, name), plus the dynamic counters
 * of this process: names that the kernel or a driver prints and no row knows.
 * Single-threaded, as is all reading.
 */
#include "model/counter.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <string.h>

static const struct counter static_counters[] = {
#define COUNTER(symbol, name, source, domain, kind, form, unit, check, meaning)                   \
	[C_##symbol] = { name,	      SOURCE_##source, DOMAIN_##domain, KIND_##kind, FORM_##form, \
			 UNIT_##unit, check,	       meaning,		false },
#include "model/counters.def"
#undef COUNTER
};

static const struct {
	const char *id, *what;
} sources[SOURCE_COUNT] = {
#define SOURCE(symbol, id, what) [SOURCE_##symbol] = { id, what },
#include "model/source.def"
#undef SOURCE
};

#define CHUNK 256 /* dynamic counters are allocated in chunks so that pointers stay put */

static VEC(struct counter *) dynamic_chunks;
static counter_id dynamic_count;

static struct {
	counter_id *slots; /* id + 1, 0 is empty; linear probing */
	size_t size;	   /* power of two */
	size_t used;
} index_;

const char *source_id_name(enum source_id id)
{
	return sources[id].id;
}

const char *source_id_what(enum source_id id)
{
	return sources[id].what;
}

const struct counter *counter_get(counter_id id)
{
	if (id < COUNTER_STATIC)
		return &static_counters[id];
	id -= COUNTER_STATIC;
	return &dynamic_chunks.data[id / CHUNK][id % CHUNK];
}

const char *counter_name(counter_id id)
{
	return counter_get(id)->name;
}

counter_id counter_total(void)
{
	return COUNTER_STATIC + dynamic_count;
}

static size_t name_hash(enum source_id source, const char *name, size_t length)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)source;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * UINT64_C(1099511628211);
	return (size_t)(hash ^ hash >> 32);
}

static void index_put(counter_id id)
{
	const struct counter *counter = counter_get(id);
	size_t at = name_hash(counter->source, counter->name, strlen(counter->name));

	while (index_.slots[at & (index_.size - 1)])
		at++;
	index_.slots[at & (index_.size - 1)] = id + 1;
	index_.used++;
}

/* Keeps the table at most half full. */
static void index_grow(void)
{
	size_t needed = (size_t)counter_total() + 1;

	if (needed * 2 <= index_.size)
		return;
	index_.size = index_.size ? index_.size : 1024;
	while (needed * 2 > index_.size)
		index_.size *= 2;
	free(index_.slots);
	index_.slots = mem_new(index_.size, sizeof(*index_.slots));
	index_.used = 0;
	for (counter_id id = 0; id < counter_total(); id++)
		index_put(id);
}

counter_id counter_find(enum source_id source, const char *name, size_t length)
{
	size_t at = name_hash(source, name, length);

	index_grow();
	for (counter_id slot; (slot = index_.slots[at & (index_.size - 1)]); at++) {
		const struct counter *counter = counter_get(slot - 1);

		if (counter->source == source && strlen(counter->name) == length &&
		    memcmp(counter->name, name, length) == 0)
			return slot - 1;
	}
	return COUNTER_NONE;
}

static struct counter *dynamic_add(void)
{
	if (dynamic_count % CHUNK == 0) {
		struct counter **chunk = vec_add(&dynamic_chunks, COUNTER_DYNAMIC_MAX / CHUNK + 1);

		if (!chunk)
			return NULL;
		*chunk = mem_new(CHUNK, sizeof(struct counter));
	}
	return &dynamic_chunks.data[dynamic_count / CHUNK][dynamic_count % CHUNK];
}

counter_id counter_intern(enum source_id source, const char *name, size_t length, enum domain domain, const char *check)
{
	counter_id id = counter_find(source, name, length);
	bool loss = counter_smells_of_loss(name, length);
	struct counter *counter;

	if (id != COUNTER_NONE || dynamic_count >= COUNTER_DYNAMIC_MAX)
		return id;
	counter = dynamic_add();
	if (!counter)
		return COUNTER_NONE;
	*counter = (struct counter){
		.name = mem_strndup(name, length),
		.source = source,
		.domain = domain,
		.kind = loss ? KIND_DROP : KIND_TRAFFIC,
		.form = FORM_TOTAL,
		.unit = UNIT_PACKETS,
		.check = check,
		.meaning = loss ? "not in the tables; its name suggests loss" : "not in the tables",
		.unclassified = loss,
	};
	id = COUNTER_STATIC + dynamic_count++;
	index_grow();
	if (counter_find(source, name, length) == COUNTER_NONE)
		index_put(id);
	return id;
}

void counter_classify(counter_id id, enum counter_kind kind, const char *meaning)
{
	struct counter *counter;

	if (id < COUNTER_STATIC)
		return;
	counter = &dynamic_chunks.data[(id - COUNTER_STATIC) / CHUNK][(id - COUNTER_STATIC) % CHUNK];
	if (counter->kind == KIND_DROP && !counter->unclassified)
		return;
	counter->kind = kind;
	counter->meaning = meaning;
	counter->unclassified = false;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins(const char *name, const char *end, const char *part)
{
	while (*part && name < end && lower(*name) == *part) {
		name++;
		part++;
	}
	return !*part;
}

bool counter_smells_of_loss(const char *name, size_t length)
{
	static const char *const smells[] = {
		"drop",	   "discard",  "miss",	"err",	    "fail", "no_buf",	"nobuf",       "no_desc", "no_dma",
		"overrun", "overflow", "lost",	"exceeded", "oob",  "no_rx",	"no_mem",      "out_of_", "timeout",
		"reject",  "invalid",  "starv", "fault",    "bad_", "no_space", "unsupported", "aborted", "denied",
	};

	for (const char *at = name, *end = name + length; at < end; at++) {
		char first = lower(*at);

		for (size_t i = 0; i < ARRAY_SIZE(smells); i++) {
			if (smells[i][0] == first && begins(at, end, smells[i]))
				return true;
		}
	}
	return false;
}

const char *unit_name(enum unit unit)
{
	switch (unit) {
	case UNIT_PACKETS:
		return "packets";
	case UNIT_SKBS:
		return "buffers";
	case UNIT_SEGMENTS:
		return "segments";
	case UNIT_DATAGRAMS:
		return "datagrams";
	case UNIT_FRAGMENTS:
		return "fragments";
	case UNIT_MESSAGES:
		return "messages";
	case UNIT_CALLS:
		return "calls";
	case UNIT_BYTES:
		return "bytes";
	case UNIT_NS:
		return "ns";
	case UNIT_COUNT:
		return "";
	}
	return "";
}

const char *unit_word(enum unit unit)
{
	return unit == UNIT_SKBS ? "packets" : unit_name(unit);
}

const char *kind_name(enum counter_kind kind)
{
	switch (kind) {
	case KIND_DROP:
		return "drop";
	case KIND_SYMPTOM:
		return "symptom";
	case KIND_PRESSURE:
		return "pressure";
	case KIND_TRAFFIC:
		return "traffic";
	case KIND_CONFIG:
		return "config";
	case KIND_EVENT:
		return "event";
	}
	return "";
}
