/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Things the lab holds while packets pass: a tun device, a packet socket, a CPU, a filter of a control group. The first two
 * read well (--mode drain) or not at all until SIGTERM (--mode idle), when they read what is queued and report it.
 */
#include "traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PACKET_MAX 65536

/* Reads packets from @fd until SIGTERM, then what is left without waiting. */
static int packets_read(int fd, const struct traffic_options *options, struct traffic_result *result)
{
	static char packet[PACKET_MAX];
	bool idle = strcmp(options->mode, "idle") == 0;

	traffic_ready();
	while (!traffic_stop) {
		if (idle)
			traffic_sleep(1000000);
		else if (read(fd, packet, sizeof(packet)) > 0)
			result->received++;
		if (options->sleep_us > 0)
			traffic_sleep(options->sleep_us);
	}
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return traffic_error("O_NONBLOCK");
	while (read(fd, packet, sizeof(packet)) > 0)
		result->received++;
	return 0;
}

int traffic_tun(const struct traffic_options *options, struct traffic_result *result)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return traffic_error("/dev/net/tun");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", options->dev != NULL ? options->dev : "tun0");
	if (ioctl(fd, TUNSETIFF, &request) < 0)
		return traffic_error("TUNSETIFF");
	return packets_read(fd, options, result);
}

int traffic_capture(const struct traffic_options *options, struct traffic_result *result)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return traffic_error("packet socket");
	link.sll_ifindex = (int)if_nametoindex(options->dev != NULL ? options->dev : "");
	if (link.sll_ifindex == 0)
		return traffic_error("--dev");
	if (traffic_receive_buffer(fd, options) < 0)
		return -EINVAL;
	if (bind(fd, (struct sockaddr *)&link, sizeof(link)) < 0)
		return traffic_error("bind");
	return packets_read(fd, options, result);
}

/* Takes all the time of one CPU that nobody of at least ordinary priority asks for, for --timeout-ms. */
int traffic_spin(const struct traffic_options *options, struct traffic_result *result)
{
	cpu_set_t cpus;

	(void)result;
	CPU_ZERO(&cpus);
	CPU_SET(options->cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		return traffic_error("--cpu");
	traffic_ready();
	traffic_burn(options->timeout_ms * 1000);
	return 0;
}

/* Refuses all that processes of the control group --file send, until SIGTERM: a BPF program that returns 0. */
int traffic_refuse(const struct traffic_options *options, struct traffic_result *result)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SKB,
		.expected_attach_type = BPF_CGROUP_INET_EGRESS,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.license = (uintptr_t) "GPL",
	};
	union bpf_attr link = { .link_create = { .attach_type = BPF_CGROUP_INET_EGRESS } };
	int group = open(options->file != NULL ? options->file : "", O_RDONLY | O_DIRECTORY | O_CLOEXEC), loaded;

	(void)result;
	if (group < 0)
		return traffic_error("--file");
	loaded = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	if (loaded < 0)
		return traffic_error("BPF_PROG_LOAD");
	link.link_create.prog_fd = (uint32_t)loaded;
	link.link_create.target_fd = (uint32_t)group;
	if (syscall(SYS_bpf, BPF_LINK_CREATE, &link, sizeof(link)) < 0)
		return traffic_error("BPF_LINK_CREATE");
	traffic_ready();
	while (!traffic_stop)
		traffic_sleep(1000000);
	return 0;
}
