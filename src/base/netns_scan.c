/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding namespaces: /proc/PID/ns/net of every process, the nsfs lines of our own mountinfo, and those of other mount
 * namespaces. A poll on mountinfo reports POLLPRI when a mount came or went (fs/proc_namespace.c: mounts_poll), so the
 * common case costs one system call.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROCESSES_PERIOD_NS NS_PER_S
#define FOREIGN_PERIOD_NS (5 * NS_PER_S)
#define SCAN_SHARE 100 /* a scan may take one in that many of its period */
#define MOUNT_SPACES_MAX 4096
#define WALK_SLICE 250 /* processes looked at in one go: about a millisecond */

/* The other mount namespaces, each with a process in it. */
struct mount_spaces {
	uint64_t own; /* inode of ours, which is not listed */
	struct mount_space {
		uint64_t inode;
		pid_t pid;
	} * data;
	size_t count, capacity; /* with data: a vector */
};

/* A walk over all processes, in slices. */
struct netns_walk {
	DIR *proc;
	bool foreign; /* other mount namespaces are collected, too */
	struct mount_spaces spaces;
	uint64_t spent_ns; /* so far */
};

static int octal_digit(char c)
{
	return c >= '0' && c <= '7' ? c - '0' : -1;
}

/* mountinfo writes blank, tab, newline and backslash as \ooo (fs/seq_file.c: mangle_path). */
static void add_unescaped(struct text *text, struct slice raw)
{
	for (size_t i = 0; i < raw.length; i++) {
		char c = raw.data[i];

		if (c == '\\' && i + 3 < raw.length && octal_digit(raw.data[i + 1]) >= 0 &&
		    octal_digit(raw.data[i + 2]) >= 0 && octal_digit(raw.data[i + 3]) >= 0) {
			c = (char)(octal_digit(raw.data[i + 1]) * 64 + octal_digit(raw.data[i + 2]) * 8 +
				   octal_digit(raw.data[i + 3]));
			i += 3;
		}
		text_add_bytes(text, &c, 1);
	}
}

bool netns_mount_parse(struct slice line, uint64_t *ret_inode, struct text *ret_path)
{
	struct cursor cursor = { .rest = line };
	struct slice word = { 0 }, point;

	for (int i = 0; i < 4; i++) { /* mount id, parent id, device, root */
		if (!cursor_word(&cursor, &word))
			return false;
	}
	if (!cursor_word(&cursor, &point) || !slice_starts(point, "/") || !netns_link_parse(word, ret_inode))
		return false;
	text_clear(ret_path);
	add_unescaped(ret_path, point);
	return true;
}

static int read_whole(int fd, struct text *text)
{
	char buffer[16384];
	ssize_t length;

	text_clear(text);
	while ((length = read(fd, buffer, sizeof(buffer))) > 0)
		text_add_bytes(text, buffer, (size_t)length);
	return length < 0 ? -errno : 0;
}

/* NAME of /run/netns/NAME (/var/run is the same directory, spelled as iproute2 does), else NULL. */
static const char *name_of(const char *path)
{
	static const char *const folders[] = { "/run/netns/", "/var/run/netns/" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		if (slice_starts(slice_of(path), folders[i]) && !strchr(path + strlen(folders[i]), '/'))
			return path + strlen(folders[i]);
	}
	return NULL;
}

/* Sets an owned string; true when that changed it. */
static bool replace(char **slot, const char *value)
{
	if (*slot && value && strcmp(*slot, value) == 0)
		return false;
	if (!*slot && !value)
		return false;
	free(*slot);
	*slot = value ? mem_strdup(value) : NULL;
	return true;
}

/* The first mount of a namespace is its path, but one with a name wins. */
static void found_mounted(struct netns_list *list, uint64_t inode, const char *path)
{
	struct netns *netns = netns_add(list, inode);
	const char *name = name_of(path);
	bool changed;

	if (!netns || (netns->mounted && (netns->name || !name)))
		return;
	netns->mounted = true;
	changed = replace(&netns->name, name);
	changed |= replace(&netns->mount_path, path);
	list->generation += changed;
}

