/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entering namespaces and finding the one a user means. What is opened is always checked by its inode before
 * setns(2): a process id or a mount point may have become something else since it was found.
 */
#include "base/netns.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

bool netns_link_parse(struct slice link, uint64_t *ret_inode)
{
	struct cursor cursor = { .rest = link };
	struct slice type, number;

	return cursor_until(&cursor, '[', &type) && slice_is(type, "net:") && cursor_until(&cursor, ']', &number) &&
	       !cursor.rest.length && !parse_u64(number, ret_inode);
}

/* The inode that a link like /proc/PID/ns/net names. */
static int link_inode(const char *path, uint64_t *ret_inode)
{
	char target[64];
	ssize_t length = readlink(path, target, sizeof(target));

	if (length < 0)
		return -errno;
	return netns_link_parse((struct slice){ target, (size_t)length }, ret_inode) ? 0 : -EINVAL;
}

/*
 * Whether setns(2) works at all, tried on the home namespace. That is also the way back: whoever may enter others
 * (of its own user namespace, say) but not return must not leave.
 */
static int enter_allowed(int home_fd)
{
	if (home_fd < 0)
		return -ENOSYS;
	return setns(home_fd, CLONE_NEWNET) == 0 ? 0 : -errno;
}

int netns_list_open(struct netns_list *list, const char *root)
{
	CLEANUP_TEXT struct text path = { 0 };
	struct netns *home;
	uint64_t inode = 0;
	int error;

	*list = (struct netns_list){ .root = root, .home_fd = -1, .mounts_fd = -1 };
	text_addf(&path, "%s/proc/self/ns/net", root);
	error = link_inode(text_string(&path), &inode);
	if (error)
		return error;
	if (!*root)
		list->home_fd = open(text_string(&path), O_RDONLY | O_CLOEXEC);
	list->enter_error = enter_allowed(list->home_fd);
	text_clear(&path);
	text_addf(&path, "%s/proc/self/mountinfo", root);
	list->mounts_fd = open(text_string(&path), O_RDONLY | O_CLOEXEC);
	home = netns_add(list, inode);
	if (home)
		home->home = true;
	return 0;
}

static void netns_free(struct netns *netns)
{
	free(netns->name);
	free(netns->mount_path);
	free(netns->foreign_path);
	free(netns->given_path);
}

void netns_list_close(struct netns_list *list)
{
	struct netns *netns;

	netns_walk_end(list);
	vec_each(&list->items, netns)
		netns_free(netns);
	vec_free(&list->items);
	fd_close_ptr(&list->home_fd);
	fd_close_ptr(&list->mounts_fd);
	list->home_fd = list->mounts_fd = -1;
}

struct netns *netns_find(const struct netns_list *list, uint64_t inode)
{
	struct netns *netns;

	vec_each(&list->items, netns) {
		if (netns->inode == inode)
			return netns;
	}
	return NULL;
}

struct netns *netns_add(struct netns_list *list, uint64_t inode)
{
	struct netns *netns = netns_find(list, inode);

	if (netns)
		return netns;
	netns = vec_add(&list->items, NETNS_MAX);
	if (!netns) {
		list->truncated = true;
		return NULL;
	}
	netns->inode = inode;
	list->generation++;
	return netns;
}

/* The ways in, best first; false past the last. */
static bool path_at(const struct netns *netns, int index, struct text *ret)
{
	text_clear(ret);
	if (index == 0 && netns->mount_path)
		text_add(ret, netns->mount_path);
	else if (index == 1 && netns->pid)
		text_addf(ret, "/proc/%d/ns/net", (int)netns->pid);
	else if (index == 2 && netns->foreign_path)
		text_add(ret, netns->foreign_path);
	else if (index == 3 && netns->given_path)
		text_add(ret, netns->given_path);
	return index < 4;
}

void netns_path(const struct netns *netns, struct text *ret)
{
	if (netns->home) {
		text_clear(ret);
		text_add(ret, "/proc/self/ns/net");
		return;
	}
	for (int i = 0; path_at(netns, i, ret) && !ret->length; i++)
		;
}

