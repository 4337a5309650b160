/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of the kernel to a listing of IP sets without their elements. */
#pragma once

#include "source/source.h"

#define IPSETS_MAX 10000 /* named in one namespace */

struct ipset_counts {
	uint32_t named;
	bool broken; /* the bytes ended in the middle of a message */
};

/* Adds sets that have a limit, with how many elements they hold. False when there are too many. */
bool ipset_parse(const struct source_context *context, struct snapshot *snapshot, const char *bytes, size_t length,
		 struct ipset_counts *counts);
