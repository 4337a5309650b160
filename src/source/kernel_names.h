/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's own names: of drop reasons (BTF) and of the places in its code (/proc/kallsyms). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_names;

/* Reads both; what cannot be read stays unnamed. Owned by the caller. Takes some 30 ms and 10 MB for the places. */
struct kernel_names *kernel_names_new(void);
void kernel_names_free(struct kernel_names *names);

/* "NO_SOCKET", as reasons.def has it; NULL when the kernel does not name that number. */
const char *kernel_reason_name(const struct kernel_names *names, uint32_t reason);

/* The function that holds this address and how far into it; NULL when that is not known (kernel.kptr_restrict). */
const char *kernel_place_name(const struct kernel_names *names, uint64_t address, uint64_t *ret_offset);

/* Calls `each` for every reason that the kernel can give for a drop, those of its loaded modules included. */
void kernel_reasons_each(const struct kernel_names *names,
			 void (*each)(void *argument, uint32_t reason, const char *name), void *argument);
