/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a capture file of the pcapng format (draft-ietf-opsawg-pcapng), which Wireshark and tshark read: packets of
 * many interfaces with a comment each. tcpdump reads it too (without comments) when all interfaces are of one link
 * type. One section, of unknown length, in the host's byte order, so that it may be a pipe that somebody reads along.
 *
 * Each block is written at once and nothing is held back. What a full disk or a closed pipe leaves behind is a valid
 * file up to the last whole block: the beginning of another one is taken off again where the file allows it.
 *
 * Errors: every function that writes returns 0 or -errno. The first error is returned once; from then on nothing is
 * written and 0 returned, so that whoever reports what is returned reports once; pcapng_error() still tells. The
 * exception is -EINTR: a signal came while a pipe was full, this block was not written, and the next one may be.
 * SIGPIPE has to be ignored.
 *
 * Strings are UTF-8 and may have newlines; what no terminal should get is the caller's to take out. They are cut at
 * PCAPNG_STRING_MAX.
 */
#pragma once

#include <stdint.h>

#define PCAPNG_STRING_MAX 65532	    /* bytes: the format's limit, in whole words */
#define PCAPNG_CAPTURED_MAX 262144u /* bytes of one packet; the rest of a longer one is left out */
#define PCAPNG_INTERFACES_MAX 4096  /* those that come later share one of each link type */
#define PCAPNG_UNKNOWN UINT64_MAX   /* a count that is not known, and so not written */

struct pcapng;

/* Where it was made: the processor, the kernel, the program. NULL is not written. */
struct pcapng_section {
	const char *hardware, *system, *application;
};

/* LINKTYPE_ values (https://www.tcpdump.org/linktypes.html). */
enum pcapng_link {
	PCAPNG_ETHERNET = 1,
	PCAPNG_RAW = 101, /* begins with an IPv4 or IPv6 header */
};

struct pcapng_interface {
	const char *name, *description; /* NULL is not written */
	enum pcapng_link link;
};

/* The values of the option epb_flags. */
enum pcapng_direction {
	PCAPNG_DIRECTION_UNKNOWN = 0,
	PCAPNG_INBOUND = 1,
	PCAPNG_OUTBOUND = 2,
};

struct pcapng_packet {
	uint32_t interface; /* from pcapng_interface() */
	enum pcapng_direction direction;
	uint64_t time_ns; /* since 1970-01-01 UTC */
	const void *bytes;
	uint32_t captured, original; /* bytes: given, and of the whole packet where it was seen */
	/*
	 * Not 0: the bytes begin with the network header, and the interface is of Ethernet. A header with this
	 * EtherType and addresses of zeros is put before them and counted in both lengths.
	 */
	uint16_t ethertype;
	const char *comment; /* NULL: none */
};

/*
 * Begins a file in `fd`, which stays the caller's to close after pcapng_free(). 0 and *ret (owned by the caller), or
 * -errno and nothing is kept.
 */
int pcapng_begin(int fd, const struct pcapng_section *section, struct pcapng **ret) __attribute__((warn_unused_result));
void pcapng_free(struct pcapng *file);

/* The number of an interface: one that was there before, alike in all three, or a new one. */
int pcapng_interface(struct pcapng *file, const struct pcapng_interface *interface, uint32_t *ret)
	__attribute__((warn_unused_result));

/* -EINVAL, not remembered: there is no such interface. */
int pcapng_write_packet(struct pcapng *file, const struct pcapng_packet *packet) __attribute__((warn_unused_result));

/* What an interface had received and how much of it is not in the file, at this moment; for the end of the file. */
int pcapng_write_statistics(struct pcapng *file, uint32_t interface, uint64_t time_ns, uint64_t received,
			    uint64_t dropped) __attribute__((warn_unused_result));

uint32_t pcapng_interfaces(const struct pcapng *file); /* their numbers are below this */
uint64_t pcapng_packets(const struct pcapng *file);    /* written whole */
int pcapng_error(const struct pcapng *file);	       /* the first error, 0 or -errno */
