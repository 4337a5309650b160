/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the sampler share: sampler.c (the window), sampler_target.c (namespaces and reading one),
 * sampler_lock.c (whether the kernel's list of interfaces answers), sampler_identity.c (which namespace a number means), sampler_period.c (how often what is read), sampler_dear.c (the
 * queue of what helpers do). Nobody else includes this.
 */
#pragma once

#include "source/helper.h"
#include "source/sampler.h"

#include "base/netns.h"

/* One source on one target. */
struct slot {
	uint64_t due_ns;
	uint64_t read_ns;      /* when it was last read */
	uint64_t idle_ns;      /* when it was urgent last with nothing to read */
	uint64_t cost_ns;      /* of a reading, smoothed; 0 before the first */
	uint64_t tick_ns;      /* the same of a cheap source, in between the window's ends */
	uint64_t still_due_ns; /* while its numbers stand still; 0: they do not */
	uint64_t hash;	       /* of its numbers, middle sources */
	unsigned int still;    /* readings since they last changed */
	size_t looked;	       /* of what is in trouble there, how much was looked at at once */
	bool queued;	       /* a helper has it or will have it */
	bool hung;	       /* took too long once: not tried again in this window */
};

/* The host, or one namespace. Targets stay until the end; their index is their identity. */
struct target {
	uint64_t inode; /* 0: the host */
	struct object *object;
	struct slot *slots; /* one per source */
	size_t item;	    /* in the list of namespaces, while present */
	bool named;	    /* its name is one that it was mounted by, now or before */
	bool present;
	bool seen;	    /* in the comparison under way */
	bool replaced;	    /* another namespace has its number: it never comes back */
	unsigned int scans; /* of the list, when the cookie was last asked for */
	uint64_t cookie;    /* of the namespace, 0 before it was entered or where the kernel tells none */
	int refused;	    /* 0, or -errno: it cannot be entered */
	uint64_t cost_ns;   /* of the cheap sources, smoothed */
	uint64_t hash;	    /* of the cheap values */
	unsigned int quiet; /* readings since they last changed */
};

/* What helpers shall read, in order. */
struct errand {
	uint32_t target, source;
};

#define THINNED_DEAR_LEVEL 1
#define THINNED_MIDDLE_LEVEL 3

#define HELPERS 2
#define ERRANDS_AT_ONCE 32

struct sampler;

/* A process that asks for the kernel's lock over all interfaces: sampler_lock.c. */
struct lock {
	pid_t pid; /* 0: there is none, and the lock counts as free unless `held` */
	int fd;
	bool asked; /* and not answered yet */
	bool held;  /* by what the process of an earlier window is still waiting for */
};

struct team {
	struct sampler *sampler;
	struct helper helper;
	struct errand errands[ERRANDS_AT_ONCE];
};

enum reading {
	READ_FIRST, /* everything, totals first */
	READ_DUE,
	READ_LAST,  /* everything, totals last */
	READ_AGAIN, /* the same without settings, after the last helper */
};

struct sampler {
	struct sampler_options options; /* with the defaults filled in */
	struct series *series;
	struct objects *objects;
	struct sampler_result *result;
	VEC(const struct source *) sources;
	struct netns_list list;
	unsigned int generation; /* of the list, when the targets were last compared with it */
	uint64_t only;		 /* inode of the one namespace to be read, 0 for all */
	bool discovered;	 /* the first look is over: what appears now is born */
	bool unread;		 /* there are more namespaces than can be followed */
	bool look_again;	 /* a namespace was not where it was found */
	uint64_t looked_ns;
	VEC(struct target) targets; /* the host is first */
	struct object *home;
	bool home_named;	  /* as of a target */
	struct snapshot snapshot; /* of the tick */
	struct snapshot answer;	  /* of a helper */
	struct text buffer;
	unsigned int level;		       /* how far thinned, see sampler.c */
	uint64_t middle_cost_ns, dear_cost_ns; /* of one reading of all of that class everywhere */
	uint64_t urgent_ns;		       /* from when on what is urgent may be read again */
	uint64_t tick_cost_ns;		       /* cheap sources, one tick, smoothed */
	uint64_t number;		       /* of the tick */
	struct lock lock;
	bool locked;   /* in this tick nothing that needs the lock is read */
	int stop_seen; /* of options.stop: what the last wait ended with */
	bool between;  /* this tick is neither the window's first nor one of its last */
	bool opening;  /* not every source has been read for the first time yet */
	bool closing;  /* not every source has been read for the last time yet */
	bool edge;     /* see source_context */
	bool last;     /* likewise */
	struct team teams[HELPERS];
	VEC(struct errand) queue;
	size_t queue_at;
};

