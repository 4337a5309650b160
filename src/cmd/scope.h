/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user narrows a diagnosis to: looked up before the window begins, so that a wrong name costs no wait. */
#pragma once

#include "diagnose/diagnose.h"

#include <netinet/in.h>

#define SCOPE_TARGET_SIZE 2048 /* a name may have many addresses */

struct scope {
	struct diagnose_options options;
	const char *netns; /* for the sampler: NULL means all */
	char target[SCOPE_TARGET_SIZE];
};

/* NULL for what was not asked. 0, or STATUS_ERROR after one line on stderr. The words must outlive the scope. */
int scope_find(const char *netns, const char *interface, const char *target, struct scope *ret)
	__attribute__((warn_unused_result));
