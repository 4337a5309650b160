/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching for the diagnosis: one window; one that ends as soon as the answer is certain; one after another until
 * something is lost, of which the last two are kept; or one after another for somebody who looks on.
 */
#pragma once

#include "cmd/scope.h"
#include "cmd/until.h"
#include "evidence/bundle.h"
#include "source/sampler.h"

struct watch_settings {
	uint64_t duration_ns; /* of a window */
	uint64_t interval_ns;
	uint64_t wait_ns; /* for a harmful loss, at most; 0: one window */
	bool until_proven;
	struct until *until;	      /* ends two seconds after that; or NULL */
	bool progress;		      /* a line on standard error */
	struct bundle_writer *bundle; /* into which all windows are written as well; or NULL */
	bool redact;		      /* what is written there */
	enum bundle_part part;	      /* of a file with a baseline, what is written there */
};

struct watched;

/* Who looks on while window follows window. */
struct onlooker {
	void (*tick)(void *argument);				   /* between two readings */
	void (*look)(void *argument, const struct series *series); /* a few times a second: the window so far */
	void (*turn)(void *argument, struct watched *window); /* one is over; what is taken out of it is the taker's */
	void (*fail)(void);				      /* before a line on stderr */
	void (*insisted)(void);				      /* in a signal's handler: the program ends at once */
	void *argument;
};

/* WATCH_CUT: of a recording that ends early. */
enum watch_end { WATCH_TIME, WATCH_INTERRUPT, WATCH_CERTAIN, WATCH_LOSS, WATCH_CONDITION, WATCH_CUT };

/* "time", "interrupt", "certain", "loss", "condition", "cut": as it stands in answers and bundles; and back (WATCH_CUT for other words). */
const char *watch_end_name(enum watch_end end);
enum watch_end watch_end_of(const char *name);

struct watched {
	struct objects *objects; /* owned, as the series */
	struct series *series;
	struct sampler_result result; /* of all windows in the series */
	uint64_t waited_ns;	      /* since the waiting began; 0 for a single window */
	enum watch_end end;
};

/*
 * Runs until the end. An interrupt ends the window; the second one the program, once nothing of it is left behind. 0, or
 * STATUS_ERROR after one line on stderr. Free with watched_free().
 */
int watch(const struct watch_settings *settings, const struct scope *scope, struct watched *ret)
	__attribute__((warn_unused_result));

/*
 * Windows of settings->duration_ns one after the other, for settings->wait_ns together (0: until an interrupt). 0, or
 * STATUS_ERROR after one line on stderr.
 */
int watch_on(const struct watch_settings *settings, const struct scope *scope, const struct onlooker *onlooker)
	__attribute__((warn_unused_result));

/* Ends what runs, as an interrupt does; the second time without waiting for what is still being read. */
void watch_leave(void);

void watched_free(struct watched *watched);
