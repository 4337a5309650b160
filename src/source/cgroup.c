/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The id is the group's file handle (fs/kernfs/mount.c: FILEID_KERNFS), by which the kernel opens its directory; the link of
 * the open file then tells its path.
 */
#include "source/cgroup.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define KERNFS_HANDLE 0xfe

/* Version 2 alone, or beside version 1. */
static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

static const char *root_find(void)
{
	struct statfs info;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		if (statfs(roots[i], &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC)
			return roots[i];
	}
	return NULL;
}

static int path_of(int fd, const char *root, struct text *ret)
{
	char link[64], path[PATH_MAX];
	size_t skip = strlen(root);
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return -errno;
	path[length] = 0;
	if (strncmp(path, root, skip) != 0)
		return -ESTALE;
	text_add(ret, path[skip] ? path + skip : "/");
	return 0;
}

int cgroup_path(uint64_t id, struct text *ret)
{
	struct {
		struct file_handle header;
		uint64_t id;
	} handle = { .header = { .handle_bytes = sizeof(id), .handle_type = KERNFS_HANDLE } };
	const char *root = root_find();
	CLEANUP_CLOSE int mount = -1;
	CLEANUP_CLOSE int fd = -1;

	if (!root)
		return -ENOENT;
	memcpy(handle.header.f_handle, &id, sizeof(id));
	mount = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount < 0)
		return -errno;
	fd = open_by_handle_at(mount, &handle.header, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return path_of(fd, root, ret);
}
