/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block is its type, its length, its body and its length again; options at the end of a body are a code, a length and
 * a value. All of them begin at multiples of four bytes. Section numbers below are those of
 * draft-ietf-opsawg-pcapng-02.
 */
#include "capture/pcapng.h"

#include "base/alloc.h"
#include "base/text.h"
#include "base/vec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a,    /* 4.1 */
	BLOCK_INTERFACE = 0x00000001,  /* 4.2 */
	BLOCK_STATISTICS = 0x00000005, /* 4.6 */
	BLOCK_PACKET = 0x00000006,     /* 4.3 */
};

enum {
	OPTION_END = 0, /* 3.5 */
	OPTION_COMMENT = 1,
	SECTION_HARDWARE = 2,
	SECTION_SYSTEM = 3,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_DESCRIPTION = 3,
	INTERFACE_RESOLUTION = 9,
	PACKET_FLAGS = 2,
	STATISTICS_RECEIVED = 4,
	STATISTICS_DROPPED = 5,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define RESOLUTION_NS 9 /* ten to the power of minus that */

struct known_interface {
	char *name, *description; /* NULL: none; owned */
	enum pcapng_link link;
};

struct pcapng {
	int fd, error;
	uint64_t packets;
	VEC(struct known_interface) interfaces;
	struct text block; /* bytes; its memory is used again */
};

/* ---- bytes ---- */

static void put16(struct pcapng *file, uint16_t value)
{
	text_add_bytes(&file->block, (const char *)&value, sizeof(value));
}

static void put32(struct pcapng *file, uint32_t value)
{
	text_add_bytes(&file->block, (const char *)&value, sizeof(value));
}

static void put64(struct pcapng *file, uint64_t value)
{
	text_add_bytes(&file->block, (const char *)&value, sizeof(value));
}

/* The upper half first, whatever the byte order. */
static void put_time(struct pcapng *file, uint64_t time_ns)
{
	put32(file, (uint32_t)(time_ns >> 32));
	put32(file, (uint32_t)time_ns);
}

static void put_padding(struct pcapng *file)
{
	text_add_bytes(&file->block, "\0\0\0", -file->block.length & 3);
}

static void put_option(struct pcapng *file, uint16_t code, const void *value, size_t length)
{
	put16(file, code);
	put16(file, (uint16_t)length);
	text_add_bytes(&file->block, value, length);
	put_padding(file);
}

/* Cut between characters: a byte that continues one (10xxxxxx) is not the first of what is left out. */
static void put_string(struct pcapng *file, uint16_t code, const char *string)
{
	size_t length = string ? strlen(string) : 0;

	if (!length)
		return;
	if (length > PCAPNG_STRING_MAX) {
		length = PCAPNG_STRING_MAX;
		while (length && ((unsigned char)string[length] & 0xc0) == 0x80)
			length--;
	}
	put_option(file, code, string, length);
}

static void put_count(struct pcapng *file, uint16_t code, uint64_t count)
{
	if (count == PCAPNG_UNKNOWN)
		return;
	put16(file, code);
	put16(file, sizeof(count));
	put64(file, count);
}

/* ---- writing ---- */

/* Writes all of it, unless a signal comes before the first byte; *written is how far it came. */
static int write_bytes(int fd, const char *bytes, size_t length, size_t *written)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	while (*written < length) {
		ssize_t count = write(fd, bytes + *written, length - *written);

		if (count < 0 && errno == EAGAIN)
			count = poll(&room, 1, -1) < 0 ? -1 : 0;
		if (count < 0 && (errno != EINTR || !*written))
			return -errno;
		if (count > 0)
			*written += (size_t)count;
	}
	return 0;
}

/* Takes the beginning of a block off the end of a file; of a pipe it cannot be. */
static void write_undo(int fd, size_t written)
{
	off_t end = lseek(fd, 0, SEEK_CUR);
	struct stat status;

	if (end < (off_t)written || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size != end)
		return;
	if (ftruncate(fd, end - (off_t)written) == 0)
		(void)lseek(fd, end - (off_t)written, SEEK_SET);
}

static void block_begin(struct pcapng *file, uint32_t type)
{
	text_clear(&file->block);
	put32(file, type);
	put32(file, 0); /* its length, at the end */
}

/* Ends the options, if there are any, and writes the block. */
static int block_end(struct pcapng *file, bool has_options)
{
	size_t written = 0;
	uint32_t length;
	int error;

	if (has_options)
		put32(file, OPTION_END);
	length = (uint32_t)file->block.length + sizeof(length);
	memcpy(file->block.data + 4, &length, sizeof(length));
	put32(file, length);
	error = write_bytes(file->fd, file->block.data, file->block.length, &written);
	if (error && error != -EINTR)
		file->error = error;
	if (error && written)
		write_undo(file->fd, written);
	return error;
}

/* ---- blocks ---- */

