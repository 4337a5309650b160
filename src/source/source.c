/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every source needs: whole files, words for errors, and whether a part of
 * the kernel is there.
 *
 * With a sysroot a path stays as it is and is looked up below it: the fixture of
 * /proc/thread-self/net/snmp is SYSROOT/proc/thread-self/net/snmp.
 */
#include "source/source.h"

#include "model/series.h"

#include "source/kept.h"

#include "base/alloc.h"
#include "base/intern.h"
#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODULE_TEXT_MAX (4u << 20)
#define MODULE_NAME_MAX 64
#define SETTING_SIZE 512
#define SYMBOL_LINE_MAX 1024 /* KSYM_NAME_LEN is 512, with an address before it and a module behind it */

static int path_below(const char *sysroot, const char *path, char ret[PATH_MAX])
{
	int length = snprintf(ret, PATH_MAX, "%s%s", sysroot, path);

	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/*
 * Reads to the end. A setting below /proc/sys comes in one piece; to ask for more costs as much as the first, and the
 * kernel clears as many bytes as are asked for (fs/proc/proc_sysctl.c: proc_sys_call_handler).
 */
static int read_whole(int fd, bool setting, struct text *buffer)
{
	char piece[16384];
	size_t size = setting ? SETTING_SIZE : sizeof(piece);
	off_t at = 0;

	for (;;) {
		ssize_t got = pread(fd, piece, size, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		text_add_bytes(buffer, piece, (size_t)got);
		if (buffer->overflow)
			return -EFBIG;
		if (got == 0 || (setting && (size_t)got < size))
			return 0;
		at += got;
	}
}

/* True when the path's open file gave its content. One that fails is closed and will be opened anew. */
static bool read_kept(const char *path, bool setting, struct text *buffer)
{
	int fd = kept_find(path);

	if (fd < 0)
		return false;
	if (read_whole(fd, setting, buffer) == 0)
		return true;
	kept_drop(path);
	text_clear(buffer);
	return false;
}

static int open_below(const char *sysroot, const char *path, int *ret_fd)
{
	char below[PATH_MAX];
	int error = path_below(sysroot, path, below);

	if (error)
		return error;
	*ret_fd = *sysroot ? open(below, O_RDONLY | O_CLOEXEC) : kept_open(path);
	return *ret_fd >= 0 ? 0 : *sysroot ? -errno : *ret_fd;
}

static int read_recorded(const struct source_recorded *recorded, const char *path, struct text *buffer)
{
	if (strcmp(recorded->path, path) != 0)
		return -ENOENT;
	text_add_bytes(buffer, recorded->text.data, recorded->text.length);
	return 0;
}

int source_read_file(const struct source_context *context, const char *path)
{
	bool keep = kept_is_allowed(context, path), setting = slice_starts(slice_of(path), "/proc/sys/");
	CLEANUP_CLOSE int fd = -1;
	int error;

	text_clear(context->buffer);
	if (context->recorded)
		return read_recorded(context->recorded, path, context->buffer);
	if (keep && read_kept(path, setting, context->buffer))
		return 0;
	error = open_below(context->sysroot, path, &fd);
	if (!error)
		error = read_whole(fd, setting, context->buffer);
	if (!error && keep)
		kept_put(path, TAKE_FD(fd));
	return error;
}

/* Gives the whole lines away and keeps what follows them; false when no more is wanted. */
static bool take_lines(struct text *buffer, bool (*take)(void *data, struct slice line), void *data)
{
	const char *end = buffer->length ? memrchr(buffer->data, '\n', buffer->length) : NULL;
	size_t length = end ? (size_t)(end - buffer->data) + 1 : 0;
	struct cursor cursor = cursor_of(text_string(buffer), length);
	struct slice line;

	while (cursor_line(&cursor, &line))
		if (!take(data, line))
			return false;
	buffer->length -= length;
	if (length)
		memmove(buffer->data, buffer->data + length, buffer->length + 1);
	return true;
}

int source_read_lines(const struct source_context *context, const char *path,
		      bool (*take)(void *data, struct slice line), void *data)
{
	struct text *buffer = context->buffer;
	CLEANUP_CLOSE int fd = -1;
	char piece[16384];
	ssize_t got = 0;
	int error;

	text_clear(buffer);
	if (context->recorded) {
		error = read_recorded(context->recorded, path, buffer);
		if (!error)
			(void)take_lines(buffer, take, data);
		return error;
	}
	error = open_below(context->sysroot, path, &fd);
	if (error)
		return error;
	while ((got = read(fd, piece, sizeof(piece))) > 0) {
		text_add_bytes(buffer, piece, (size_t)got);
		if (buffer->overflow)
			return -EFBIG;
		if (!take_lines(buffer, take, data))
			return 0;
	}
	if (got < 0)
		return -errno;
	if (buffer->length)
		(void)take(data, slice_of(text_string(buffer)));
	return 0;
}

const char *source_error_phrase(int error)
{
	switch (-error) {
	case EACCES:
	case EPERM:
		return "no permission (needs root)";
	case ENOENT:
		return "not there";
	case ENODATA:
		return "empty";
	case EBADMSG:
		return "not in a known form";
	case EFBIG:
		return "too large to read";
	case EOPNOTSUPP:
	case ENOSYS:
		return "not supported by this kernel or driver";
	case ENODEV:
		return "the device is gone";
	case EPROTO:
		return "the kernel's answer was not understood";
	case ETIMEDOUT:
		return "took too long";
	case EMFILE:
	case ENFILE:
		return "too many open files";
	default:
		return text_intern(strerror(-error));
	}
}

/* One file in a buffer of its own: the caller's slices of context->buffer stay good. */
static int read_aside(const struct source_context *context, const char *path, struct text *buffer)
{
	struct source_context aside = *context;

	aside.buffer = buffer;
	return source_read_file(&aside, path);
}

/* Modules are named with '_' where their files may have '-'. */
static bool same_module(struct slice a, const char *name)
{
	if (a.length != strlen(name))
		return false;
	for (size_t i = 0; i < a.length; i++) {
		char left = a.data[i] == '-' ? '_' : a.data[i];
		char right = name[i] == '-' ? '_' : name[i];

		if (left != right)
			return false;
	}
	return true;
}

/* /proc/modules: "nf_tables 356352 651 nft_compat, Live 0x0000000000000000" */
static bool module_loaded(const struct text *modules, const char *name)
{
	struct cursor cursor = cursor_of(text_string(modules), modules->length);
	struct slice line, word;

	while (cursor_line(&cursor, &line)) {
		struct cursor words = cursor_of(line.data, line.length);

		if (cursor_word(&words, &word) && same_module(word, name))
			return true;
	}
	return false;
}

/* modules.builtin: "kernel/net/netfilter/nf_tables.ko" */
static bool module_built_in(const struct text *builtin, const char *name)
{
	struct cursor cursor = cursor_of(text_string(builtin), builtin->length);
	struct slice line, folder;

	while (cursor_line(&cursor, &line)) {
		struct cursor path = cursor_of(line.data, line.length);

		while (cursor_until(&path, '/', &folder))
			;
		if (cursor_until(&path, '.', &folder) && same_module(folder, name))
			return true;
	}
	return false;
}

static bool modules_disabled(const struct source_context *context, struct text *buffer)
{
	uint64_t value;

	return read_aside(context, "/proc/sys/kernel/modules_disabled", buffer) == 0 &&
	       parse_u64(slice_trim(slice_of(text_string(buffer))), &value) == 0 && value != 0;
}

bool source_module_loaded(const struct source_context *context, const char *name)
{
	CLEANUP_TEXT struct text text = { .max = MODULE_TEXT_MAX };

	return read_aside(context, "/proc/modules", &text) == 0 && module_loaded(&text, name);
}

bool source_was_read(const struct source_context *context, enum source_id source)
{
	const struct observation *observation =
		context->series ? series_observation(context->series, source, context->netns->id) : NULL;

	return observation && observation->readings && !observation->failures && !observation->partial;
}

/* True when the symbol ends the line that the text holds from `at` on: "0000000000000000 T nft_do_chain\t[nf_tables]". */
static bool is_symbol_at(const char *text, size_t at, const char *symbol)
{
	size_t length = strlen(symbol);

	return at && text[at - 1] == ' ' && (text[at + length] == '\n' || text[at + length] == '\t');
}

static bool has_symbol(const char *text, const char *symbol)
{
	for (const char *at = strstr(text, symbol); at; at = strstr(at + 1, symbol))
		if (is_symbol_at(text, (size_t)(at - text), symbol))
			return true;
	return false;
}

/*
 * The kernel's own list of its functions, where the distribution's list of what is built in is out of sight. It has
 * megabytes, so it is looked at in pieces, each with the end of the one before.
 */
static enum module_state symbol_state(const struct source_context *context, const char *symbol)
{
	char piece[65536 + 1];
	CLEANUP_CLOSE int fd = -1;
	size_t kept = 0, all = 0;
	ssize_t got = 0;

	if (open_below(context->sysroot, "/proc/kallsyms", &fd))
		return MODULE_UNKNOWN;
	while ((got = read(fd, piece + kept, sizeof(piece) - 1 - kept)) > 0) {
		size_t length = kept + (size_t)got;

		piece[length] = '\0';
		if (has_symbol(piece, symbol))
			return MODULE_THERE;
		all += (size_t)got;
		kept = length < SYMBOL_LINE_MAX ? length : SYMBOL_LINE_MAX;
		memmove(piece, piece + length - kept, kept);
	}
	return got == 0 && all ? MODULE_ABSENT : MODULE_UNKNOWN;
}

/* What is built in, by the list that came with the kernel. */
static enum module_state built_in_state(const struct source_context *context, const char *name)
{
	CLEANUP_TEXT struct text text = { .max = MODULE_TEXT_MAX };
	char path[PATH_MAX];
	struct slice release;

	if (read_aside(context, "/proc/sys/kernel/osrelease", &text))
		return MODULE_UNKNOWN;
	release = slice_trim(slice_of(text_string(&text)));
	snprintf(path, sizeof(path), "/lib/modules/%.*s/modules.builtin", (int)release.length, release.data);
	if (read_aside(context, path, &text))
		return MODULE_UNKNOWN;
	return module_built_in(&text, name) ? MODULE_THERE : MODULE_ABSENT;
}

enum module_state source_module_state(const struct source_context *context, const char *name, const char *symbol)
{
	CLEANUP_TEXT struct text text = { .max = MODULE_TEXT_MAX };
	enum module_state state;
	int error = read_aside(context, "/proc/modules", &text);

	if (error == -ENOENT)
		return MODULE_THERE; /* no module support: what works is built in, what is not there cannot be loaded */
	if (strlen(name) > MODULE_NAME_MAX)
		return MODULE_ABSENT;
	if ((!error && module_loaded(&text, name)) || modules_disabled(context, &text))
		return MODULE_THERE;
	state = built_in_state(context, name);
	if (state == MODULE_ABSENT && error)
		state = MODULE_UNKNOWN; /* it may be loaded */
	return state == MODULE_UNKNOWN && symbol ? symbol_state(context, symbol) : state;
}

bool source_part_there(const struct source_context *context, struct snapshot *snapshot, enum source_id source,
		       const char *name, const char *symbol)
{
	if (*context->sysroot) {
		snapshot_missed(snapshot, source, context->netns, -ENOSYS, "a recorded file tree does not hold them");
		return false;
	}
	switch (source_module_state(context, name, symbol)) {
	case MODULE_THERE:
		return true;
	case MODULE_ABSENT:
		snapshot_covered(snapshot, source, context->netns);
		break;
	case MODULE_UNKNOWN:
		snapshot_missed(snapshot, source, context->netns, -ENODATA,
				text_internf("this system does not say whether %s is in the kernel", name));
		break;
	}
	return false;
}

bool source_module_present(const struct source_context *context, const char *name)
{
	return source_module_state(context, name, NULL) == MODULE_THERE;
}
