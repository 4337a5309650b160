/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uname(2), sysconf(3) and /proc/sys/kernel/random/boot_id. */
#include "cmd/host.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static void boot_id_read(char *ret, size_t size)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file && fgets(ret, (int)size, file))
		ret[strcspn(ret, "\n")] = '\0';
	if (file)
		fclose(file);
}

struct host host_here(void)
{
	static struct utsname system;
	static char boot_id[64];

	uname(&system);
	boot_id_read(boot_id, sizeof(boot_id));
	return (struct host){ system.nodename, system.release, boot_id, (unsigned int)sysconf(_SC_NPROCESSORS_ONLN) };
}
