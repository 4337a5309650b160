/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict: findings in order, one sentence, what was ruled out by which
 * observation and what could not be observed. A diagnosis holds everything a
 * renderer prints; renderers add no judgement.
 */
#pragma once

#include "model/finding.h"
#include "model/ledger.h"

enum loss { LOSS_NO, LOSS_YES, LOSS_UNKNOWN };
const char *loss_name(enum loss loss); /* "no", "yes", "unknown" */

struct ruled_out {
	enum domain domain;
	char *observation; /* owned */
};

struct not_observed {
	enum source_id source;
	uint32_t object;
	char *reason;	    /* owned: what failed on what, and what would change that */
	bool counts;	    /* it leaves a local domain without an exact loss source: exit status 3 */
	enum domain domain; /* DOMAIN_NONE when it touches several */
};

/* What the picture of the packet's way shows at one domain. */
struct domain_view {
	uint64_t harmful, innocent, unexplained; /* packets, each counted once */
	bool observed; /* an exact loss source was read for the whole window, everywhere in scope */
	bool partly;   /* read, but not everywhere or not exactly */
};

#define EVENT_REST_MAX 8

/* What is left of the drop events of one kind. */
struct event_rest {
	uint32_t object;
	uint64_t least, most;
};

/* The kernel's own drop events of the window, each packet in one of the parts; and what counters alone tell of. */
struct event_sum {
	bool observed;	    /* the probe was there for the whole window */
	uint64_t dropped;   /* packets that the kernel told of */
	uint64_t matched;   /* that findings account for */
	uint64_t uncounted; /* of these, the ones that no counter has: the events alone make up the finding */
	uint64_t harmless;
	/*
	 * That belong to nothing that was found: at most, and at least. In between are those that fell while the counters
	 * were being read at the window's ends, which have them or not.
	 */
	uint64_t unmatched, unmatched_least;
	uint64_t nameless; /* of which only the number is known: the probe was interrupted, or had no room */
	/* Packets of counters without an event: of losses that need not come with one, and of others. */
	uint64_t counted_only[DOMAIN_COUNT], untold;
	struct event_rest rest[EVENT_REST_MAX]; /* of `unmatched`, most first */
	size_t rest_count;
	uint64_t domains[DOMAIN_COUNT]; /* that were not harmless */
};

struct diagnosis {
	const struct series *series; /* not owned */
	struct ledger *ledger;	     /* owned */
	enum loss loss;
	const struct finding *first; /* what the verdict repeats, or NULL */
	char *summary;		     /* one sentence; owned */
	struct findings findings;    /* harmful first, ranked */
	struct findings innocent;
	VEC(struct ruled_out) ruled_out;
	VEC(struct not_observed) not_observed;
	VEC(struct evidence)
	unexplained; /* drop counters that moved and that no finding claims, and symptoms left over */
	struct event_sum events;
	struct domain_view domains[DOMAIN_COUNT];
	struct ledger_sum sum; /* `domains` by what was found, not by the counter's row */
	/* The tool's own account. */
	double cpu_seconds;
	uint64_t max_rss_bytes;
	uint64_t events_lost;
	bool interrupted; /* the window was cut short by a signal */
};

void diagnosis_free(struct diagnosis *diagnosis);

/* Wire packets per second over the window, and lost / (lost + passed), of a finding. Negative when unknown. */
double finding_rate(const struct diagnosis *diagnosis, const struct finding *finding);
double finding_share(const struct finding *finding);
