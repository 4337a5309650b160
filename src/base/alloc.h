/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that never fails quietly, and ownership that can be read in one place.
 *
 * Running out of memory ends the program with one line on stderr: a tool that
 * diagnoses a host under pressure must not limp on with half its evidence.
 */
#pragma once

#include <dirent.h>
#include <stddef.h>

/* Zeroed memory for `count` elements of `size` bytes. Never NULL; the caller owns it. */
void *mem_new(size_t count, size_t size) __attribute__((malloc, returns_nonnull, warn_unused_result));

/* `old` resized to `count` elements of `size` bytes; new bytes are undefined. Never NULL. */
void *mem_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull, warn_unused_result));

/* A copy of a string, or of its first `length` bytes. The caller owns it. */
char *mem_strdup(const char *text) __attribute__((malloc, returns_nonnull, warn_unused_result));
char *mem_strndup(const char *text, size_t length) __attribute__((malloc, returns_nonnull, warn_unused_result));

#define NEW(type) ((type *)mem_new(1, sizeof(type)))

/* Runs `function(&variable)` when the variable leaves its scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))
#define CLEANUP_FREE CLEANUP(mem_free_ptr)
#define CLEANUP_CLOSE CLEANUP(fd_close_ptr)
#define CLEANUP_DIRECTORY CLEANUP(directory_close_ptr)

/* Hands a pointer or descriptor over and disarms its cleanup. */
#define TAKE_PTR(pointer)                                      \
	({                                                     \
		__typeof__(pointer) *taken_from_ = &(pointer); \
		__typeof__(pointer) taken_ = *taken_from_;     \
		*taken_from_ = NULL;                           \
		taken_;                                        \
	})
#define TAKE_FD(fd)                        \
	({                                 \
		int *taken_from_ = &(fd);  \
		int taken_ = *taken_from_; \
		*taken_from_ = -1;         \
		taken_;                    \
	})

/* Cleanup functions: free(*pointer), close(*fd) when it is not negative, closedir(*directory) when it is not NULL. */
void mem_free_ptr(void *pointer);
void fd_close_ptr(int *fd);
void directory_close_ptr(DIR **directory);

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
