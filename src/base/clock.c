/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks. */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

static uint64_t timeval_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_usec * NS_PER_US;
}

uint64_t clock_cpu_ns(void)
{
	struct rusage children = { 0 };

	getrusage(RUSAGE_CHILDREN, &children);
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) + timeval_ns(children.ru_utime) + timeval_ns(children.ru_stime);
}

int clock_sleep_until(uint64_t monotonic_ns)
{
	struct timespec until = {
		.tv_sec = (time_t)(monotonic_ns / NS_PER_S),
		.tv_nsec = (long)(monotonic_ns % NS_PER_S),
	};

	return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

void clock_rfc3339(uint64_t wall_ns, char ret[CLOCK_RFC3339_SIZE])
{
	time_t seconds = (time_t)(wall_ns / NS_PER_S);
	char date[24];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(ret, CLOCK_RFC3339_SIZE, "%s.%03uZ", date, (unsigned int)(wall_ns / NS_PER_MS % 1000));
}

void clock_time(uint64_t wall_ns, char ret[CLOCK_TIME_SIZE])
{
	time_t seconds = (time_t)(wall_ns / NS_PER_S);
	struct tm local;

	if (!localtime_r(&seconds, &local) || !strftime(ret, CLOCK_TIME_SIZE, "%H:%M:%S", &local))
		*ret = '\0';
}
