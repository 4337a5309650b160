/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds a socket: every /proc/PID/fd is walked for links "socket:[inode]"
 * (fs/proc/fd.c). Inodes of sockets are unique on the host whatever the
 * namespace, and a descriptor may have been passed to any process, so all are
 * searched, once for all sockets together.
 */
#include "source/process.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 500000 /* descriptors looked at in one search: about one second */

struct search {
	const struct source_context *context;
	struct process_want **wants; /* those without a process, by inode */
	size_t count, links;
	struct process_search *result;
};

static bool link_is_socket(struct slice link, uint64_t *ret_inode)
{
	static const char prefix[] = "socket:[";

	if (!slice_starts(link, prefix) || link.data[link.length - 1] != ']')
		return false;
	return parse_u64((struct slice){ link.data + strlen(prefix), link.length - strlen(prefix) - 1 }, ret_inode) ==
	       0;
}

/* The socket behind a descriptor below `directory`. */
static bool descriptor_socket(int directory, const char *name, uint64_t *ret_inode)
{
	char target[64];
	ssize_t length = readlinkat(directory, name, target, sizeof(target));

	return length > 0 && link_is_socket((struct slice){ target, (size_t)length }, ret_inode);
}

bool process_holds(const struct source_context *context, pid_t pid, unsigned int descriptor, uint64_t inode)
{
	char path[PATH_MAX];
	uint64_t found;
	int length = snprintf(path, sizeof(path), "%s/proc/%d/fd/%u", context->sysroot, (int)pid, descriptor);

	return length > 0 && length < PATH_MAX && descriptor_socket(AT_FDCWD, path, &found) && found == inode;
}

static int want_compare(const void *a, const void *b)
{
	const struct process_want *const *x = a, *const *y = b;

	return ((*x)->inode > (*y)->inode) - ((*x)->inode < (*y)->inode);
}

static struct process_want *want_find(const struct search *search, uint64_t inode)
{
	const struct process_want key = { .inode = inode }, *at = &key;
	struct process_want **found = bsearch(&at, search->wants, search->count, sizeof(*search->wants), want_compare);

	return found ? *found : NULL;
}

/* Does this holder tell more about why the socket is not served than the one found so far? */
static bool better_holder(const struct process_want *want, pid_t pid, const struct process_stat *stat)
{
	if (!want->pid || want->pid == 1)
		return true;
	return pid != 1 &&
	       (stat->cpu_ticks > want->cpu_ticks || (stat->cpu_ticks == want->cpu_ticks && pid < want->pid));
}

static void take_holder(struct process_want *want, pid_t pid, unsigned int descriptor, const struct process_stat *stat)
{
	want->holders++;
	if (!better_holder(want, pid, stat))
		return;
	want->pid = pid;
	want->descriptor = descriptor;
	want->start_ticks = stat->start_ticks;
	want->cpu_ticks = stat->cpu_ticks;
}

/* Wants that this process holds already: a second descriptor of it is no second holder. */
struct held {
	const struct process_want *wants[PROCESS_WANTS_MAX];
	size_t count;
};

static bool held_already(struct held *held, const struct process_want *want)
{
	for (size_t i = 0; i < held->count; i++) {
		if (held->wants[i] == want)
			return true;
	}
	held->wants[held->count++] = want;
	return false;
}

static void search_directory(struct search *search, pid_t pid, DIR *directory)
{
	const struct dirent *entry;
	struct process_stat stat;
	struct held held = { .count = 0 };
	uint64_t inode;
	uint32_t descriptor;

	while ((entry = readdir(directory))) {
		struct process_want *want;

		if (parse_u32(slice_of(entry->d_name), &descriptor) < 0)
			continue;
		if (++search->links > LINKS_MAX) {
			search->result->cut = true;
			return;
		}
		if (!descriptor_socket(dirfd(directory), entry->d_name, &inode))
			continue;
		want = want_find(search, inode);
		if (!want || (!held.count && process_stat_read(search->context, pid, 0, &stat)))
			continue;
		if (!held_already(&held, want))
			take_holder(want, pid, descriptor, &stat);
	}
}

static void search_process(struct search *search, int processes, const char *name)
{
	CLEANUP_DIRECTORY DIR *directory = NULL;
	CLEANUP_CLOSE int fd = -1;
	char path[64];
	uint32_t pid;

	if (parse_u32(slice_of(name), &pid) < 0 || pid > INT_MAX)
		return;
	snprintf(path, sizeof(path), "%u/fd", pid);
	fd = openat(processes, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		search->result->denied += errno == EACCES || errno == EPERM;
		return;
	}
	directory = fdopendir(fd);
	if (!directory)
		return;
	(void)TAKE_FD(fd);
	search_directory(search, (pid_t)pid, directory);
}

static void search_processes(struct search *search)
{
	CLEANUP_DIRECTORY DIR *directory = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc", search->context->sysroot);
	directory = opendir(path);
	while (directory && !search->result->cut && (entry = readdir(directory)))
		search_process(search, dirfd(directory), entry->d_name);
}

void process_search(const struct source_context *context, struct process_want *wants, size_t count,
		    struct process_search *ret)
{
	struct process_want *sorted[PROCESS_WANTS_MAX];
	struct search search = { .context = context, .wants = sorted, .result = ret };

	*ret = (struct process_search){ 0 };
	for (size_t i = 0; i < count && search.count < PROCESS_WANTS_MAX; i++) {
		if (!wants[i].searched)
			continue;
		sorted[search.count++] = &wants[i];
	}
	if (!search.count)
		return;
	qsort(sorted, search.count, sizeof(*sorted), want_compare);
	search_processes(&search);
}
