/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network namespaces of this host: which there are and how to get into one and back.
 *
 * A namespace lives as long as a process, a mount or an open file holds it. Processes are found by
 * /proc/PID/ns/net, mounts (`ip netns add`, container engines) by the nsfs lines of /proc/self/mountinfo and of
 * the mountinfo of every other mount namespace. Not found: what only an open file descriptor, a socket, or a single
 * thread of a process holds.
 *
 * Nothing of another namespace stays open: an open file would keep a deleted namespace, and with it the host's
 * end of its veth, alive. The tool's own namespace is kept open, to return to it.
 */
#pragma once

#include "base/parse.h"
#include "base/text.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct netns {
	uint64_t inode;
	char *name;	    /* as `ip netns exec` wants it, or NULL */
	char *mount_path;   /* mount that opens it in our mount namespace, or NULL */
	char *foreign_path; /* through /proc/PID/root when only another mount namespace has it, or NULL */
	char *given_path;   /* what the user named it by when no scan finds it, or NULL */
	pid_t pid;	    /* the lowest process that lives in it, 0 if none */
	pid_t pid_found;    /* of the scan under way */
	bool home;	    /* the tool was started in it */
	bool mounted;	    /* seen by the scan under way */
};

#define NETNS_MAX 4096

struct netns_list {
	VEC(struct netns) items; /* the home namespace is first */
	unsigned int generation; /* changes whenever the items or their paths do; pointers to items die then */
	int enter_error;	 /* 0, or -errno: other namespaces cannot be entered */
	uint32_t hidden;	 /* processes whose namespace may not be looked at */
	bool truncated;		 /* more than NETNS_MAX */
	uint64_t scan_ns;	 /* what the last scan of all processes took */
	unsigned int scans;	 /* changes with every look at mounts or at all processes, whatever it found */
	/* private */
	bool scanned;
	struct netns_walk *walk; /* over all processes, under way */
	const char *root;
	int home_fd, mounts_fd;
	uint64_t processes_due_ns, foreign_due_ns;
};

/*
 * Learns the home namespace; the list then holds that one alone. `root` is "", or a directory whose proc/ is a
 * fixture (nothing can be entered then); it must outlive the list. -errno when /proc cannot tell the own
 * namespace. A thread calls this and all that follows; setns(2) is per thread.
 */
int netns_list_open(struct netns_list *list, const char *root) __attribute__((warn_unused_result));
void netns_list_close(struct netns_list *list);

/*
 * Brings the list up to date as far as that is due: mounts whenever the kernel says that they changed (free when
 * they did not), processes every second and other mount namespaces every five, or less often, so that
 * scanning stays below 1 % of a CPU each. Processes are looked at in slices, a few hundred at each call: thousands at
 * once would take the time of the readings in between. `force` looks at everything now. Processes in `skip` (own helpers) do not count.
 */
void netns_list_refresh(struct netns_list *list, uint64_t now_ns, bool force, const pid_t *skip, size_t skips);

/* Breaks a walk over the processes off; netns_list_close() does so, too. */
void netns_walk_end(struct netns_list *list);

/* Whether all processes of the host were looked at: none was hidden, and this is no process namespace of its own. */
bool netns_list_is_whole(const struct netns_list *list);

/* The namespace of that inode, or NULL. Valid until the generation changes. */
struct netns *netns_find(const struct netns_list *list, uint64_t inode);

/* The same, made when new: the caller then says where it was found. NULL at NETNS_MAX. */
struct netns *netns_add(struct netns_list *list, uint64_t inode);

/*
 * The inode that a user's word means: a name of `ip netns`, a path, "net:[4026531840]", an inode or a process id.
 * Namespaces given by path or process id that no scan finds are added. -ENOENT when nothing matches, -EACCES when
 * it may not be looked at, -EINVAL for a path that is no network namespace.
 */
int netns_resolve(struct netns_list *list, const char *word, uint64_t *ret_inode) __attribute__((warn_unused_result));

/* A path that opens it: /run/netns/NAME, another mount, /proc/PID/ns/net. Emptied first. */
void netns_path(const struct netns *netns, struct text *ret);

/*
 * Opens exactly that network namespace: 0 and a descriptor, or -errno; -ENOENT when the path leads to something else by
 * now. Such paths may be strangers': what is there is looked at before it is opened, since opening a device acts on it.
 */
int netns_open_inode(const char *path, uint64_t inode, int *ret_fd) __attribute__((warn_unused_result));

/*
 * Moves the calling thread into a namespace (home: nothing to do). -ENOENT when it is gone from where it was found
 * (refresh with `force` tells whether it still lives), -EPERM or -EACCES without the right to.
 */
int netns_enter(const struct netns_list *list, const struct netns *netns) __attribute__((warn_unused_result));

/* Back home. Failure means that the thread is stuck in a foreign namespace: stop. */
int netns_leave(const struct netns_list *list) __attribute__((warn_unused_result));

/*
 * A number that the thread's namespace shares with no other, gone ones included (inodes are used again); 0 where the kernel
 * does not tell it (before 5.14).
 */
uint64_t netns_cookie(void);

/*
 * One line of a mountinfo file (Documentation/filesystems/proc.rst, 3.5): true for a mounted network namespace, with
 * its inode and its mount point with the \ooo escapes undone (emptied first).
 */
bool netns_mount_parse(struct slice line, uint64_t *ret_inode, struct text *ret_path);

/* "net:[4026531840]" as the links of /proc/PID/ns read. */
bool netns_link_parse(struct slice link, uint64_t *ret_inode);
