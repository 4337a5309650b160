/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocation that aborts instead of failing, and the cleanup functions. */
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *memory)
{
	if (memory)
		return memory;
	fputs("wheredrop: out of memory\n", stderr);
	abort();
}

void *mem_new(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize(void *old, size_t count, size_t size)
{
	return checked(reallocarray(old, count ? count : 1, size ? size : 1));
}

char *mem_strdup(const char *text)
{
	return checked(strdup(text));
}

char *mem_strndup(const char *text, size_t length)
{
	return checked(strndup(text, length));
}

void mem_free_ptr(void *pointer)
{
	free(*(void **)pointer);
}

void fd_close_ptr(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void directory_close_ptr(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}
