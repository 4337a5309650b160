/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window: reads every source in every network namespace for a while and fills a series.
 *
 * At the start everything is read once. Before and after that, and before and after what is read at the end, the drop
 * events are read: what they count at those two edges of the window (source_context) the other sources may have seen or
 * not. Then cheap sources are read at every tick; middle ones as often as their
 * measured cost allows, all of them together within 2 % of a CPU; dear ones likewise, in helper processes. Where
 * something is lost, what may be over at the window's end is read at once, whatever it costs. When the
 * window ends everything is read again, first what belongs to single objects (sockets, rules), then the totals: the
 * totals' window so encloses the objects', and they are read once more after the last helper has come back.
 *
 * Namespaces come and go in the window. Each becomes an OBJECT_NETNS with LABEL_NAME (its `ip netns` name, else
 * "pid 123 (comm)", else the last part of its path; the home namespace has none: a renderer says "this namespace"),
 * LABEL_PATH, LABEL_COMM and pid; `born` when it was not there at the start. One that went away simply has no readings
 * any more. What could not be read is a miss with its reason in the series.
 *
 * What needs the kernel's lock over all interfaces is left out, as a miss, while that lock cannot be had.
 *
 * Nothing of another namespace is open between two readings. The calling thread is moved between namespaces, so
 * the caller must have one thread. SIGCHLD must not be ignored, or the helpers' CPU time is not counted.
 */
#pragma once

#include "model/series.h"
#include "source/source.h"

#include "base/clock.h"

#include <signal.h>

struct sampler_progress {
	uint64_t elapsed_ns, duration_ns;
	size_t ticks, namespaces;
	bool ending; /* the window is over, the last helpers are awaited */
};

struct sampler_options {
	uint64_t duration_ns; /* 0 means SAMPLER_DURATION_NS; so for all below */
	uint64_t interval_ns;
	uint64_t deadline_ns;		 /* for one reading of a dear source */
	unsigned int cpu_bound_permille; /* the tool's own CPU use, of one CPU */
	const char *netns;   /* NULL: all; else one, as netns_resolve() takes it; "" is the home namespace */
	const char *sysroot; /* NULL or "": this host; else fixtures: one namespace, none entered */
	const struct source *const *sources; /* NULL-terminated; NULL: source_at() */
	bool events;			     /* snapshots hold dropped packets one by one as well, as samples */
	/* Rises when the window shall end now; at 2 the last helpers are not awaited either. May be NULL. */
	const volatile sig_atomic_t *stop;
	const sigset_t
		*stop_signals; /* those whose handler raises it, so that none is missed on the way to sleep; or NULL */
	void (*progress)(void *argument, const struct sampler_progress *progress); /* once per tick; may be NULL */
	/*
	 * Whether the window may end before its time. Asked between ticks, so seldom that it takes a twentieth of the time at
	 * most; a yes brings a reading of everything, as at the window's end, and is asked for again with `complete`. May be
	 * NULL.
	 */
	bool (*enough)(void *argument, const struct series *series, bool complete);
	/* Each snapshot once it is in the series, in that order; may be NULL. */
	void (*taken)(void *argument, const struct snapshot *snapshot);
	void *argument;
	/* For tests: what takes the kernel's lock over all interfaces and gives it back, in a process of its own. */
	void (*lock_ask)(void);
};

#define SAMPLER_DURATION_NS (10 * NS_PER_S)
#define SAMPLER_INTERVAL_NS (100 * NS_PER_MS)
#define SAMPLER_DEADLINE_NS (2 * NS_PER_S)
#define SAMPLER_CPU_BOUND_PERMILLE 50

struct sampler_result {
	uint64_t interval_ns; /* longest that was used: above the one asked for when ticks took too long or too much CPU */
	uint64_t tick_ns;     /* what a tick took, lately */
	uint64_t max_gap_ns;	  /* longest time between the starts of two ticks */
	uint64_t cpu_ns;	  /* spent in here, helpers included */
	size_t ticks, late_ticks; /* late: by more than three intervals */
	size_t namespaces, appeared, vanished,
		refused;	 /* seen in all; of them not there at the start, gone, not enterable */
	size_t hidden_processes; /* whose namespaces may not be looked at: there may be more of them */
	size_t helper_failures;
	unsigned int thinned;		  /* enum sampler_thinned: what was read less often to stay below the bound */
	bool quiet_skipped;		  /* namespaces in which nothing moved were not read at every tick */
	bool stopped;			  /* ended before its time because the user wanted it */
	bool enough;			  /* ended before its time because options->enough() said so */
	uint64_t source_ns[SOURCE_COUNT]; /* what one reading of it took, all namespaces together: time, waits included */
	const char *error;		  /* when sampler_run() fails: one phrase, kept for ever */
};

enum sampler_thinned {
	SAMPLER_THINNED_DEAR = 1 << 0,
	SAMPLER_THINNED_MIDDLE = 1 << 1,
	SAMPLER_THINNED_TICKS = 1 << 2,
};

/*
 * Runs the window and finishes the series (series_finish()). -errno when nothing could be sampled, with ret->error
 * set: -ENOENT for a namespace that is not there, -EPERM when the one asked for may not be entered.
 */
int sampler_run(const struct sampler_options *options, struct series *series, struct sampler_result *ret)
	__attribute__((warn_unused_result));
