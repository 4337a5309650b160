/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A helper process: reads that may block or take long run in a forked child, one after the other, and come back as
 * encoded snapshots through a pipe. The parent goes on sampling and never waits; what takes longer than its
 * budget is killed, and what crashes takes nobody along.
 *
 * The child dies with its parent, writes nothing but the pipe, and keeps no descriptor except that pipe, the standard
 * three and the one it is told to keep.
 */
#pragma once

#include "model/snapshot.h"

#include <stdint.h>
#include <sys/types.h>

struct helper_job {
	/* What index is at, as a number other than 0 that means the same in later windows; NULL: nobody will ask. */
	uint64_t (*what)(void *argument, size_t index);
	void (*work)(void *argument, size_t index, struct snapshot *snapshot); /* runs in the child for 0 … count - 1 */
	void *argument;
	size_t count;
	struct objects *objects;
	uint64_t budget_ns; /* for each index */
	int keep_fd;	    /* stays open in the child, or -1 */
};

struct helper {
	pid_t pid; /* 0: nothing runs */
	int fd;
	size_t count, answered;
	uint64_t budget_ns, deadline_ns; /* monotonic, of the index under way */
	struct text bytes;		 /* received, not yet taken */
	size_t taken;
	uint64_t (*what)(void *argument, size_t index);
	void *argument; /* for `what` */
};

#define HELPER_IDLE ((struct helper){ .fd = -1 })

/* Killed and not dead at any time: each is a process that the kernel does not let go. */
#define HELPERS_STUCK_MAX 16

/*
 * Forks. 0 or -errno (then nothing runs); -EBUSY while HELPERS_STUCK_MAX killed ones do not die: those at work count too, for
 * they may come to that. Only on a helper that is idle.
 */
int helper_start(struct helper *helper, const struct helper_job *job) __attribute__((warn_unused_result));

enum helper_event {
	HELPER_NOTHING, /* no answer yet, or nothing runs */
	HELPER_ANSWER,	/* index `answered - 1` has answered; ask again, there may be more */
	HELPER_FAILED,	/* index `answered` failed; it and all behind it have no answer. The helper is idle again */
};

struct helper_answer {
	uint64_t cost_ns;   /* time it took in the child */
	int error;	    /* HELPER_FAILED: -ETIMEDOUT, -ECHILD (died), -EPROTO, -E2BIG */
	const char *reason; /* the same as a phrase, kept for ever */
};

/*
 * Takes one answer without waiting. HELPER_ANSWER appends it to `snapshot`, which the caller has begun, and sets its
 * times to those of the reading. After the last answer the helper is idle.
 */
enum helper_event helper_poll(struct helper *helper, struct snapshot *snapshot, struct helper_answer *ret);

/* Kills what runs, without waiting for its death: a process stuck in the kernel dies when it comes back. */
void helper_kill(struct helper *helper);

/*
 * For children that others fork: dies with its parent, leaves no core, closes everything from 3 on but these two (-1 for the
 * second: one alone) and forgets what of the parent's waits in memory. And their end: killed here, reaped with the helpers.
 */
void helper_child_prepare(pid_t parent, int fd, int keep_fd);
void helper_child_kill(pid_t pid, uint64_t what);

/* Kills and frees. */
void helper_free(struct helper *helper);

/*
 * Of all helpers that are done or were killed, those of earlier windows included: collects the dead, so that their CPU time
 * counts, and adds the pids of those alive to `ret_pids` (up to `max`), if given.
 */
size_t helpers_reap(pid_t *ret_pids, size_t max);

/* The same until none is left, but for at most 100 ms, and only once for each: what does not die then, hangs. */
void helpers_settle(void);

/* Whether one that was killed at that (see `what`) has not died yet. */
bool helpers_hang_at(uint64_t what);
