/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kinds of objects and labels are called in a case. */
#pragma once

#include "model/object.h"
#include "unit/unit.h"

#include <string.h>

static enum object_kind kind_of(const char *name)
{
	static const char *const names[OBJECT_KIND_COUNT] = {
		"host",	 "cpu",	  "netns",  "link",    "queue",	  "qdisc",	     "class",
		"rule",	 "chain", "socket", "process", "cgroup",  "neighbour_table", "neighbour",
		"route", "irq",	  "action", "address", "devlink", "nfqueue",	     "drop",
		"flow",
	};

	for (size_t i = 0; i < OBJECT_KIND_COUNT; i++) {
		if (strcmp(names[i], name) == 0)
			return (enum object_kind)i;
	}
	fail_msg("no kind of object %s", name);
	return OBJECT_HOST;
}

static enum label label_of(const char *name)
{
	for (size_t i = 0; i < LABEL_COUNT; i++) {
		if (strcmp(object_label_name((enum label)i), name) == 0)
			return (enum label)i;
	}
	fail_msg("no label %s", name);
	return LABEL_NAME;
}
