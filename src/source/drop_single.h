/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dropped packets one by one, for those who keep a window: what a recording holds of each. */
#pragma once

#include "bpf/drop.h"
#include "model/drop_event.h"
#include "model/object.h"
#include "source/kernel_names.h"

/*
 * The event of a sample. `object` counts its kind, `netns` is the namespace it is of, where that is another than this program's, or NULL. `own_stack`: what led there is
 * what led to the first packet of its kind, so that whose doing that was tells whose this is.
 */
void drop_single_event(const struct drop_sample *sample, const struct object *object, const struct object *netns,
		       bool own_stack, struct drop_event *ret);

/* What the lines of its kind have in common and no other reader needs: how far into the function it is, and the stack. */
void drop_single_label(struct object *object, const struct kernel_place *place, const char *const *frames,
		       size_t count);
