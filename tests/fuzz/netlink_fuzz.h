/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the harnesses of the netlink parsers share: a namespace and a snapshot to parse into, and aligned bytes. */
#pragma once

#include "base/alloc.h"
#include "fuzz/fuzz.h"
#include "source/source.h"

#include <string.h>

struct fuzz_case {
	struct objects *objects;
	struct snapshot snapshot;
	struct source_context context;
	char *bytes; /* exactly the input, aligned as a received datagram is; NULL when empty */
};

static inline void fuzz_begin(struct fuzz_case *fuzz, const uint8_t *data, size_t size)
{
	struct object_key key = { OBJECT_NETNS, 1, 0, 0 };

	*fuzz = (struct fuzz_case){ .objects = objects_new() };
	snapshot_begin(&fuzz->snapshot, fuzz->objects);
	fuzz->context.objects = fuzz->objects;
	fuzz->context.netns = object_intern(fuzz->objects, key, NULL);
	fuzz->context.sysroot = "";
	if (!size)
		return;
	fuzz->bytes = mem_new(size, 1);
	memcpy(fuzz->bytes, data, size);
}

static inline void fuzz_end(struct fuzz_case *fuzz)
{
	free(fuzz->bytes);
	snapshot_free(&fuzz->snapshot);
	objects_free(fuzz->objects);
}
