/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of other names. */
#include "model/alias.h"

#include "base/alloc.h"

#define C_NONE COUNTER_NONE

static const struct alias aliases[] = {
#define ALIAS(name, shown, counter, meaning) { name, shown, C_##counter, meaning },
#include "model/aliases.def"
#undef ALIAS
};

const struct alias *alias_at(size_t index)
{
	return index < ARRAY_SIZE(aliases) ? &aliases[index] : NULL;
}