static void scan_mounts(struct netns_list *list)
{
	CLEANUP_TEXT struct text content = { 0 }, path = { 0 };
	struct netns *netns;
	struct cursor cursor;
	struct slice line;
	uint64_t inode;

	if (list->mounts_fd < 0 || lseek(list->mounts_fd, 0, SEEK_SET) < 0 || read_whole(list->mounts_fd, &content))
		return;
	list->scans++;
	vec_each(&list->items, netns)
		netns->mounted = false;
	cursor = cursor_of(text_string(&content), content.length);
	while (cursor_line(&cursor, &line)) {
		if (netns_mount_parse(line, &inode, &path))
			found_mounted(list, inode, text_string(&path));
	}
	vec_each(&list->items, netns) {
		if (netns->mounted)
			continue;
		list->generation += replace(&netns->name, NULL);
		list->generation += replace(&netns->mount_path, NULL);
	}
}

static bool mounts_changed(const struct netns_list *list)
{
	struct pollfd poll_fd = { .fd = list->mounts_fd, .events = POLLPRI };

	return list->mounts_fd >= 0 && poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLPRI | POLLERR));
}

/* The inode of /proc/WHO/ns/TYPE. */
static int process_inode(int proc_fd, const char *who, const char *type, uint64_t *ret_inode)
{
	char path[300], target[64];
	struct cursor cursor;
	struct slice number;
	ssize_t length;

	snprintf(path, sizeof(path), "%s/ns/%s", who, type);
	length = readlinkat(proc_fd, path, target, sizeof(target));
	if (length < 0)
		return -errno;
	cursor = cursor_of(target, (size_t)length);
	if (!cursor_until(&cursor, '[', &number) || !cursor_until(&cursor, ']', &number))
		return -EINVAL;
	return parse_u64(number, ret_inode);
}

static void found_process(struct netns_list *list, int proc_fd, const char *who, pid_t pid)
{
	struct netns *netns;
	uint64_t inode = 0;
	int error = process_inode(proc_fd, who, "net", &inode);

	if (error == -EACCES || error == -EPERM)
		list->hidden++;
	if (error)
		return;
	netns = netns_add(list, inode);
	if (!netns)
		return;
	if (!netns->pid_found || pid < netns->pid_found)
		netns->pid_found = pid;
	if (!netns->pid) { /* a way in, before the walk is over */
		netns->pid = pid;
		list->generation++;
	}
}

static void found_mount_space(struct mount_spaces *spaces, int proc_fd, const char *who, pid_t pid)
{
	struct mount_space *space;
	uint64_t inode = 0;

	if (process_inode(proc_fd, who, "mnt", &inode) || inode == spaces->own)
		return;
	vec_each(spaces, space) {
		if (space->inode != inode)
			continue;
		space->pid = pid < space->pid ? pid : space->pid;
		return;
	}
	space = vec_add(spaces, MOUNT_SPACES_MAX);
	if (space)
		*space = (struct mount_space){ inode, pid };
}

static bool is_among(pid_t pid, const pid_t *pids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (pids[i] == pid)
			return true;
	}
	return false;
}

/* Looks at up to `limit` more processes; their mount namespaces too when those are wanted. True when all were seen. */
static bool walk_on(struct netns_list *list, size_t limit, const pid_t *skip, size_t skips)
{
	struct netns_walk *walk = list->walk;
	const struct dirent *item;
	uint32_t pid;

	for (; limit; limit--) {
		item = readdir(walk->proc);
		if (!item)
			return true;
		if (parse_u32(slice_of(item->d_name), &pid) || is_among((pid_t)pid, skip, skips))
			continue;
		found_process(list, dirfd(walk->proc), item->d_name, (pid_t)pid);
		if (walk->foreign)
			found_mount_space(&walk->spaces, dirfd(walk->proc), item->d_name, (pid_t)pid);
	}
	return false;
}

/* Namespaces that only the mounts of another mount namespace hold. */
static void scan_mount_space(struct netns_list *list, int proc_fd, pid_t pid)
{
	CLEANUP_TEXT struct text content = { 0 }, path = { 0 }, full = { 0 };
	struct cursor cursor;
	struct slice line;
	uint64_t inode;
	char name[48];

	snprintf(name, sizeof(name), "%d/mountinfo", (int)pid);
	CLEANUP_CLOSE int fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read_whole(fd, &content))
		return;
	cursor = cursor_of(text_string(&content), content.length);
	while (cursor_line(&cursor, &line)) {
		struct netns *netns = netns_mount_parse(line, &inode, &path) ? netns_add(list, inode) : NULL;

		if (!netns || netns->mounted || netns->pid || netns->foreign_path)
			continue;
		text_clear(&full);
		text_addf(&full, "/proc/%d/root%s", (int)pid, text_string(&path));
		list->generation += replace(&netns->foreign_path, text_string(&full));
	}
}

