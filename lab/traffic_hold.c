/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Things the lab holds while packets pass: a tun device, a packet or raw socket, a CPU, a filter of a control group or of a
 * device. The first three read well (--mode drain) or not at all until SIGTERM (--mode idle), when they read what is queued and
 * report it.
 */
#include "traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
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

int traffic_raw_receive(const struct traffic_options *options, struct traffic_result *result)
{
	struct sockaddr_storage on;
	socklen_t length;
	int fd;

	if (traffic_address(options->on, 0, &on, &length) < 0)
		return -EINVAL;
	fd = socket(on.ss_family, SOCK_RAW | SOCK_CLOEXEC, (int)options->protocol);
	if (fd < 0)
		return traffic_error("raw socket");
	if (traffic_receive_buffer(fd, options) < 0)
		return -EINVAL;
	if (bind(fd, (struct sockaddr *)&on, length) < 0)
		return traffic_error("bind");
	return packets_read(fd, options, result);
}

/* Loads a program and holds it at @target (a device's index or a control group) until SIGTERM. */
static int program_hold(union bpf_attr *load, enum bpf_attach_type type, uint32_t target, uint32_t flags)
{
	union bpf_attr link = { .link_create = { .target_fd = target, .attach_type = type, .flags = flags } };
	int loaded;

	load->expected_attach_type = type;
	load->license = (uintptr_t) "GPL";
	loaded = (int)syscall(SYS_bpf, BPF_PROG_LOAD, load, sizeof(*load));
	if (loaded < 0)
		return traffic_error("BPF_PROG_LOAD");
	link.link_create.prog_fd = (uint32_t)loaded;
	if (syscall(SYS_bpf, BPF_LINK_CREATE, &link, sizeof(link)) < 0)
		return traffic_error("BPF_LINK_CREATE");
	traffic_ready();
	while (!traffic_stop)
		traffic_sleep(1000000);
	return 0;
}

/* Refuses all that processes of the control group --file send: a program that returns 0. */
int traffic_refuse(const struct traffic_options *options, struct traffic_result *result)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SKB,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
	};
	int group = open(options->file != NULL ? options->file : "", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)result;
	if (group < 0)
		return traffic_error("--file");
	return program_hold(&load, BPF_CGROUP_INET_EGRESS, (uint32_t)group, 0);
}

#define LOAD(size, into, from, offset)                                                                    \
	{                                                                                                 \
		.code = BPF_LDX | BPF_MEM | (size), .dst_reg = BPF_REG_##into, .src_reg = BPF_REG_##from, \
		.off = (int16_t)(offset)                                                                  \
	}
#define SET(into, value)                                                                                \
	{                                                                                               \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_##into, .imm = (int32_t)(value) \
	}

/*
 * Drops UDP to --port, IPv4 without options or IPv6 without extensions, before the stack sees it; with --mode pass the same
 * program lets all pass. Generic XDP, which every device has.
 */
int traffic_xdp(const struct traffic_options *options, struct traffic_result *result)
{
	int verdict = strcmp(options->mode, "pass") == 0 ? XDP_PASS : XDP_DROP;
	uint16_t port = htons((uint16_t)options->port);
	const struct bpf_insn program[] = {
		/* From register 2 to 3 lies the frame; one too short for both kinds of header passes. */
		LOAD(BPF_W, 2, 1, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, 3, 1, offsetof(struct xdp_md, data_end)),
		SET(0, XDP_PASS),
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_4, .src_reg = BPF_REG_2 },
		{ .code = BPF_ALU64 | BPF_ADD, .dst_reg = BPF_REG_4, .imm = 14 + 40 + 8 },
		{ .code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = BPF_REG_4, .src_reg = BPF_REG_3, .off = 11 },
		/* Into 5 the protocol, into 4 the port: first IPv4, then IPv6. */
		LOAD(BPF_H, 5, 2, 12),
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_5, .imm = htons(ETH_P_IPV6), .off = 4 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_5, .imm = htons(ETH_P_IP), .off = 8 },
		LOAD(BPF_B, 5, 2, 14 + 9),
		LOAD(BPF_H, 4, 2, 14 + 20 + 2),
		{ .code = BPF_JMP | BPF_JA, .off = 2 },
		LOAD(BPF_B, 5, 2, 14 + 6),
		LOAD(BPF_H, 4, 2, 14 + 40 + 2),
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_5, .imm = IPPROTO_UDP, .off = 2 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_4, .imm = port, .off = 1 },
		SET(0, verdict),
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
	};
	uint32_t device = if_nametoindex(options->dev != NULL ? options->dev : "");

	(void)result;
	if (device == 0)
		return traffic_error("--dev");
	return program_hold(&load, BPF_XDP, device, XDP_FLAGS_SKB_MODE);
}
