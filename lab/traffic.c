/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab-traffic: makes and receives the lab's packets. This file holds the options, the pacing and the
 * dispatch; the commands are in traffic_*.c. It belongs to the lab alone and is not installed.
 */
#include "traffic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Nothing of the lab outlives this, whatever happens to the shell that started it. */
#define LIFETIME_SECONDS 120

volatile bool traffic_stop;

static const struct traffic_command {
	const char *name;
	traffic_command_fn *run;
	const char *meaning;
} commands[] = {
	{ "udp-send", traffic_udp_send, "send datagrams" },
	{ "udp-recv", traffic_udp_receive, "receive datagrams (--mode drain, or idle: read at the end)" },
	{ "tcp-listen", traffic_tcp_listen, "listen (--mode drain, never, batch, hold, close or unread)" },
	{ "tcp-connect", traffic_tcp_connect, "connect one after the other, then send --bytes on each" },
	{ "raw", traffic_raw, "send hand-made frames" },
	{ "tun", traffic_tun, "hold a tun device (--mode drain or idle)" },
	{ "capture", traffic_capture, "hold a packet socket (--mode drain or idle)" },
	{ "queue", traffic_queue, "hold --count packets of nfqueue 0, then accept all" },
	{ "spin", traffic_spin, "occupy one CPU" },
	{ "refuse", traffic_refuse, "drop all that the control group --file sends" },
	{ "xdp", traffic_xdp, "drop UDP to --port as it enters --dev (--mode pass: let all in)" },
	{ "raw-recv", traffic_raw_receive, "receive packets of --protocol (--mode drain or idle)" },
	{ "unix-listen", traffic_unix_listen, "hold a unix socket that listens and never accepts" },
	{ "unix-connect", traffic_unix_connect, "connect to it, write on each and close all at the end" },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

uint64_t traffic_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

void traffic_pace(const struct traffic_options *options, uint64_t start_ns, uint64_t index)
{
	uint64_t due_ns;
	struct timespec due;

	if (options->rate == 0 || index % options->burst != 0)
		return;
	due_ns = start_ns + index * 1000000000U / options->rate;
	due.tv_sec = (time_t)(due_ns / 1000000000U);
	due.tv_nsec = (long)(due_ns % 1000000000U);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR && !traffic_stop)
		;
}

void traffic_burn(uint64_t us)
{
	uint64_t end_ns = traffic_now_ns() + us * 1000;

	while (traffic_now_ns() < end_ns)
		;
}

void traffic_sleep(uint64_t us)
{
	struct timespec span = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };

	nanosleep(&span, NULL);
}

void traffic_ready(void)
{
	puts("ready");
	fflush(stdout);
}

int traffic_error(const char *what)
{
	int error = errno != 0 ? errno : EINVAL;

	fprintf(stderr, "lab-traffic: %s: %s\n", what, strerror(error));
	return -error;
}

int traffic_address(const char *text, uint64_t port, struct sockaddr_storage *ret_address, socklen_t *ret_length)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	errno = EINVAL;
	if (text == NULL)
		return traffic_error("an address is missing");
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		memcpy(ret_address, &v4, sizeof(v4));
		*ret_length = sizeof(v4);
		return 0;
	}
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
		memcpy(ret_address, &v6, sizeof(v6));
		*ret_length = sizeof(v6);
		return 0;
	}
	return traffic_error(text);
}

int traffic_receive_buffer(int fd, const struct traffic_options *options)
{
	int bytes = (int)options->rcvbuf;

	if (bytes == 0)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		return traffic_error("SO_RCVBUFFORCE");
	return 0;
}

/* Decimal digits only, at most 18 of them. */
static int number_parse(const char *text, uint64_t *ret_number)
{
	uint64_t number = 0;
	size_t length = strlen(text);

	if (length == 0 || length > 18 || strspn(text, "0123456789") != length)
		return -EINVAL;
	for (size_t i = 0; i < length; i++)
		number = number * 10 + (uint64_t)(text[i] - '0');
	*ret_number = number;
	return 0;
}

static int option_set(struct traffic_options *options, const char *name, const char *value)
{
#define SET_TEXT(member, word, preset, meaning) \
	if (strcmp(name, word) == 0) {          \
		options->member = value;        \
		return 0;                       \
	}
#define SET_NUMBER(member, word, preset, meaning) \
	if (strcmp(name, word) == 0)              \
		return number_parse(value, &options->member);
	TRAFFIC_TEXT_OPTIONS(SET_TEXT)
	TRAFFIC_NUMBER_OPTIONS(SET_NUMBER)
#undef SET_TEXT
#undef SET_NUMBER
	return -EINVAL;
}

static int options_parse(int argc, char **argv, struct traffic_options *options)
{
	for (int i = 0; i < argc; i += 2) {
		if (strncmp(argv[i], "--", 2) != 0 || i + 1 == argc ||
		    option_set(options, argv[i] + 2, argv[i + 1]) < 0) {
			fprintf(stderr, "lab-traffic: %s: not an option with a value\n", argv[i]);
			return -EINVAL;
		}
	}
	if (options->burst == 0 || options->sports == 0 || options->sources == 0 || options->targets == 0) {
		fprintf(stderr, "lab-traffic: --burst, --sports, --sources and --targets begin at 1\n");
		return -EINVAL;
	}
	return 0;
}

static void usage_print(void)
{
	fprintf(stderr, "usage: lab-traffic COMMAND [--OPTION VALUE]...\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(stderr, "  %-14s %s\n", commands[i].name, commands[i].meaning);
	fputc('\n', stderr);
#define PRINT(member, word, preset, meaning) fprintf(stderr, "  --%-14s %s\n", word, meaning);
	TRAFFIC_TEXT_OPTIONS(PRINT)
	TRAFFIC_NUMBER_OPTIONS(PRINT)
#undef PRINT
}

static void on_signal(int number)
{
	(void)number;
	traffic_stop = true;
}

/* No SA_RESTART: a blocked read returns, so that the receiver can drain and report. */
static void signals_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	alarm(LIFETIME_SECONDS);
}

/*
 * What else the machine does is no part of a scene: whoever needs the CPU here shall get it before others. Linux weighs
 * whole sessions against each other (autogroups), so a session of its own gets the weight. Best effort.
 */
static void priority_raise(void)
{
	FILE *group;

	(void)setpriority(PRIO_PROCESS, 0, -20);
	if (setsid() < 0)
		return;
	group = fopen("/proc/self/autogroup", "we");
	if (!group)
		return;
	fputs("-20", group);
	fclose(group);
}

int main(int argc, char **argv)
{
	struct traffic_options options = {
#define PRESET(member, word, preset, meaning) .member = preset,
		TRAFFIC_TEXT_OPTIONS(PRESET) TRAFFIC_NUMBER_OPTIONS(PRESET)
#undef PRESET
	};
	struct traffic_result result = { 0 };

	for (size_t i = 0; argc > 1 && i < COMMAND_COUNT; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		if (options_parse(argc - 2, argv + 2, &options) < 0)
			return 2;
		signals_catch();
		priority_raise();
		if (commands[i].run(&options, &result) < 0)
			return 1;
		printf("sent=%" PRIu64 " received=%" PRIu64 " failed=%" PRIu64 "\n", result.sent, result.received,
		       result.failed);
		return 0;
	}
	usage_print();
	return 2;
}
