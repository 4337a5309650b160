/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one function of a harness. libFuzzer calls it, and so does replay_main.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* `data` may be NULL when `size` is 0. Returns 0; a broken promise aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
