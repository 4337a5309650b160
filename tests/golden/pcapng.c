/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a capture file to standard output: every packet of the table of the unit tests, commented with the line that
 * this project prints about it, so that another program's decoder can be held against ours. For golden/pcapng.sh.
 */
#include "capture/pcapng.h"
#include "model/packet.h"

#include "base/clock.h"
#include "unit/packet_cases.h"

#include <stdio.h>
#include <unistd.h>

#define FIRST_NS (UINT64_C(1767225600) * NS_PER_S + 123456789) /* 2026-01-01 */

static const struct pcapng_interface wire = { "eth0", "namespace shop", PCAPNG_ETHERNET };
static const struct pcapng_interface tunnel = { "tun0", NULL, PCAPNG_RAW };

/* The error that the writer told, 0 when it told none. */
static int write_case(struct pcapng *file, size_t number, uint32_t original)
{
	const struct packet_case *one = &packet_cases[number];
	struct pcapng_packet captured = { .time_ns = FIRST_NS + number, .original = original };
	CLEANUP_TEXT struct text comment = { 0 };
	struct made made = { 0 };
	struct packet packet;
	int error;

	one->make(&made);
	if (one->ethertype)
		packet_decode_network(made_bytes(&made), made.length, one->ethertype, &packet);
	else
		packet_decode_frame(made_bytes(&made), made.length, &packet);
	packet_print(&packet, NULL, &comment);
	captured.bytes = made_bytes(&made);
	captured.captured = (uint32_t)made.length;
	if (!original)
		captured.original = captured.captured;
	captured.direction = one->ethertype ? PCAPNG_OUTBOUND : PCAPNG_INBOUND;
	captured.comment = text_string(&comment);
	error = pcapng_interface(file, one->ethertype ? &tunnel : &wire, &captured.interface);
	return error ? error : pcapng_write_packet(file, &captured);
}

/* One that the kernel gave from its network header on, of a protocol that is not IP. */
static int write_bare(struct pcapng *file)
{
	struct pcapng_packet captured = { .time_ns = FIRST_NS, .ethertype = ETH_P_ARP };
	struct made made = { 0 };
	int error;

	made_arp(&made, 2);
	captured.bytes = made_bytes(&made);
	captured.captured = captured.original = (uint32_t)made.length;
	error = pcapng_interface(file, &wire, &captured.interface);
	return error ? error : pcapng_write_packet(file, &captured);
}

static int write_all(struct pcapng *file)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(packet_cases) && !error; i++)
		error = write_case(file, i, 0);
	error = error ? error : write_case(file, 0, 1400);
	error = error ? error : write_bare(file);
	for (uint32_t i = 0; i < pcapng_interfaces(file) && !error; i++)
		error = pcapng_write_statistics(file, i, FIRST_NS + NS_PER_S, 1000, 900 + i);
	return error;
}

int main(void)
{
	static const struct pcapng_section section = { "x86_64", "Linux", "pcapng-sample" };
	struct pcapng *file = NULL;
	int error = pcapng_begin(STDOUT_FILENO, &section, &file);

	if (!error)
		error = write_all(file);
	pcapng_free(file);
	if (error)
		fprintf(stderr, "pcapng-sample: standard output: %s\n", strerror(-error));
	return error ? 1 : 0;
}
