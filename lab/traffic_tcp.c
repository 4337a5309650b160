/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP for the lab: a listener that accepts well, late or never, and a client that connects one after the
 * other. A connect that is not answered in time is closed at once, before its SYN would be repeated, so
 * that each failed connection stands for exactly one lost SYN.
 */
#include "traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECTIONS_MAX 4096

/* Slot 0 is the listener. */
struct listener {
	struct pollfd fds[CONNECTIONS_MAX + 1];
	nfds_t count;
};

/* What a listener takes: nothing from afar, or nothing without a signature. */
static int listener_restrict(int fd, int family, const struct traffic_options *options)
{
	struct tcp_md5sig signature = { 0 };
	int least = (int)options->min_ttl;
	socklen_t length;
	int failed = 0;

	if (least > 0 && family == AF_INET)
		failed = setsockopt(fd, IPPROTO_IP, IP_MINTTL, &least, sizeof(least));
	else if (least > 0)
		failed = setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &least, sizeof(least));
	if (failed < 0)
		return traffic_error("--min-ttl");
	if (options->key == NULL)
		return 0;
	if (traffic_address(options->from, 0, &signature.tcpm_addr, &length) < 0)
		return -EINVAL;
	signature.tcpm_keylen = (uint16_t)strnlen(options->key, sizeof(signature.tcpm_key));
	memcpy(signature.tcpm_key, options->key, signature.tcpm_keylen);
	if (setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &signature, sizeof(signature)) < 0)
		return traffic_error("TCP_MD5SIG");
	return 0;
}

static int listener_open(const struct traffic_options *options)
{
	struct sockaddr_storage on;
	socklen_t length;
	int one = 1;
	int fd;

	if (traffic_address(options->on, options->port, &on, &length) < 0)
		return -EINVAL;
	fd = socket(on.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return traffic_error("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (traffic_receive_buffer(fd, options) < 0 || listener_restrict(fd, on.ss_family, options) < 0)
		return -EINVAL;
	if (bind(fd, (struct sockaddr *)&on, length) < 0)
		return traffic_error("bind");
	if (listen(fd, (int)options->backlog) < 0)
		return traffic_error("listen");
	return fd;
}

static void connections_accept(struct listener *listener, bool keep, struct traffic_result *result)
{
	while (listener->count <= CONNECTIONS_MAX) {
		int fd = accept4(listener->fds[0].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			return;
		result->received++;
		if (keep)
			listener->fds[listener->count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
		else
			close(fd);
	}
}

/* Reads everything there is; with @unread it closes instead of reading. */
static void connection_serve(struct pollfd *slot, bool unread)
{
	static char data[1 << 18];
	ssize_t size = unread ? 0 : read(slot->fd, data, sizeof(data));

	if (size > 0 || (size < 0 && errno == EAGAIN))
		return;
	close(slot->fd);
	slot->fd = -1;
}

static void listener_serve(struct listener *listener, const struct traffic_options *options,
			   struct traffic_result *result)
{
	bool unread = strcmp(options->mode, "unread") == 0;
	bool hold = strcmp(options->mode, "hold") == 0;

	if (poll(listener->fds, hold ? 1 : listener->count, -1) <= 0)
		return;
	if (listener->fds[0].revents & POLLIN)
		connections_accept(listener, strcmp(options->mode, "close") != 0, result);
	for (nfds_t i = 1; !hold && i < listener->count; i++)
		if (listener->fds[i].fd >= 0 && listener->fds[i].revents != 0)
			connection_serve(&listener->fds[i], unread);
	if (options->sleep_us > 0)
		traffic_sleep(options->sleep_us);
}

/*
 * drain reads all; hold accepts and never reads; close closes what it accepts; unread closes with data in the queue; batch
 * accepts what is there every --sleep-us; never does nothing.
 */
int traffic_tcp_listen(const struct traffic_options *options, struct traffic_result *result)
{
	static struct listener listener;
	int fd = listener_open(options);

	if (fd < 0)
		return fd;
	listener.fds[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
	listener.count = 1;
	traffic_ready();
	while (!traffic_stop) {
		if (strcmp(options->mode, "never") == 0) {
			traffic_sleep(1000000);
		} else if (strcmp(options->mode, "batch") == 0) {
			traffic_sleep(options->sleep_us);
			connections_accept(&listener, true, result);
		} else {
			listener_serve(&listener, options, result);
		}
	}
	return 0;
}

static int client_connect(const struct traffic_options *options, const struct sockaddr_storage *to, socklen_t length)
{
	struct pollfd slot = { .events = POLLOUT };
	int error = 0;
	socklen_t size = sizeof(error);

	slot.fd = socket(to->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (slot.fd < 0)
		return traffic_error("socket");
	if (connect(slot.fd, (const struct sockaddr *)to, length) < 0 && errno != EINPROGRESS)
		error = errno;
	else if (poll(&slot, 1, (int)options->timeout_ms) != 1)
		error = ETIMEDOUT;
	else if (getsockopt(slot.fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error != 0) {
		close(slot.fd);
		return -error;
	}
	return slot.fd;
}

/* Gives up when nothing moves for --timeout-ms, so that a stalled peer cannot hold the lab. */
static void bytes_send(int fd, const struct traffic_options *options)
{
	static const char data[1 << 16];
	struct pollfd slot = { .fd = fd, .events = POLLOUT };
	uint64_t left = options->bytes;

	while (left > 0 && !traffic_stop) {
		size_t want = left < sizeof(data) ? left : sizeof(data);
		ssize_t size;

		if (poll(&slot, 1, (int)options->timeout_ms) != 1)
			return;
		size = write(fd, data, want);
		if (size < 0 && errno != EAGAIN)
			return;
		if (size > 0)
			left -= (uint64_t)size;
	}
}

/* sent counts connections tried, received those established, failed the others. All stay open to the end. */
int traffic_tcp_connect(const struct traffic_options *options, struct traffic_result *result)
{
	struct sockaddr_storage to;
	socklen_t length;
	uint64_t start_ns = traffic_now_ns();

	if (traffic_address(options->to, options->port, &to, &length) < 0)
		return -EINVAL;
	for (uint64_t i = 0; i < options->count && !traffic_stop; i++) {
		int fd;

		traffic_pace(options, start_ns, i);
		fd = client_connect(options, &to, length);
		result->sent++;
		if (fd < 0) {
			result->failed++;
			continue;
		}
		result->received++;
		if (options->sleep_us > 0)
			traffic_sleep(options->sleep_us);
		if (options->bytes > 0)
			bytes_send(fd, options);
	}
	return 0;
}
