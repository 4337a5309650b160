/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one growth function behind every VEC(). */
#include "base/vec.h"

#include "base/alloc.h"

#include <string.h>

void *vec_append(void **data, size_t *capacity, size_t *count, size_t size, size_t max)
{
	if (*count >= max)
		return NULL;
	if (*count >= *capacity) {
		size_t grown = *capacity ? *capacity * 2 : 8;

		if (grown > max)
			grown = max;
		*data = mem_resize(*data, grown, size);
		*capacity = grown;
	}
	return memset((char *)*data + (*count)++ * size, 0, size);
}
