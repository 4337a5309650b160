/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ru_maxrss is in KiB on Linux, whatever getrusage(2) says elsewhere. */
#include "base/usage.h"

#include <sys/resource.h>

uint64_t usage_max_rss_bytes(void)
{
	struct rusage own = { 0 }, children = { 0 };
	long max_kib;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	max_kib = own.ru_maxrss > children.ru_maxrss ? own.ru_maxrss : children.ru_maxrss;
	return (uint64_t)max_kib * 1024;
}
