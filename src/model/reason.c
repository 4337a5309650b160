/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of drop reasons, and finding one by any of the ways in which tools write its name. */
#include "model/reason.h"

#include "base/alloc.h"

#include <string.h>
#include <strings.h>

static const struct reason reasons[] = {
#define REASON(name, domain, harm, cause, also, meaning) \
	{ name, DOMAIN_##domain, REASON_##harm, CAUSE_##cause, CAUSE_##also, meaning },
#include "model/reasons.def"
#undef REASON
};

const struct reason *reason_at(size_t index)
{
	return index < ARRAY_SIZE(reasons) ? &reasons[index] : NULL;
}

static const struct reason *find_bare(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (strcasecmp(reasons[i].name, name) == 0)
			return &reasons[i];
	}
	return NULL;
}

/* The longest prefix first: what is left of SKB_CONSUMED begins where SKB_DROP_REASON_ still goes on. */
const struct reason *reason_find(const char *name)
{
	static const char *const prefixes[] = { "", "SKB_DROP_REASON_", "SKB_", "___" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t length = strlen(prefixes[i]);
		const struct reason *found;

		if (strncasecmp(name, prefixes[i], length) != 0)
			continue;
		found = find_bare(name + length);
		if (found)
			return found;
	}
	return NULL;
}
