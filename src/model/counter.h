/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters: the spine. A row of counters.def says for each number the kernel
 * offers where it is read, what it means, which domain it accuses and which
 * standard command shows the same number. Names that no row knows (new kernel
 * counters, drivers' own names) become dynamic counters at run time, so that
 * nothing that moves is lost.
 */
#pragma once

#include "model/domain.h"

#include <stdbool.h>
#include <stdint.h>

/* Who reads it. Ids are stable output (`source` in evidence and not_observed). */
enum source_id {
#define SOURCE(symbol, id, what) SOURCE_##symbol,
#include "model/source.def"
#undef SOURCE
	SOURCE_COUNT,
};

const char *source_id_name(enum source_id id); /* "snmp" */
const char *source_id_what(enum source_id id); /* "IP, TCP and UDP statistics (/proc/net/snmp)" */

enum counter_kind {
	KIND_DROP,     /* counts lost packets */
	KIND_SYMPTOM,  /* a consequence of loss somewhere: retransmits, resets */
	KIND_PRESSURE, /* close to loss, or a queue's level: no loss by itself */
	KIND_TRAFFIC,  /* what passed */
	KIND_CONFIG,   /* a setting or a fact */
	KIND_EVENT,    /* lost packets as the kernel told of each: they are matched with counters, not added to them */
};

enum counter_form {
	FORM_TOTAL,   /* since boot, 64 bits: only its difference means anything */
	FORM_TOTAL32, /* since boot, wraps at 32 bits */
	FORM_GAUGE,   /* a level now */
};

enum unit {
	UNIT_PACKETS, /* wire packets: segments, frames, datagrams alike */
	UNIT_SKBS,    /* kernel buffers: with GSO/GRO one may be many segments */
	UNIT_SEGMENTS,
	UNIT_DATAGRAMS,
	UNIT_FRAGMENTS,
	UNIT_MESSAGES, /* of the kernel to programs: no packets */
	UNIT_CALLS,    /* events of the code, not packets */
	UNIT_BYTES,
	UNIT_NS,
	UNIT_COUNT, /* plain number: entries, CPUs, a setting */
};

/*
 * A counter id: below COUNTER_STATIC a row of counters.def, above it a dynamic
 * counter of this process.
 */
typedef uint32_t counter_id; /* typedef of an integer, not of a struct: ids appear in every signature */

enum counter_row {
#define COUNTER(symbol, name, source, domain, kind, form, unit, check, meaning) C_##symbol,
#include "model/counters.def"
#undef COUNTER
	COUNTER_STATIC,
};

#define COUNTER_NONE UINT32_MAX
#define COUNTER_DYNAMIC_MAX 20000 /* distinct unknown names kept; past that they are not read */

struct counter {
	const char *name; /* unique within its source: "UdpRcvbufErrors", "link.rx_dropped" */
	enum source_id source;
	enum domain domain;
	enum counter_kind kind;
	enum counter_form form;
	enum unit unit;
	const char *check;   /* template, see counter_check() in object.h */
	const char *meaning; /* one line */
	bool unclassified;   /* dynamic, name smells of loss, no table knows it */
};

/* The counter of an id; never NULL for an id this process was given. */
const struct counter *counter_get(counter_id id);
const char *counter_name(counter_id id);

/* The id of `name` within `source`, or COUNTER_NONE. Constant time. */
counter_id counter_find(enum source_id source, const char *name, size_t length);

/*
 * Like counter_find(), but an unknown name gets a dynamic counter: KIND_DROP and
 * `unclassified` when the name smells of loss (counter_smells_of_loss), else
 * KIND_TRAFFIC. COUNTER_NONE when COUNTER_DYNAMIC_MAX is reached.
 */
counter_id counter_intern(enum source_id source, const char *name, size_t length, enum domain domain,
			  const char *check);

/*
 * Says what a dynamic counter is, once a table knew its name: `meaning` is kept, not copied. Drivers share names; one
 * that is a drop for any of them stays a drop. Static counters stay as they are.
 */
void counter_classify(counter_id id, enum counter_kind kind, const char *meaning);

/* Ids run from 0 to this; dynamic ones included. */
counter_id counter_total(void);

/* True for names with drop, discard, miss, err, fail, no_buf, overrun, overflow, lost … in them. */
bool counter_smells_of_loss(const char *name, size_t length);

const char *unit_name(enum unit unit);	       /* stable word: "datagrams", "buffers" */
const char *unit_word(enum unit unit);	       /* for people: "packets" where the stable word would say buffers */
const char *kind_name(enum counter_kind kind); /* "drop" */
