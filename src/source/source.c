/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every source needs: whole files, words for errors, and whether a part of
 * the kernel is there.
 *
 * With a sysroot a path stays as it is and is looked up below it: the fixture of
 * /proc/thread-self/net/snmp is SYSROOT/proc/thread-self/net/snmp.
 */
#include "source/source.h"

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
#define OWN_NET "/proc/thread-self/net/"

static int path_below(const char *sysroot, const char *path, char ret[PATH_MAX])
{
	int length = snprintf(ret, PATH_MAX, "%s%s", sysroot, path);

	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* Reads to the end. A setting below /proc/sys comes in one piece; to ask for more costs as much as the first. */
static int read_whole(int fd, bool one_piece, struct text *buffer)
{
	char piece[16384];
	off_t at = 0;

	for (;;) {
		ssize_t got = pread(fd, piece, sizeof(piece), at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		text_add_bytes(buffer, piece, (size_t)got);
		if (buffer->overflow)
			return -EFBIG;
		if (got == 0 || (one_piece && (size_t)got < sizeof(piece)))
			return 0;
		at += got;
	}
}

/*
 * Files of /proc/net that stay open, for opening them costs as much as reading them.
 * Only those of the namespace this tool was started in: an open file would keep
 * any other namespace alive. Reading is single-threaded.
 */
static struct kept_file {
	char *path;
	int fd;
} kept[16];

static bool may_be_kept(const struct source_context *context, const char *path)
{
	return !*context->sysroot && context->netns && context->netns->key.netns &&
	       context->netns->key.netns == objects_home(context->objects) && slice_starts(slice_of(path), OWN_NET);
}

/* The slot of that path, or a free one; NULL when there is none. */
static struct kept_file *kept_slot(const char *path)
{
	struct kept_file *slot = kept;

	while (slot < kept + ARRAY_SIZE(kept) && slot->path && strcmp(slot->path, path) != 0)
		slot++;
	return slot < kept + ARRAY_SIZE(kept) ? slot : NULL;
}

/* True when the path's open file gave its content. One that fails is closed and will be opened anew. */
static bool read_kept(struct kept_file *slot, struct text *buffer)
{
	if (!slot->path || slot->fd < 0)
		return false;
	if (read_whole(slot->fd, false, buffer) == 0)
		return true;
	close(slot->fd);
	slot->fd = -1;
	text_clear(buffer);
	return false;
}

static void keep(struct kept_file *slot, const char *path, int fd)
{
	if (!slot->path)
		slot->path = mem_strdup(path);
	slot->fd = fd;
}

int source_read_file(const struct source_context *context, const char *path)
{
	struct kept_file *slot = may_be_kept(context, path) ? kept_slot(path) : NULL;
	bool one_piece = slice_starts(slice_of(path), "/proc/sys/");
	CLEANUP_CLOSE int fd = -1;
	char below[PATH_MAX];
	int error;

	text_clear(context->buffer);
	if (slot && read_kept(slot, context->buffer))
		return 0;
	error = path_below(context->sysroot, path, below);
	if (error)
		return error;
	fd = open(below, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = read_whole(fd, one_piece, context->buffer);
	if (slot && !error)
		keep(slot, path, TAKE_FD(fd));
	return error;
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

bool source_module_present(const struct source_context *context, const char *name)
{
	CLEANUP_TEXT struct text text = { .max = MODULE_TEXT_MAX };
	char path[PATH_MAX];
	struct slice release;
	int error = read_aside(context, "/proc/modules", &text);

	if (error == -ENOENT)
		return true; /* no module support: what works is built in, what is not there cannot be loaded */
	if (strlen(name) > MODULE_NAME_MAX || error)
		return false;
	if (module_loaded(&text, name) || modules_disabled(context, &text))
		return true;
	if (read_aside(context, "/proc/sys/kernel/osrelease", &text))
		return false;
	release = slice_trim(slice_of(text_string(&text)));
	snprintf(path, sizeof(path), "/lib/modules/%.*s/modules.builtin", (int)release.length, release.data);
	return read_aside(context, path, &text) == 0 && module_built_in(&text, name);
}
