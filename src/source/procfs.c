/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sources below /proc share. */
#include "source/procfs.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <errno.h>
#include <string.h>

#define THREAD_SELF "/proc/thread-self/"

/* As people know it: /proc/net/snmp. */
static const char *shown(const char *path, const char **ret_prefix)
{
	bool own = strncmp(path, THREAD_SELF, strlen(THREAD_SELF)) == 0;

	*ret_prefix = own ? "/proc/" : "";
	return own ? path + strlen(THREAD_SELF) : path;
}

static const char *reason(const char *path, const char *phrase)
{
	const char *prefix, *rest = shown(path, &prefix);

	return text_internf("%s%s: %s", prefix, rest, phrase);
}

void procfs_missed(struct snapshot *snapshot, enum source_id id, const struct object *object, const char *path,
		   int error)
{
	snapshot_missed(snapshot, id, object, error, reason(path, source_error_phrase(error)));
}

void procfs_covered(struct snapshot *snapshot, enum source_id id, const struct object *object,
		    const struct procfs_file *file)
{
	if (file->fault)
		snapshot_covered_partly(snapshot, id, object, reason(file->path, file->fault));
	else
		snapshot_covered(snapshot, id, object);
}

int procfs_read_quietly(const struct source_context *context, const char *path, struct procfs_file *ret)
{
	int error = source_read_file(context, path);
	size_t length = context->buffer->length;
	const char *data = context->buffer->data;

	if (error)
		return error;
	if (!length)
		return -ENODATA;
	*ret = (struct procfs_file){ .path = path };
	while (length && data[length - 1] != '\n')
		length--;
	if (length < context->buffer->length)
		ret->fault = "cut short";
	ret->lines = cursor_of(data, length);
	return 0;
}

bool procfs_read(const struct source_context *context, struct snapshot *snapshot, enum source_id id,
		 const struct object *object, const char *path, struct procfs_file *ret)
{
	int error = procfs_read_quietly(context, path, ret);

	if (error)
		procfs_missed(snapshot, id, object, path, error);
	return !error;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool procfs_is_name(struct slice text)
{
	if (text.length == 0 || text.length > 64 || !is_letter(text.data[0]))
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.')
			return false;
	}
	return true;
}

void procfs_fault(struct procfs_file *file, const char *fault)
{
	if (!file->fault)
		file->fault = fault;
}

int procfs_read_number(const struct source_context *context, const char *path, uint64_t *ret)
{
	int error = source_read_file(context, path);

	if (error)
		return error;
	return parse_u64(slice_trim((struct slice){ text_string(context->buffer), context->buffer->length }), ret);
}

struct object *procfs_host(const struct source_context *context)
{
	return object_get(context->objects, OBJECT_HOST_ID);
}

struct object *procfs_cpu(const struct source_context *context, uint64_t cpu)
{
	bool fresh;
	struct object *object = object_intern(context->objects, (struct object_key){ OBJECT_CPU, 0, cpu, 0 }, &fresh);

	if (object && fresh)
		object_labelf(object, LABEL_NAME, "cpu%u", (unsigned int)cpu);
	return object;
}

struct columns {
	counter_id counters[PROCFS_COLUMNS_MAX];
	uint64_t values[PROCFS_COLUMNS_MAX];
	size_t count;
};

static int read_header(struct slice line, const struct procfs_column *known, size_t known_count, struct columns *ret)
{
	struct cursor words = cursor_of(line.data, line.length);
	struct slice word;

	for (ret->count = 0; cursor_word(&words, &word); ret->count++) {
		if (ret->count == PROCFS_COLUMNS_MAX)
			return -EBADMSG;
		ret->counters[ret->count] = COUNTER_NONE;
		ret->values[ret->count] = 0;
		for (size_t i = 0; i < known_count; i++) {
			if (slice_is(word, known[i].name))
				ret->counters[ret->count] = known[i].counter;
		}
	}
	return ret->count ? 0 : -EBADMSG;
}

static int sum_row(struct slice line, struct columns *columns)
{
	struct cursor words = cursor_of(line.data, line.length);
	struct slice word;

	for (size_t i = 0; i < columns->count; i++) {
		uint64_t value = cursor_hex(&words);
		counter_id counter = columns->counters[i];

		if (value > UINT32_MAX)
			return -EBADMSG;
		if (counter != COUNTER_NONE && counter_get(counter)->form == FORM_GAUGE)
			columns->values[i] = value;
		else
			columns->values[i] = (uint32_t)(columns->values[i] + value);
	}
	return words.error || cursor_word(&words, &word) ? -EBADMSG : 0;
}

int procfs_add_columns(struct procfs_file *file, struct snapshot *snapshot, const struct object *object,
		       const struct procfs_column *columns, size_t count)
{
	struct columns table;
	struct slice line;
	size_t rows = 0;

	if (file->fault || !cursor_line(&file->lines, &line) || read_header(line, columns, count, &table))
		return -EBADMSG;
	for (; cursor_line(&file->lines, &line); rows++) {
		if (sum_row(line, &table))
			return -EBADMSG;
	}
	if (!rows)
		return -EBADMSG;
	for (size_t i = 0; i < table.count; i++)
		snapshot_add(snapshot, table.counters[i], object, table.values[i]);
	return 0;
}

/* "MemFree:        23704408 kB", "oom_kill 0": the name ("" when there is none) and, unless false, its number. */
static bool name_and_number(struct slice line, struct slice *ret_name, uint64_t *ret_value)
{
	struct cursor words = cursor_of(line.data, line.length);

	*ret_name = SLICE("");
	if (!cursor_word(&words, ret_name))
		return false;
	if (ret_name->data[ret_name->length - 1] == ':')
		ret_name->length--;
	*ret_value = cursor_u64(&words);
	return !words.error;
}

static const struct procfs_name *name_find(struct slice name, const struct procfs_name *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_is(name, names[i].name))
			return &names[i];
	}
	return NULL;
}

size_t procfs_add_names(struct procfs_file *file, struct snapshot *snapshot, const struct object *object,
			const struct procfs_name *names, size_t count)
{
	struct slice line, name;
	size_t added = 0;

	while (cursor_line(&file->lines, &line)) {
		uint64_t value = 0;
		bool whole = name_and_number(line, &name, &value);
		const struct procfs_name *known = name_find(name, names, count);

		if (!known)
			continue;
		if (!whole || __builtin_mul_overflow(value, known->unit, &value)) {
			procfs_fault(file, PROCFS_BAD_LINE);
			continue;
		}
		snapshot_add(snapshot, known->counter, object, value);
		added++;
	}
	return added;
}

void procfs_add_statistics(struct procfs_file *file, struct snapshot *snapshot, const struct object *object,
			   enum source_id id, enum domain domain, const char *check)
{
	struct slice line, name;
	uint64_t value;

	while (cursor_line(&file->lines, &line)) {
		if (!name_and_number(line, &name, &value) || !procfs_is_name(name))
			procfs_fault(file, PROCFS_BAD_LINE);
		else
			snapshot_add(snapshot, counter_intern(id, name.data, name.length, domain, check), object,
				     value);
	}
}
