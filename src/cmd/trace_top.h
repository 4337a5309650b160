/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is dropped most just now: a table of kinds with their rates, made anew each second. */
#pragma once

#include "render/trace.h"
#include "source/drops.h"
#include "source/kernel_names.h"

#include "base/netns.h"

struct trace_top;

struct trace_top *trace_top_new(void) __attribute__((warn_unused_result));
void trace_top_free(struct trace_top *top);

/* A sample tells what a device is called. */
void trace_top_learn(struct trace_top *top, const struct drop_sample *sample);

/* Appends the table of what came since the call before; `all`: harmless ones as well. */
void trace_top_add(struct trace_top *top, const struct drops *drops, struct kernel_names *names,
		   const struct netns_list *netns, bool all, const struct style *style, struct text *ret);
