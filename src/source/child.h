/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody else's code in a process of its own: another program, or a library that
 * may take long, much memory or the whole process with it.
 */
#pragma once

#include "base/text.h"

/*
 * Runs `work` in a forked child, and appends what it writes to descriptor 1 to `ret`; its input and its error output
 * are /dev/null. The child dies with its parent, and after `seconds` if that is not 0; what `work` returns is its exit
 * status. 0 with *ret_status as wait(2) has it, or -errno: it could not be started, or -EFBIG: it wrote too much.
 */
int child_collect(int (*work)(void *argument), void *argument, unsigned int seconds, struct text *ret, int *ret_status)
	__attribute__((warn_unused_result));