int pcapng_begin(int fd, const struct pcapng_section *section, struct pcapng **ret)
{
	struct pcapng *file = NEW(struct pcapng);
	size_t body;
	int error;

	file->fd = fd;
	block_begin(file, BLOCK_SECTION);
	put32(file, BYTE_ORDER_MAGIC);
	put16(file, 1); /* version 1.0 */
	put16(file, 0);
	put64(file, UINT64_MAX); /* length not known */
	body = file->block.length;
	put_string(file, SECTION_HARDWARE, section->hardware);
	put_string(file, SECTION_SYSTEM, section->system);
	put_string(file, SECTION_APPLICATION, section->application);
	error = block_end(file, file->block.length > body);
	if (error)
		pcapng_free(file);
	else
		*ret = file;
	return error;
}

void pcapng_free(struct pcapng *file)
{
	const struct known_interface *interface;

	if (!file)
		return;
	vec_each(&file->interfaces, interface) {
		free(interface->name);
		free(interface->description);
	}
	vec_free(&file->interfaces);
	text_free(&file->block);
	free(file);
}

static bool strings_same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool interface_find(const struct pcapng *file, const struct pcapng_interface *interface, uint32_t *ret)
{
	const struct known_interface *known;

	vec_each(&file->interfaces, known) {
		if (known->link == interface->link && strings_same(known->name, interface->name) &&
		    strings_same(known->description, interface->description)) {
			*ret = (uint32_t)(known - file->interfaces.data);
			return true;
		}
	}
	return false;
}

static int interface_write(struct pcapng *file, const struct pcapng_interface *interface)
{
	static const uint8_t resolution = RESOLUTION_NS;

	block_begin(file, BLOCK_INTERFACE);
	put16(file, (uint16_t)interface->link);
	put16(file, 0);
	put32(file, 0); /* packets of any length */
	put_string(file, INTERFACE_NAME, interface->name);
	put_string(file, INTERFACE_DESCRIPTION, interface->description);
	put_option(file, INTERFACE_RESOLUTION, &resolution, sizeof(resolution));
	return block_end(file, true);
}

int pcapng_interface(struct pcapng *file, const struct pcapng_interface *interface, uint32_t *ret)
{
	struct pcapng_interface shared = { "(more interfaces)", NULL, interface->link };
	struct known_interface *known;
	int error;

	*ret = 0;
	if (file->error || interface_find(file, interface, ret))
		return 0;
	if (file->interfaces.count >= PCAPNG_INTERFACES_MAX) {
		interface = &shared;
		if (interface_find(file, interface, ret))
			return 0;
	}
	error = interface_write(file, interface);
	if (error)
		return error;
	known = vec_add(&file->interfaces, PCAPNG_INTERFACES_MAX + 2);
	if (!known)
		return -ENOSPC;
	known->name = interface->name ? mem_strdup(interface->name) : NULL;
	known->description = interface->description ? mem_strdup(interface->description) : NULL;
	known->link = interface->link;
	*ret = (uint32_t)file->interfaces.count - 1;
	return 0;
}

int pcapng_write_packet(struct pcapng *file, const struct pcapng_packet *packet)
{
	const struct ether_header made_up = { .ether_type = htons(packet->ethertype) };
	uint32_t captured = packet->captured < PCAPNG_CAPTURED_MAX ? packet->captured : PCAPNG_CAPTURED_MAX;
	uint32_t before = packet->ethertype ? sizeof(made_up) : 0;
	uint32_t flags = packet->direction;
	size_t body;
	int error;

	if (file->error)
		return 0;
	if (packet->interface >= file->interfaces.count)
		return -EINVAL;
	block_begin(file, BLOCK_PACKET);
	put32(file, packet->interface);
	put_time(file, packet->time_ns);
	put32(file, before + captured);
	put32(file, before + packet->original);
	text_add_bytes(&file->block, (const char *)&made_up, before);
	if (captured) /* no bytes may be NULL */
		text_add_bytes(&file->block, packet->bytes, captured);
	put_padding(file);
	body = file->block.length;
	put_string(file, OPTION_COMMENT, packet->comment);
	if (flags)
		put_option(file, PACKET_FLAGS, &flags, sizeof(flags));
	error = block_end(file, file->block.length > body);
	file->packets += !error;
	return error;
}

int pcapng_write_statistics(struct pcapng *file, uint32_t interface, uint64_t time_ns, uint64_t received,
			    uint64_t dropped)
{
	size_t body;

	if (file->error)
		return 0;
	if (interface >= file->interfaces.count)
		return -EINVAL;
	block_begin(file, BLOCK_STATISTICS);
	put32(file, interface);
	put_time(file, time_ns);
	body = file->block.length;
	put_count(file, STATISTICS_RECEIVED, received);
	put_count(file, STATISTICS_DROPPED, dropped);
	return block_end(file, file->block.length > body);
}

uint32_t pcapng_interfaces(const struct pcapng *file)
{
	return (uint32_t)file->interfaces.count;
}

uint64_t pcapng_packets(const struct pcapng *file)
{
	return file->packets;
}

int pcapng_error(const struct pcapng *file)
{
	return file->error;
}
