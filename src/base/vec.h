/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growable array of any type, always with a maximum: hostile input must not
 * be able to eat the host.
 *
 *	VEC(struct sample) samples = { 0 };
 *	struct sample *s = vec_add(&samples, SAMPLES_MAX);   NULL when full
 *	vec_each(&samples, s) use(s);
 *	vec_free(&samples);
 */
#pragma once

#include <stddef.h>
#include <stdlib.h>

#define VEC(type)                       \
	struct {                        \
		type *data;             \
		size_t count, capacity; \
	}

/* A new, zeroed last element, counted; NULL when `max` elements are there already. */
void *vec_append(void **data, size_t *capacity, size_t *count, size_t size, size_t max);

/* A pointer to a new, zeroed last element, or NULL at the maximum. It moves when the vector grows. */
#define vec_add(vec, max)                                                                            \
	((__typeof__((vec)->data))vec_append((void **)&(vec)->data, &(vec)->capacity, &(vec)->count, \
					     sizeof(*(vec)->data), (max)))

#define vec_each(vec, item) for ((item) = (vec)->data; (item) && (item) < (vec)->data + (vec)->count; (item)++)

#define vec_clear(vec) ((void)((vec)->count = 0))

#define vec_free(vec)                               \
	do {                                        \
		free((vec)->data);                  \
		(vec)->data = NULL;                 \
		(vec)->count = (vec)->capacity = 0; \
	} while (0)

#define vec_sort(vec, compare)                                                             \
	do {                                                                               \
		if ((vec)->count > 1)                                                      \
			qsort((vec)->data, (vec)->count, sizeof(*(vec)->data), (compare)); \
	} while (0)
