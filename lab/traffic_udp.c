/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP for the lab: a paced sender, and a receiver that can be slow, busy, blocked on a disk or asleep.
 * SIGTERM makes the receiver read what is still queued, without any of its slowness, and report: sent
 * minus received is then exactly what was lost on the way.
 */
#include "traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SPORTS_MAX 1024
#define PAYLOAD_MAX 65507

static void port_set(struct sockaddr_storage *address, uint64_t port)
{
	in_port_t wire = htons((uint16_t)port);

	if (address->ss_family == AF_INET)
		((struct sockaddr_in *)address)->sin_port = wire;
	else
		((struct sockaddr_in6 *)address)->sin6_port = wire;
}

static int sender_options_apply(int fd, int family, const struct traffic_options *options)
{
	int segment = (int)options->gso;
	int discover = IP_PMTUDISC_PROBE;
	int buffer = (int)options->sndbuf;

	if (buffer > 0 && setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)) < 0)
		return traffic_error("SO_SNDBUF");
	if (segment > 0 && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)) < 0)
		return traffic_error("UDP_SEGMENT");
	if (options->dont_fragment == 0)
		return 0;
	if (family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover));
	return setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &discover, sizeof(discover));
}

static int sender_open(const struct traffic_options *options, int family, uint64_t index)
{
	struct sockaddr_storage from = { .ss_family = (sa_family_t)family };
	socklen_t length = sizeof(from);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return traffic_error("socket");
	if (options->from != NULL && traffic_address(options->from, 0, &from, &length) < 0)
		return -EINVAL;
	if (options->sport != 0)
		port_set(&from, options->sport + index);
	if ((options->from != NULL || options->sport != 0) && bind(fd, (struct sockaddr *)&from, length) < 0)
		return traffic_error("bind to the source");
	if (sender_options_apply(fd, family, options) < 0)
		return -EINVAL;
	return fd;
}

/* The last four bytes of @to counted up by @offset. */
static void address_advance(struct sockaddr_storage *to, uint64_t offset)
{
	uint8_t *bytes = to->ss_family == AF_INET ? (uint8_t *)&((struct sockaddr_in *)to)->sin_addr
						  : ((struct sockaddr_in6 *)to)->sin6_addr.s6_addr + 12;
	uint32_t tail;

	memcpy(&tail, bytes, sizeof(tail));
	tail = htonl(ntohl(tail) + (uint32_t)offset);
	memcpy(bytes, &tail, sizeof(tail));
}

/* Counts datagrams on the wire: with --gso one send makes several. */
int traffic_udp_send(const struct traffic_options *options, struct traffic_result *result)
{
	static char payload[PAYLOAD_MAX];
	int fds[SPORTS_MAX];
	struct sockaddr_storage first, to;
	socklen_t length;
	uint64_t each = options->gso > 0 ? (options->size + options->gso - 1) / options->gso : 1;
	uint64_t start_ns;

	if (traffic_address(options->to, options->port, &first, &length) < 0)
		return -EINVAL;
	errno = E2BIG;
	if (options->size > sizeof(payload) || options->sports == 0 || options->sports > SPORTS_MAX)
		return traffic_error("--size or --sports");
	for (uint64_t i = 0; i < options->sports; i++) {
		fds[i] = sender_open(options, first.ss_family, i);
		if (fds[i] < 0)
			return fds[i];
	}
	start_ns = traffic_now_ns();
	for (uint64_t i = 0; i < options->count && !traffic_stop; i++) {
		traffic_pace(options, start_ns, i);
		to = first;
		address_advance(&to, i % options->targets);
		if (sendto(fds[i % options->sports], payload, options->size, options->sndbuf > 0 ? MSG_DONTWAIT : 0,
			   (struct sockaddr *)&to, length) < 0)
			result->failed += each;
		else
			result->sent += each;
	}
	return 0;
}

static int group_join(int fd, const char *group)
{
	struct group_req request = { 0 };
	socklen_t length;
	int level;

	if (traffic_address(group, 0, &request.gr_group, &length) < 0)
		return -EINVAL;
	level = request.gr_group.ss_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	if (setsockopt(fd, level, MCAST_JOIN_GROUP, &request, sizeof(request)) < 0)
		return traffic_error("join the group");
	return 0;
}

/* A socket filter of UDP sees the datagram from its header on (net/ipv4/udp.c: udp_queue_rcv_one_skb). */
static int filter_reject(int fd, uint64_t sport)
{
	struct sock_filter nothing[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_filter all_but_one[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)sport, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = { .len = 1, .filter = nothing };

	if (sport != 0)
		program = (struct sock_fprog){ .len = 4, .filter = all_but_one };
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return traffic_error("SO_ATTACH_FILTER");
	return 0;
}

static int receiver_open(const struct traffic_options *options)
{
	struct sockaddr_storage on;
	socklen_t length;
	int fd;

	if (traffic_address(options->on, options->port, &on, &length) < 0)
		return -EINVAL;
	fd = socket(on.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return traffic_error("socket");
	if (traffic_receive_buffer(fd, options) < 0)
		return -EINVAL;
	if (bind(fd, (struct sockaddr *)&on, length) < 0)
		return traffic_error("bind");
	if (options->group != NULL && group_join(fd, options->group) < 0)
		return -EINVAL;
	if ((options->reject != 0 || options->reject_sport != 0) && filter_reject(fd, options->reject_sport) < 0)
		return -EINVAL;
	return fd;
}

/* The receiver's defect: what it does with one datagram before it reads the next. */
static void datagram_handle(const struct traffic_options *options, int file, const void *data, size_t size)
{
	if (file >= 0 && pwrite(file, data, size, 0) > 0)
		fdatasync(file);
	if (options->spin_us > 0)
		traffic_burn(options->spin_us);
	if (options->sleep_us > 0)
		traffic_sleep(options->sleep_us);
}

static bool receiver_reads(const struct traffic_options *options, uint64_t received)
{
	if (strcmp(options->mode, "idle") == 0)
		return false;
	return options->stop_after == 0 || received < options->stop_after;
}

int traffic_udp_receive(const struct traffic_options *options, struct traffic_result *result)
{
	static char data[PAYLOAD_MAX];
	int file = -1;
	int fd = receiver_open(options);
	ssize_t size;

	if (fd < 0)
		return fd;
	if (options->file != NULL) {
		file = open(options->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (file < 0)
			return traffic_error(options->file);
	}
	traffic_ready();
	while (!traffic_stop) {
		if (!receiver_reads(options, result->received)) {
			traffic_sleep(1000000);
			continue;
		}
		size = recv(fd, data, sizeof(data), 0);
		if (size < 0)
			continue;
		result->received++;
		datagram_handle(options, file, data, (size_t)size);
	}
	while (recv(fd, data, sizeof(data), MSG_DONTWAIT) >= 0)
		result->received++;
	return 0;
}
