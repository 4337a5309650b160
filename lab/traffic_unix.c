/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unix sockets for the lab: a listener that never accepts, and clients that wait at it. None of it is a network packet.
 */
#include "traffic.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static int unix_open(const struct traffic_options *options, struct sockaddr_un *ret_address)
{
	int fd;

	errno = EINVAL;
	if (options->file == NULL || strlen(options->file) >= sizeof(ret_address->sun_path))
		return traffic_error("--file");
	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret_address->sun_path, sizeof(ret_address->sun_path), "%s", options->file);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return fd < 0 ? traffic_error("unix socket") : fd;
}

int traffic_unix_listen(const struct traffic_options *options, struct traffic_result *result)
{
	struct sockaddr_un address;
	int fd = unix_open(options, &address);

	(void)result;
	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return traffic_error("bind");
	if (listen(fd, (int)options->backlog) < 0)
		return traffic_error("listen");
	traffic_ready();
	while (!traffic_stop)
		traffic_sleep(1000000);
	unlink(address.sun_path);
	return 0;
}

/* received counts those that found a place in the queue, failed those that would have had to wait. */
int traffic_unix_connect(const struct traffic_options *options, struct traffic_result *result)
{
	static const char data[100];
	uint64_t start_ns = traffic_now_ns();

	for (uint64_t i = 0; i < options->count && !traffic_stop; i++) {
		struct sockaddr_un address;
		int fd = unix_open(options, &address);

		if (fd < 0)
			return fd;
		traffic_pace(options, start_ns, i);
		result->sent++;
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && write(fd, data, sizeof(data)) > 0)
			result->received++;
		else
			result->failed++;
	}
	return 0;
}
