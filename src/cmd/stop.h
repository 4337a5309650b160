/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ending a trace: an interrupt, a termination or a terminal that goes ends it with its totals, a second one at once. */
#pragma once

#include <stdbool.h>

/* `insisted` takes the second one; NULL: it ends the program. */
void stop_catch(void (*insisted)(int number));
bool stop_asked(void);
