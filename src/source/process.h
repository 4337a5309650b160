/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes behind sockets. process.c chooses the sockets, process_holder.c
 * finds who holds them, process_thread.c reads how those processes fare, and
 * process_cgroup.c what their cgroup allows them.
 *
 * Only files that cannot wait for the process itself are read: never cmdline,
 * environ or maps, which take its memory map's lock (a process stuck in a page
 * fault holds that). A process may vanish between any two reads: that is no error.
 */
#pragma once

#include "source/container.h"
#include "source/source.h"

#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A socket whose process is wanted. */
struct process_want {
	uint64_t inode;	      /* as in /proc/PID/fd: "socket:[inode]" */
	uint64_t weight;      /* within its rank */
	uint64_t start_ticks; /* of the process below */
	uint64_t cpu_ticks;
	uint32_t socket;      /* object id */
	unsigned int rank;    /* 0 is the most urgent */
	unsigned int holders; /* processes that have it open */
	pid_t pid;	      /* the one that works with it, 0 when none was found */
	unsigned int descriptor;
	bool searched; /* looked for in this run */
};

#define PROCESS_WANTS_MAX 64
#define PROCESS_WANTS_TCP_MAX 32 /* of them, connections that only retransmit */

/* What `series` says is worth a look-up, most urgent first. Returns how many were written. */
size_t process_wants(const struct series *series, struct process_want ret[PROCESS_WANTS_MAX]);

/* How much there is to find out: processes behind sockets, and whose containers namespaces are. */
size_t process_wanted(const struct series *series);

struct process_search {
	size_t denied; /* processes whose descriptors may not be read */
	bool cut;      /* gave up: too many open files */
};

/*
 * Searches every process for those wants that have no pid yet. Of several holders (a server that forked, a socket that
 * systemd passed on) the one with the most CPU time is taken, the first process (pid 1) last.
 */
void process_search(const struct source_context *context, struct process_want *wants, size_t count,
		    struct process_search *ret);

/* True when that descriptor of that process is that socket: one readlink. */
bool process_holds(const struct source_context *context, pid_t pid, unsigned int descriptor, uint64_t inode);

/* /proc/PID/stat (fs/proc/array.c: do_task_stat); times in clock ticks. */
struct process_stat {
	char comm[64]; /* control characters replaced */
	char state;
	uint64_t major_faults, cpu_ticks, threads, start_ticks, io_ticks;
};

int process_stat_parse(struct slice text, struct process_stat *ret) __attribute__((warn_unused_result));

/* Reads /proc/PID/stat, or /proc/PID/task/TID/stat when `tid` is not 0. 0 or -errno. */
int process_stat_read(const struct source_context *context, pid_t pid, pid_t tid, struct process_stat *ret)
	__attribute__((warn_unused_result));

/* Makes the process of that pid and start time an object and adds its numbers; nothing when it is gone. */
void process_read(const struct source_context *context, struct snapshot *snapshot, pid_t pid, uint64_t start_ticks);

/*
 * Sets the process's labels and groups: its parent is the nearest cgroup with a CPU limit, else its own; its peer the
 * one that tells of memory and storage, if any.
 */
void process_cgroup_read(const struct source_context *context, struct snapshot *snapshot, struct object *process);

/* The container that the process's cgroups tell; empty when they tell none or the process is gone. */
void process_cgroup_container(const struct source_context *context, pid_t pid, struct container *ret);
