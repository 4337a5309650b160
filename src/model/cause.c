/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of causes and remedies. */
#include "model/cause.h"

#include "base/alloc.h"

#include <string.h>

static const struct cause_row causes[CAUSE_COUNT] = {
#define CAUSE(symbol, id, domain, class, proof, owner, mechanism, evidence, lookalike, next)          \
	[CAUSE_##symbol] = { id,	DOMAIN_##domain, CAUSE_##class, PROOF_##proof, OWNER_##owner, \
			     mechanism, evidence,	 lookalike,	next },
#include "model/causes.def"
#undef CAUSE
};

static const struct remedy remedies[] = {
#define REMEDY(cause, action, commands, risk, persistent) { CAUSE_##cause, action, commands, risk, persistent },
#include "model/remedies.def"
#undef REMEDY
};

const struct cause_row *cause_get(enum cause cause)
{
	return &causes[cause];
}

const char *cause_id(enum cause cause)
{
	return cause < CAUSE_COUNT ? causes[cause].id : "none";
}

bool cause_from_id(const char *id, enum cause *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (strcmp(causes[i].id, id) == 0) {
			*ret = (enum cause)i;
			return true;
		}
	}
	return false;
}

const struct remedy *remedy_of(enum cause cause, size_t index)
{
	for (size_t i = 0; i < ARRAY_SIZE(remedies); i++) {
		if (remedies[i].cause == cause && index-- == 0)
			return &remedies[i];
	}
	return NULL;
}
