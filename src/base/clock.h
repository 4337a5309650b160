/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time. Intervals use the monotonic clock (it cannot jump); only what is shown
 * to people uses the wall clock. All values are nanoseconds.
 */
#pragma once

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

uint64_t clock_monotonic_ns(void);
uint64_t clock_wall_ns(void); /* since 1970-01-01 UTC */
uint64_t clock_cpu_ns(void);  /* CPU time of this process and of its reaped children */

/* Sleeps until that monotonic moment or until a signal arrives (-EINTR). */
int clock_sleep_until(uint64_t monotonic_ns);

/* RFC 3339 UTC with milliseconds: "2026-01-02T03:04:05.678Z". */
#define CLOCK_RFC3339_SIZE 32
void clock_rfc3339(uint64_t wall_ns, char ret[CLOCK_RFC3339_SIZE]);

/* The time of day where this runs: "03:04:05". */
#define CLOCK_TIME_SIZE 16
void clock_time(uint64_t wall_ns, char ret[CLOCK_TIME_SIZE]);
