/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files kept open, and the directory through which those of other namespaces are opened.
 *
 * /proc/thread-self/net looks the thread's namespace up at every step into it (fs/proc/proc_net.c:
 * get_proc_task_net), so one descriptor of that directory, opened once, serves all namespaces and pins none. It
 * belongs to the thread that opened it: reading is single-threaded. Of 11 us that an open takes it saves 3.
 *
 * Sources ask for the same files in the same order again and again: the search starts behind the last find.
 */
#include "source/kept.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PROC "/proc/"
#define OWN_NET "/proc/thread-self/net/"
#define FILES_MAX 160

static struct kept_file {
	char *path;
	int fd; /* -1: could not be read any more */
} files[FILES_MAX];
static size_t count, next;
static int own_net = -1;

bool kept_is_allowed(const struct source_context *context, const char *path)
{
	struct slice whole = slice_of(path);

	if (*context->sysroot || !context->netns || !context->netns->key.netns ||
	    context->netns->key.netns != objects_home(context->objects) || !slice_starts(whole, PROC))
		return false;
	return slice_starts(whole, OWN_NET) || (path[strlen(PROC)] >= 'a' && !slice_starts(whole, PROC "self/") &&
						!slice_starts(whole, PROC "thread-self/"));
}

static struct kept_file *file_of(const char *path)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = (next + i) % count;

		if (strcmp(files[at].path, path) == 0) {
			next = at + 1;
			return &files[at];
		}
	}
	return NULL;
}

int kept_find(const char *path)
{
	const struct kept_file *file = file_of(path);

	return file ? file->fd : -1;
}

void kept_put(const char *path, int fd)
{
	struct kept_file *file = file_of(path);

	if (!file && count < FILES_MAX) {
		file = &files[count++];
		*file = (struct kept_file){ mem_strdup(path), -1 };
	}
	if (!file || file->fd >= 0)
		close(fd);
	else
		file->fd = fd;
}

void kept_drop(const char *path)
{
	struct kept_file *file = file_of(path);

	if (!file)
		return;
	fd_close_ptr(&file->fd);
	file->fd = -1;
}

int kept_open(const char *path)
{
	bool own = slice_starts(slice_of(path), OWN_NET);
	int fd;

	if (own && own_net < 0)
		own_net = open(OWN_NET, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (own && own_net >= 0)
		fd = openat(own_net, path + strlen(OWN_NET), O_RDONLY | O_CLOEXEC);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void kept_forget(void)
{
	for (size_t i = 0; i < count; i++)
		files[i].fd = -1;
	own_net = -1;
}
