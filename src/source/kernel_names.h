/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running kernel's own names: of drop reasons (BTF) and of places in its code (/proc/kallsyms). Places are looked up
 * many at a time, because the file is read through for it: some 50 ms for 100,000 functions, and no memory but the answers.
 */
#pragma once

#include "bpf/drop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_names;

/* Nothing is read yet. Owned by the caller. */
struct kernel_names *kernel_names_new(void) __attribute__((warn_unused_result));
void kernel_names_free(struct kernel_names *names);

/*
 * "NO_SOCKET", as reasons.def has it, subsystems' as a whole; NULL when the kernel does not name that number. The first
 * call reads the kernel's own from tracefs; where that is not mounted, and for a subsystem's, all from BTF (some 20 ms).
 */
const char *kernel_reason_name(struct kernel_names *names, uint32_t number);

/* Of the drops counted under that key: as above, but "OTHERHOST_VLAN" for those of DROP_ARRIVING_ASTRAY. */
const char *kernel_reason_of(struct kernel_names *names, const struct drop_key *key);

/* "NO_SOCKET": why TCP sends a reset (enum sk_rst_reason, from 6.10 on), from BTF; NULL when the kernel does not name it. */
const char *kernel_reset_reason_name(struct kernel_names *names, uint32_t number);

/* The number of one of the kernel's own; false when it has none of that name. */
bool kernel_reason_number(struct kernel_names *names, const char *name, uint32_t *ret);

/* Calls `each` for every reason that the kernel can give for a drop, those of its loaded modules included. */
void kernel_reasons_each(struct kernel_names *names, void (*each)(void *argument, uint32_t reason, const char *name),
			 void *argument);

#define KERNEL_NAME_SIZE 128

struct kernel_place {
	uint64_t address;
	uint64_t start;		     /* of the function; 0: not known (kernel.kptr_restrict) */
	char name[KERNEL_NAME_SIZE]; /* as in /proc/kallsyms; "" when not known */
};

/* Notes that this address is asked for; true when it is new, so that kernel_places_find() has something to do. */
bool kernel_place_want(struct kernel_names *names, uint64_t address);

/* Looks up all that is wanted and not known yet. 0 or -errno of reading /proc/kallsyms. */
int kernel_places_find(struct kernel_names *names);

/* What was found of it; NULL when it was never wanted. Good until the next kernel_place_want(). */
const struct kernel_place *kernel_place(const struct kernel_names *names, uint64_t address);

/* The name, or "" when not known. */
const char *kernel_place_name(const struct kernel_names *names, uint64_t address);
