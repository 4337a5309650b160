/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel stack tells of a dropped packet: the netfilter hook it was in, and whether a process was at work on it.
 * By function names only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * `frames`: names of functions, innermost first, as in /proc/kallsyms ("" where not known). A word as rules' labels have
 * it: "prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"; NULL when it was in none.
 */
const char *stack_hook(const char *const *frames, size_t count);

/* True when a system call of the running process led there, and no interrupt: the packet is that process's own doing. */
bool stack_is_system_call(const char *const *frames, size_t count);

/* How many frames lie further in than the place: those of the probe itself. 0 where the place is not among them. */
size_t stack_inside(const char *const *frames, size_t count, const char *place);

/* Whether a kernel function's name is `function`, whatever the compiler put behind it (".constprop.0", ".cold"). */
bool symbol_is(const char *symbol, const char *function);
