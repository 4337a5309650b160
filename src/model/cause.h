/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Causes: the judgement, as a table (causes.def), with what to do about each
 * (remedies.def). Ids are stable output.
 */
#pragma once

#include "model/domain.h"
#include "model/object.h"

#include <stdbool.h>
#include <stddef.h>

enum cause {
#define CAUSE(symbol, id, domain, class, proof, owner, mechanism, evidence, lookalike, next) CAUSE_##symbol,
#include "model/causes.def"
#undef CAUSE
	CAUSE_COUNT,
	CAUSE_NONE = CAUSE_COUNT,
};

enum cause_class {
	CAUSE_LOSS,	/* packets were lost there */
	CAUSE_BECAUSE,	/* why another cause came about; drops nothing itself */
	CAUSE_PRESSURE, /* close to loss: a warning, never a loss */
	CAUSE_INNOCENT, /* named, never alarmed on */
};

/* By what a cause can be told from others. */
enum cause_proof {
	PROOF_COUNTERS, /* numbers that the kernel keeps by itself, or that a ticket tells */
	PROOF_EVENTS,	/* no counter names it: only the kernel's drop events do */
	PROOF_PROBE,	/* nothing on this host shows it: packets must be sent along the path */
};

struct cause_row {
	const char *id;
	enum domain domain;
	enum cause_class class;
	enum cause_proof proof;
	enum owner owner;
	const char *
		mechanism; /* the clause of a sentence; {object} is replaced: "the receive buffer of {object} was full" */
	const char *evidence;  /* what proves it, one line */
	const char *lookalike; /* what must not be mistaken for it, one line, "" if nothing does */
	const char *next;      /* what to run next to raise the confidence or go on, "" if nothing */
};

const struct cause_row *cause_get(enum cause cause);
const char *cause_id(enum cause cause); /* "none" for CAUSE_NONE */
bool cause_from_id(const char *id, enum cause *ret);

/* Appends the mechanism with the object in it: "the receive buffer of udp 0.0.0.0:53 (dnsmasq, pid 4) was full". */
void cause_describe(const struct objects *objects, enum cause cause, uint32_t object, struct text *ret);

struct remedy {
	enum cause cause;
	const char *action;   /* one sentence */
	const char *commands; /* lines; the placeholders of counter_check(); "" when no command does it */
	const char *risk;     /* what it costs, and how to undo it */
	bool persistent;      /* survives a reboot as it stands */
};

/* The remedies of a cause, in order of preference. `index` from 0; NULL past the last. */
const struct remedy *remedy_of(enum cause cause, size_t index);
