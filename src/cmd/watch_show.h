/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What wheredrop watch shows, of this host or of a recording: on a screen, as lines, as JSON. */
#pragma once

#include "cmd/evidence.h"
#include "diagnose/history.h"
#include "render/screen.h"

enum show_how { SHOW_SCREEN, SHOW_LINES, SHOW_JSON };

struct show {
	enum show_how how;
	struct style style;
	struct host host;
	const struct diagnose_options *options;
	bool recorded;
	const char *below; /* the screen's last line; set before a look */
	struct history history;
	struct series *earlier; /* the window before, until this one is old enough to be held against it; not owned */

	struct watch_page way, answer; /* as they were made last */
	bool other;		       /* the answer is shown, not the way */
	bool held;		       /* the screen stays as it is */
	size_t top;		       /* first line that is shown */
	char *before;		       /* what the last window gave, where it was a harmful loss; owned */
	uint64_t fresh[DOMAIN_COUNT];  /* lost since the last line */
	uint64_t told[DOMAIN_COUNT];   /* lost up to the last line */
	uint64_t told_second;	       /* of the last line */
	size_t lines;
	bool failed; /* nothing more can be shown */
};

/* How: what is wanted by words; a screen where standard output is a terminal. 0, or STATUS_ERROR after one line on stderr. */
int show_begin(bool json, bool lines, const char *colour, struct show *ret) __attribute__((warn_unused_result));

/* Whether a line is due, which is once in a second of the series, or the screen may be made anew. */
bool show_is_due(const struct show *show, const struct series *series);

/* Judges the window so far and shows it. 0, or STATUS_ERROR after one line on stderr. */
int show_look(struct show *show, const struct series *series) __attribute__((warn_unused_result));

/*
 * The window is over: what it gave at last is kept. Its series, where it is given, is held against the next window's, and
 * changed, to count what is lost between them: it must live until the next turn or the end.
 */
void show_turn(struct show *show, const struct series *series, struct series *keep);

/* The screen as it was, after a key that moves about in it or a line below that is another. */
void show_again(const struct show *show);

/* A key that only changes what is shown. False for others. */
bool show_key(struct show *show, enum screen_key key);

/* Gives the terminal back; what was lost in all stands there then. Whether anything was: STATUS_LOSS, STATUS_OK, STATUS_ERROR. */
int show_end(struct show *show);