/*
 * Opens a network namespace, and nothing else: -EINVAL. O_PATH runs no driver's open(2), which for a device may be an
 * action (a watchdog is armed, a tape rewinds).
 */
static int open_checked(const char *path, uint64_t *ret_inode, int *ret_fd)
{
	CLEANUP_CLOSE int place = open(path, O_PATH | O_CLOEXEC);
	CLEANUP_CLOSE int fd = -1;
	struct statfs system;
	struct stat status;
	char self[32];

	if (place < 0 || fstatfs(place, &system) < 0 || fstat(place, &status) < 0)
		return -errno;
	if (system.f_type != NSFS_MAGIC)
		return -EINVAL;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", place);
	fd = open(self, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -EINVAL;
	*ret_inode = status.st_ino;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int netns_open_inode(const char *path, uint64_t inode, int *ret_fd)
{
	CLEANUP_CLOSE int fd = -1;
	uint64_t found = 0;
	int error = open_checked(path, &found, &fd);

	if (error == -ESRCH || error == -ENOTDIR || error == -EINVAL)
		return -ENOENT;
	if (error)
		return error;
	if (found != inode)
		return -ENOENT;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int netns_enter(const struct netns_list *list, const struct netns *netns)
{
	CLEANUP_TEXT struct text path = { 0 };
	CLEANUP_CLOSE int fd = -1;
	int error = -ENOENT;

	if (netns->home)
		return 0;
	if (list->enter_error)
		return list->enter_error;
	for (int i = 0; fd < 0 && path_at(netns, i, &path); i++) {
		if (path.length)
			error = netns_open_inode(text_string(&path), netns->inode, &fd);
	}
	if (fd < 0)
		return error;
	return setns(fd, CLONE_NEWNET) == 0 ? 0 : -errno;
}

int netns_leave(const struct netns_list *list)
{
	if (list->enter_error) /* then nothing was ever entered */
		return 0;
	return setns(list->home_fd, CLONE_NEWNET) == 0 ? 0 : -errno;
}

uint64_t netns_cookie(void)
{
	uint64_t cookie = 0;
#ifdef SO_NETNS_COOKIE
	CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* a kind that loads nothing */
	socklen_t size = sizeof(cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0)
		return 0;
#endif
	return cookie;
}

/* Adds what the user named, with the way in for as long as no scan finds another. */
static int add_given(struct netns_list *list, uint64_t inode, const char *path, uint64_t *ret_inode)
{
	struct netns *netns = netns_add(list, inode);

	if (!netns)
		return -ENOSPC;
	if (!netns->given_path)
		netns->given_path = mem_strdup(path);
	*ret_inode = inode;
	return 0;
}

/* A namespace given by its path: any mount of one, or a link below /proc. */
static int resolve_path(struct netns_list *list, const char *path, uint64_t *ret_inode)
{
	CLEANUP_CLOSE int fd = -1;
	uint64_t inode = 0;
	int error = open_checked(path, &inode, &fd);

	return error ? error : add_given(list, inode, path, ret_inode);
}

static int resolve_number(struct netns_list *list, uint32_t number, uint64_t *ret_inode)
{
	uint64_t inode = 0;
	char path[64];
	int error;

	if (netns_find(list, number)) {
		*ret_inode = number;
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%u/ns/net", number);
	error = link_inode(path, &inode);
	return error ? error : add_given(list, inode, path, ret_inode);
}

int netns_resolve(struct netns_list *list, const char *word, uint64_t *ret_inode)
{
	struct slice text = slice_of(word);
	const struct netns *netns;
	uint64_t inode;
	uint32_t number;

	if (slice_starts(text, "/"))
		return resolve_path(list, word, ret_inode);
	vec_each(&list->items, netns) {
		if (netns->name && strcmp(netns->name, word) == 0) {
			*ret_inode = netns->inode;
			return 0;
		}
	}
	if (netns_link_parse(text, &inode) && netns_find(list, inode)) {
		*ret_inode = inode;
		return 0;
	}
	if (!parse_u32(text, &number))
		return resolve_number(list, number, ret_inode);
	return -ENOENT;
}
