/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For scripts/bench-drops.sh: loses datagrams as fast as the given number of CPUs can, NUMBER on each. Every thread
 * sends to a socket of its own on loopback, whose buffer is full from the second datagram on; to so many addresses of
 * it in turn, each a flow, where DESTINATIONS are given. Prints how many were lost, and how many in a second.
 */
#include "base/clock.h"
#include "base/parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS_MAX 64
#define BATCH 64
#define PAYLOAD 18 /* with its headers the smallest Ethernet frame */

struct flood {
	pthread_t thread;
	int cpu, sender, receiver;
	uint64_t number, lost;
	uint32_t destinations; /* 0: the socket is connected */
	struct sockaddr_in to;
};

static int flood_open(struct flood *flood)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t length = sizeof(to);
	int smallest = 1;

	flood->receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	flood->sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (flood->receiver < 0 || flood->sender < 0 ||
	    setsockopt(flood->receiver, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof(smallest)) ||
	    bind(flood->receiver, (struct sockaddr *)&to, sizeof(to)) ||
	    getsockname(flood->receiver, (struct sockaddr *)&to, &length))
		return -1;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	flood->to = to;
	return flood->destinations ? 0 : connect(flood->sender, (struct sockaddr *)&to, sizeof(to));
}

/* The next batch goes to the next addresses. */
static void flood_address(const struct flood *flood, struct mmsghdr *batch, struct sockaddr_in *addresses,
			  uint64_t sent)
{
	for (size_t i = 0; i < BATCH && flood->destinations; i++) {
		addresses[i] = flood->to;
		addresses[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)((sent + i) % flood->destinations));
		batch[i].msg_hdr.msg_name = &addresses[i];
		batch[i].msg_hdr.msg_namelen = sizeof(addresses[i]);
	}
}

static void *flood_run(void *argument)
{
	static char payload[PAYLOAD];
	struct flood *flood = argument;
	struct iovec part = { payload, sizeof(payload) };
	struct mmsghdr batch[BATCH];
	struct sockaddr_in addresses[BATCH];
	uint64_t sent = 0;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(flood->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (size_t i = 0; i < BATCH; i++)
		batch[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } };
	while (sent < flood->number) {
		uint64_t left = flood->number - sent;
		int count;

		flood_address(flood, batch, addresses, sent);
		count = sendmmsg(flood->sender, batch, left < BATCH ? (unsigned int)left : BATCH, 0);
		if (count < 0 && errno != ENOBUFS && errno != EAGAIN)
			break;
		sent += count > 0 ? (uint64_t)count : 0;
	}
	flood->lost = sent;
	while (recv(flood->receiver, payload, sizeof(payload), 0) >= 0)
		flood->lost--;
	return NULL;
}

static double seconds(void)
{
	return (double)clock_monotonic_ns() / (double)NS_PER_S;
}

/* The words as numbers; false for anything else. */
static bool numbers(char **words, int count, uint64_t *ret)
{
	for (int i = 0; i < count; i++) {
		if (parse_u64(slice_of(words[i]), &ret[i]))
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct flood floods[THREADS_MAX];
	uint64_t numeric[3] = { 0 }; /* threads, number, destinations */
	uint64_t lost = 0;
	double begin;

	if (argc < 3 || argc > 4 || !numbers(argv + 1, argc - 1, numeric) || !numeric[0] || numeric[0] > THREADS_MAX) {
		fputs("usage: bench-flood THREADS NUMBER [DESTINATIONS]\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < numeric[0]; i++) {
		floods[i] = (struct flood){ .cpu = (int)i, .number = numeric[1], .destinations = (uint32_t)numeric[2] };
		if (flood_open(&floods[i])) {
			perror("bench-flood");
			return 1;
		}
	}
	begin = seconds();
	for (size_t i = 0; i < numeric[0]; i++)
		pthread_create(&floods[i].thread, NULL, flood_run, &floods[i]);
	for (size_t i = 0; i < numeric[0]; i++) {
		pthread_join(floods[i].thread, NULL);
		lost += floods[i].lost;
	}
	printf("%" PRIu64 " %.0f\n", lost, (double)lost / (seconds() - begin));
	return 0;
}
