/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A socket's process is looked for once: one that is not found has gone, or is the kernel's own. */
#include "cmd/trace_holder.h"

#include "source/process.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/vec.h"

#include <stdio.h>
#include <string.h>

#define KNOWN_MAX 4096
#define EVERY_NS (500 * NS_PER_MS)

struct holders {
	VEC(struct holder) known;
	VEC(uint64_t) wanted;
	uint64_t looked_ns;
	struct text buffer;
};

struct holders *holders_new(void)
{
	return NEW(struct holders);
}

void holders_free(struct holders *holders)
{
	vec_free(&holders->known);
	vec_free(&holders->wanted);
	text_free(&holders->buffer);
	free(holders);
}

const struct holder *holders_get(const struct holders *holders, uint64_t inode)
{
	const struct holder *holder;

	vec_each(&holders->known, holder) {
		if (holder->inode == inode)
			return holder;
	}
	return NULL;
}

void holders_want(struct holders *holders, uint64_t inode)
{
	uint64_t *slot;

	if (!inode || holders_get(holders, inode))
		return;
	vec_each(&holders->wanted, slot) {
		if (*slot == inode)
			return;
	}
	slot = vec_add(&holders->wanted, PROCESS_WANTS_MAX);
	if (slot)
		*slot = inode;
}

static void learn(struct holders *holders, const struct source_context *context, const struct process_want *want)
{
	struct holder *holder = vec_add(&holders->known, KNOWN_MAX);
	struct process_stat stat;

	if (!holder)
		return;
	holder->inode = want->inode;
	if (!want->pid || process_stat_read(context, want->pid, 0, &stat))
		return;
	holder->pid = want->pid;
	snprintf(holder->comm, sizeof(holder->comm), "%s", stat.comm);
}

void holders_find(struct holders *holders)
{
	const struct source_context context = { .sysroot = "", .buffer = &holders->buffer };
	struct process_want wants[PROCESS_WANTS_MAX] = { 0 };
	struct process_search search;
	uint64_t now_ns = clock_monotonic_ns();

	if (!holders->wanted.count || now_ns - holders->looked_ns < EVERY_NS)
		return;
	for (size_t i = 0; i < holders->wanted.count; i++) {
		wants[i].inode = holders->wanted.data[i];
		wants[i].searched = true;
	}
	process_search(&context, wants, holders->wanted.count, &search);
	for (size_t i = 0; i < holders->wanted.count; i++)
		learn(holders, &context, &wants[i]);
	vec_clear(&holders->wanted);
	holders->looked_ns = now_ns;
}
