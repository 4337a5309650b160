/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which numbers a reading holds: the same list, kept by the writer and by the reader. */
#include "evidence/bundle_parts.h"

#include "base/alloc.h"

void shapes_clear(struct shapes *shapes)
{
	struct shape *shape;

	vec_each(&shapes->list, shape) {
		free(shape->cells);
		free(shape->values);
	}
	vec_free(&shapes->list);
	shapes->cells = 0;
}

struct shape *shapes_add(struct shapes *shapes, size_t count)
{
	struct shape *shape;

	if (count > SHAPE_CELLS_MAX || shapes->cells > SHAPE_CELLS_MAX - count)
		return NULL;
	shape = vec_add(&shapes->list, SHAPES_MAX);
	if (!shape)
		return NULL;
	shape->cells = mem_new(count ? count : 1, 2 * sizeof(*shape->cells));
	shape->values = mem_new(count ? count : 1, sizeof(*shape->values));
	shape->count = count;
	shapes->cells += count;
	return shape;
}
