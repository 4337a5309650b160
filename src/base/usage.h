/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tool itself costs the host: memory here, CPU time in base/clock.h.
 * Source: getrusage(2).
 */
#pragma once

#include <stdint.h>

/* The largest resident set that this process, or any child it has reaped, ever had. */
uint64_t usage_max_rss_bytes(void);