/* sampler_target.c */
/* A snapshot is whole: into the series, and to whoever wants to see it. */
void sampler_take(struct sampler *sampler, const struct snapshot *snapshot);

int targets_open(struct sampler *sampler) __attribute__((warn_unused_result));
void targets_close(struct sampler *sampler);
void targets_refresh(struct sampler *sampler, uint64_t now_ns); /* follows what namespaces did */
struct target *target_at(const struct sampler *sampler, size_t index);
bool source_applies(const struct source *source, const struct target *target);

/* Reads the cheap and middle sources of a target into sampler->snapshot. -errno: the thread could not get home. */
int target_read(struct sampler *sampler, struct target *target, enum reading reading, uint64_t now_ns)
	__attribute__((warn_unused_result));

/* Runs one source in a target's namespace, adding to `snapshot`; a refusal is a miss. -errno as above. */
int target_visit(struct sampler *sampler, const struct target *target, const struct source *source,
		 struct snapshot *snapshot) __attribute__((warn_unused_result));

/* Records that a source could not be read on a target. `reason` is kept text. */
void target_missed(const struct target *target, const struct source *source, struct snapshot *snapshot, int error,
		   const char *reason);

/* Marks the readings from coverage record `from` on as made less often than wanted. */
void target_thinned(struct snapshot *snapshot, size_t from);

/* Smooths a cost in and keeps the sum over all slots of its class. */
void slot_cost(struct slot *slot, uint64_t cost_ns, uint64_t *sum_ns);

/* sampler_lock.c */
bool lock_is_needed(const struct source *source);
void lock_open(struct sampler *sampler);
void lock_close(struct sampler *sampler);
bool lock_is_free(struct sampler *sampler); /* waits for the deadline once, and no more until it was free again */

/* sampler_identity.c */
uint64_t identity_key(uint64_t inode); /* of the namespace that has that number now, for the keys of objects */

/* The namespace of that number has this cookie. True when it had another before: then it has a new key from now on. */
bool identity_changed(uint64_t inode, uint64_t cookie);

/* sampler_period.c */
bool cheap_is_due(const struct sampler *sampler, const struct slot *slot, uint64_t now_ns);
void cheap_set_due(const struct sampler *sampler, struct slot *slot, uint64_t cost_ns, uint64_t now_ns);
bool middle_is_due(const struct sampler *sampler, const struct source *source, const struct target *target,
		   const struct slot *slot, uint64_t now_ns);
void middle_set_due(const struct sampler *sampler, const struct source *source, struct slot *slot, uint64_t hash,
		    uint64_t now_ns);
/* Whether it has to be read now although it is not its turn; taken as read when it has. */
bool urgent_take(struct sampler *sampler, const struct source *source, const struct target *target, struct slot *slot,
		 uint64_t now_ns);
bool urgent_waits(const struct sampler *sampler, uint64_t now_ns); /* something has not been looked at yet */
void dear_set_due(const struct sampler *sampler, const struct source *source, struct slot *slot, uint64_t now_ns);
bool dear_is_idle(const struct sampler *sampler, const struct source *source); /* it would find nothing to do */
bool source_is_setting(const struct source *source);
/*
 * Read before all others when a window begins or ends, and again after them: what it counts in between is at most what the
 * others can have seen, and without what it counted at those edges (source_context) the least.
 */
bool source_encloses(const struct source *source);

/* sampler_dear.c */
void dear_enqueue(struct sampler *sampler, enum reading reading, uint64_t now_ns);
void dear_forget(struct sampler *sampler);		/* empties the queue; what runs goes on */
void dear_start(struct sampler *sampler);		/* gives the queue to idle helpers */
void dear_poll(struct sampler *sampler);		/* takes answers */
void dear_excuse(struct sampler *sampler, uint64_t ns); /* for so long nobody listened */
void dear_anew(struct sampler *sampler);		/* the time of what runs begins again */
bool dear_busy(const struct sampler *sampler);
void dear_give_up(struct sampler *sampler, const char *reason); /* what is still open is missed */
void dear_close(struct sampler *sampler);
size_t dear_pids(struct sampler *sampler, pid_t *ret_pids, size_t max); /* of all helpers, dying ones included */