static void scan_mount_spaces(struct netns_list *list, int proc_fd, const struct mount_spaces *spaces)
{
	const struct mount_space *space;
	struct netns *netns;

	vec_each(&list->items, netns)
		list->generation += replace(&netns->foreign_path, NULL);
	vec_each(spaces, space)
		scan_mount_space(list, proc_fd, space->pid);
}

/* Whether the path that the user gave still leads there. */
static bool given_lives(const struct netns *netns)
{
	struct stat status;

	return netns->given_path && stat(netns->given_path, &status) == 0 && status.st_ino == netns->inode;
}

/* Drops what nothing leads to any more. */
static void prune(struct netns_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->items.count; i++) {
		struct netns *netns = &list->items.data[i];

		if (netns->home || netns->mount_path || netns->pid || netns->foreign_path || given_lives(netns)) {
			list->items.data[kept++] = *netns;
			continue;
		}
		free(netns->name);
		free(netns->given_path);
		list->generation++;
	}
	list->items.count = kept;
}

static uint64_t longer(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns > b_ns ? a_ns : b_ns;
}

static void walk_begin(struct netns_list *list, bool foreign)
{
	CLEANUP_TEXT struct text path = { 0 };
	struct netns_walk *walk;
	struct netns *netns;
	DIR *proc;

	text_addf(&path, "%s/proc", list->root);
	proc = opendir(text_string(&path));
	if (!proc)
		return;
	walk = list->walk = NEW(struct netns_walk);
	walk->proc = proc;
	/* Without knowing ours, all mount namespaces would look foreign. */
	walk->foreign = foreign && process_inode(dirfd(proc), "self", "mnt", &walk->spaces.own) == 0;
	list->hidden = 0;
	vec_each(&list->items, netns)
		netns->pid_found = 0;
}

void netns_walk_end(struct netns_list *list)
{
	if (!list->walk)
		return;
	closedir(list->walk->proc);
	vec_free(&list->walk->spaces);
	free(list->walk);
	list->walk = NULL;
}

/* All processes were seen. */
static void walk_finish(struct netns_list *list)
{
	const struct netns_walk *walk = list->walk;
	struct netns *netns;

	list->scans++;
	vec_each(&list->items, netns) {
		list->generation += netns->pid != netns->pid_found;
		netns->pid = netns->pid_found;
	}
	if (walk->foreign)
		scan_mount_spaces(list, dirfd(walk->proc), &walk->spaces);
}

#define FIRST_PID_NAMESPACE 0xeffffffcu /* include/linux/proc_ns.h: PROC_PID_INIT_INO */

bool netns_list_is_whole(const struct netns_list *list)
{
	struct stat space;

	return list->scanned && !list->hidden && !list->truncated && !*list->root &&
	       stat("/proc/self/ns/pid", &space) == 0 && space.st_ino == FIRST_PID_NAMESPACE;
}

/* `whole`: all that is left at once. */
static void walk_processes(struct netns_list *list, bool whole, const pid_t *skip, size_t skips)
{
	uint64_t started_ns = clock_monotonic_ns(), due_ns;
	bool seen_all = walk_on(list, whole ? SIZE_MAX : WALK_SLICE, skip, skips);

	if (seen_all)
		walk_finish(list);
	list->walk->spent_ns += clock_monotonic_ns() - started_ns;
	if (!seen_all)
		return;
	list->scan_ns = list->walk->spent_ns;
	due_ns = clock_monotonic_ns() + longer(list->scan_ns * SCAN_SHARE, PROCESSES_PERIOD_NS);
	list->processes_due_ns = due_ns;
	if (list->walk->foreign)
		list->foreign_due_ns = due_ns - PROCESSES_PERIOD_NS + FOREIGN_PERIOD_NS;
	netns_walk_end(list);
}

void netns_list_refresh(struct netns_list *list, uint64_t now_ns, bool force, const pid_t *skip, size_t skips)
{
	bool mounts = mounts_changed(list); /* asked before reading: a change in between is seen next time */
	bool foreign = force || now_ns >= list->foreign_due_ns;

	if (mounts || force || !list->scanned)
		scan_mounts(list);
	if (force)
		netns_walk_end(list);
	if (!list->walk && (foreign || now_ns >= list->processes_due_ns))
		walk_begin(list, foreign);
	if (list->walk)
		walk_processes(list, force, skip, skips);
	list->scanned = true;
	prune(list);
}
