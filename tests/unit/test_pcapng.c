/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capture/pcapng: the bytes read back block by block, and what a full disk or a closed pipe leaves behind. */
#include "capture/pcapng.h"

#include "base/alloc.h"
#include "base/text.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define TIME_NS UINT64_C(1767225600123456789) /* over 32 bits in both halves */
#define BLOCKS_MAX 64
#define OPTIONS_MAX 8

static const struct pcapng_section section = { "x86_64", "Linux 6.1.0", "wheredrop test" };

/* ---- reading ---- */

struct option {
	uint16_t code, length;
	const uint8_t *value;
};

struct block {
	uint32_t type, length; /* of its body */
	const uint8_t *body;
	unsigned int count; /* of options */
	struct option options[OPTIONS_MAX];
};

struct read_back {
	uint8_t *bytes;
	size_t length, whole; /* of the file; up to the end of its last whole block */
	unsigned int count;
	struct block blocks[BLOCKS_MAX];
};

static uint32_t number32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint16_t number16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint64_t number64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Options fill the rest of a body to its last byte, and the end is said. */
static void read_options(struct block *block, uint32_t at)
{
	bool ended = at == block->length;

	while (at < block->length) {
		struct option *option = &block->options[block->count];

		assert_true(block->length - at >= 4);
		option->code = number16(block->body + at);
		option->length = number16(block->body + at + 2);
		option->value = block->body + at + 4;
		at += 4 + ((option->length + 3u) & ~3u);
		assert_true(at <= block->length);
		ended = option->code == 0;
		if (ended)
			break;
		block->count++;
		assert_true(block->count < OPTIONS_MAX);
	}
	assert_true(ended);
	assert_int_equal(at, block->length);
}

static uint32_t options_begin(const struct block *block)
{
	switch (block->type) {
	case 0x0a0d0d0a:
		return 16;
	case 1:
		return 8;
	case 5:
		return 12;
	case 6:
		return 20 + ((number32(block->body + 12) + 3) & ~3u);
	default:
		fail_msg("block of type %u", block->type);
		return 0;
	}
}

static void read_bytes(struct read_back *file)
{
	size_t at = 0;

	while (file->length - at >= 12) {
		struct block *block = &file->blocks[file->count];
		uint32_t length = number32(file->bytes + at + 4);

		assert_true(length >= 12 && length % 4 == 0);
		if (length > file->length - at)
			break;
		assert_int_equal(number32(file->bytes + at + length - 4), length);
		*block = (struct block){ .type = number32(file->bytes + at),
					 .length = length - 12,
					 .body = file->bytes + at + 8 };
		read_options(block, options_begin(block));
		assert_true(++file->count < BLOCKS_MAX);
		at += length;
	}
	file->whole = at;
}

/* Everything that is in a file, from its beginning. */
static void read_file(int fd, struct read_back *ret)
{
	struct stat status;

	*ret = (struct read_back){ 0 };
	assert_int_equal(fstat(fd, &status), 0);
	ret->length = (size_t)status.st_size;
	ret->bytes = mem_new(ret->length + 1, 1);
	assert_int_equal(pread(fd, ret->bytes, ret->length, 0), ret->length);
	read_bytes(ret);
}

static void assert_option(const struct block *block, uint16_t code, const void *value, size_t length)
{
	for (unsigned int i = 0; i < block->count; i++) {
		if (block->options[i].code != code)
			continue;
		assert_int_equal(block->options[i].length, length);
		assert_memory_equal(block->options[i].value, value, length);
		return;
	}
	fail_msg("no option %u", code);
}

static void assert_string(const struct block *block, uint16_t code, const char *value)
{
	assert_option(block, code, value, strlen(value));
}

/* ---- writing ---- */

static int new_file(void)
{
	int fd = memfd_create("pcapng", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static uint32_t interface_of(struct pcapng *file, const char *name, enum pcapng_link link)
{
	const struct pcapng_interface interface = { name, "namespace shop", link };
	uint32_t number = 77;

	assert_int_equal(pcapng_interface(file, &interface, &number), 0);
	return number;
}

static struct pcapng_packet packet_of(uint32_t interface, const char *bytes)
{
	return (struct pcapng_packet){
		.interface = interface,
		.time_ns = TIME_NS,
		.bytes = bytes,
		.captured = (uint32_t)strlen(bytes),
		.original = 1500,
	};
}

/* ---- what is written ---- */

static void assert_section(const struct block *block)
{
	assert_int_equal(block->type, 0x0a0d0d0a);
	assert_int_equal(number32(block->body), 0x1a2b3c4d);
	assert_int_equal(number16(block->body + 4), 1);
	assert_int_equal(number16(block->body + 6), 0);
	assert_true(number64(block->body + 8) == UINT64_MAX);
	assert_int_equal(block->count, 3);
	assert_string(block, 2, "x86_64");
	assert_string(block, 3, "Linux 6.1.0");
	assert_string(block, 4, "wheredrop test");
}

static void assert_interface(const struct block *block)
{
	assert_int_equal(block->type, 1);
	assert_int_equal(number16(block->body), 101);
	assert_int_equal(number32(block->body + 4), 0);
	assert_int_equal(block->count, 3);
	assert_string(block, 2, "eth0");
	assert_string(block, 3, "namespace shop");
	assert_option(block, 9, "\x09", 1);
}

static void assert_packet(const struct block *block)
{
	const uint32_t inbound = 1;

	assert_int_equal(block->type, 6);
	assert_int_equal(number32(block->body), 0);
	assert_int_equal(number32(block->body + 4), TIME_NS >> 32);
	assert_int_equal(number32(block->body + 8), TIME_NS & 0xffffffff);
	assert_int_equal(number32(block->body + 12), 5);
	assert_int_equal(number32(block->body + 16), 1500);
	assert_memory_equal(block->body + 20, "abcde\0\0\0", 8);
	assert_int_equal(block->count, 2);
	assert_string(block, 1, "NO_SOCKET in udp_queue_rcv_skb");
	assert_option(block, 2, &inbound, sizeof(inbound));
}

static void assert_statistics(const struct block *block)
{
	const uint64_t received = 7000000000, dropped = 6999999999;

	assert_int_equal(block->type, 5);
	assert_int_equal(number32(block->body), 0);
	assert_int_equal(number32(block->body + 4), TIME_NS >> 32);
	assert_int_equal(number32(block->body + 8), (TIME_NS + 1) & 0xffffffff);
	assert_int_equal(block->count, 2);
	assert_option(block, 4, &received, sizeof(received));
	assert_option(block, 5, &dropped, sizeof(dropped));
}

static void the_blocks_of_a_file(void **state)
{
	CLEANUP_CLOSE int fd = new_file();
	struct pcapng_packet packet;
	struct pcapng *file = NULL;
	struct read_back back;
	uint32_t eth0;

	assert_int_equal(pcapng_begin(fd, &section, &file), 0);
	eth0 = interface_of(file, "eth0", PCAPNG_RAW);
	packet = packet_of(eth0, "abcde");
	packet.direction = PCAPNG_INBOUND;
	packet.comment = "NO_SOCKET in udp_queue_rcv_skb";
	assert_int_equal(pcapng_write_packet(file, &packet), 0);
	assert_int_equal(pcapng_write_statistics(file, eth0, TIME_NS + 1, 7000000000, 6999999999), 0);
	assert_int_equal(pcapng_packets(file), 1);
	assert_int_equal(pcapng_interfaces(file), 1);
	assert_int_equal(pcapng_error(file), 0);
	pcapng_free(file);

	read_file(fd, &back);
	assert_int_equal(back.whole, back.length);
	assert_int_equal(back.count, 4);
	assert_section(&back.blocks[0]);
	assert_interface(&back.blocks[1]);
	assert_packet(&back.blocks[2]);
	assert_statistics(&back.blocks[3]);
	free(back.bytes);
}

static void what_is_not_known_is_not_written(void **state)
{
	const struct pcapng_interface nameless = { .link = PCAPNG_ETHERNET };
	const struct pcapng_section nothing = { 0 };
	const struct pcapng_packet empty = { .time_ns = 5, .original = 60 };
	CLEANUP_CLOSE int fd = new_file();
	struct pcapng *file = NULL;
	struct read_back back;
	uint32_t number;

	assert_int_equal(pcapng_begin(fd, &nothing, &file), 0);
	assert_int_equal(pcapng_interface(file, &nameless, &number), 0);
	assert_int_equal(pcapng_write_packet(file, &empty), 0);
	assert_int_equal(pcapng_write_statistics(file, number, 6, PCAPNG_UNKNOWN, PCAPNG_UNKNOWN), 0);
	pcapng_free(file);
	read_file(fd, &back);
	assert_int_equal(back.whole, back.length);
	assert_int_equal(back.count, 4);
	assert_int_equal(back.blocks[0].length, 16);
	assert_int_equal(back.blocks[1].count, 1); /* the resolution */
	assert_int_equal(back.blocks[2].length, 20);
	assert_int_equal(back.blocks[3].length, 12);
	free(back.bytes);
}

static void interfaces_are_described_once_and_when_they_come(void **state)
{
	static const struct pcapng_interface other_place = { "eth0", "namespace till", PCAPNG_RAW };
	CLEANUP_CLOSE int fd = new_file();
	struct pcapng *file = NULL;
	struct pcapng_packet packet;
	struct read_back back;
	uint32_t number;

	assert_int_equal(pcapng_begin(fd, &section, &file), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(interface_of(file, "eth0", PCAPNG_RAW), 0);
		assert_int_equal(interface_of(file, "eth1", PCAPNG_RAW), 1);
		assert_int_equal(interface_of(file, "eth0", PCAPNG_ETHERNET), 2);
		assert_int_equal(pcapng_interface(file, &other_place, &number), 0);
		assert_int_equal(number, 3);
		packet = packet_of(number, "x");
		assert_int_equal(pcapng_write_packet(file, &packet), 0);
	}
	packet.interface = 4;
	assert_int_equal(pcapng_write_packet(file, &packet), -EINVAL);
	assert_int_equal(pcapng_write_statistics(file, 4, 0, 0, 0), -EINVAL);
	assert_int_equal(pcapng_error(file), 0);
	assert_int_equal(pcapng_packets(file), 2);
	pcapng_free(file);
	read_file(fd, &back);
	assert_int_equal(back.whole, back.length);
	assert_int_equal(back.count, 1 + 4 + 2);
	assert_int_equal(back.blocks[3].type, 1);
	assert_int_equal(number16(back.blocks[3].body), 1);
	assert_int_equal(number32(back.blocks[6].body), 3);
	free(back.bytes);
}

static void too_many_interfaces_share_one(void **state)
{
	CLEANUP_CLOSE int fd = new_file();
	struct pcapng *file = NULL;
	char name[32];

	assert_int_equal(pcapng_begin(fd, &section, &file), 0);
	for (uint32_t i = 0; i < PCAPNG_INTERFACES_MAX + 20; i++) {
		uint32_t expected = i < PCAPNG_INTERFACES_MAX ? i : PCAPNG_INTERFACES_MAX;
		struct text text = { 0 };

		text_addf(&text, "veth%u", i);
		assert_true(text.length < sizeof(name));
		memcpy(name, text.data, text.length + 1);
		text_free(&text);
		assert_int_equal(interface_of(file, name, PCAPNG_RAW), expected);
	}
	assert_int_equal(interface_of(file, "veth9999", PCAPNG_ETHERNET), PCAPNG_INTERFACES_MAX + 1);
	assert_int_equal(interface_of(file, "veth7", PCAPNG_RAW), 7);
	assert_int_equal(pcapng_interfaces(file), PCAPNG_INTERFACES_MAX + 2);
	pcapng_free(file);
}

static void a_packet_without_link_gets_one(void **state)
{
	CLEANUP_CLOSE int fd = new_file();
	struct pcapng *file = NULL;
	struct pcapng_packet packet;
	struct read_back back;

	assert_int_equal(pcapng_begin(fd, &section, &file), 0);
	packet = packet_of(interface_of(file, "eth0", PCAPNG_ETHERNET), "arp");
	packet.ethertype = 0x0806;
	assert_int_equal(pcapng_write_packet(file, &packet), 0);
	pcapng_free(file);
	read_file(fd, &back);
	assert_int_equal(number32(back.blocks[2].body + 12), 17);
	assert_int_equal(number32(back.blocks[2].body + 16), 1514);
	assert_memory_equal(back.blocks[2].body + 20,
			    "\0\0\0\0\0\0\0\0\0\0\0\0\x08\x06"
			    "arp",
			    17);
	free(back.bytes);
}

static void what_is_too_long_is_cut(void **state)
{
	CLEANUP_FREE char *comment = mem_new(PCAPNG_STRING_MAX + 10, 1);
	CLEANUP_FREE char *bytes = mem_new(PCAPNG_CAPTURED_MAX + 10, 1);
	CLEANUP_CLOSE int fd = new_file();
	struct pcapng *file = NULL;
	struct pcapng_packet packet;
	struct read_back back;

	/* A character of two bytes lies across the end. */
	memset(comment, 'c', PCAPNG_STRING_MAX + 9);
	comment[PCAPNG_STRING_MAX - 1] = '\xc3';
	comment[PCAPNG_STRING_MAX] = '\xa4';
	memset(bytes, 'b', PCAPNG_CAPTURED_MAX + 9);
	assert_int_equal(pcapng_begin(fd, &section, &file), 0);
	packet = packet_of(interface_of(file, "eth0", PCAPNG_RAW), bytes);
	packet.original = packet.captured;
	packet.comment = comment;
	assert_int_equal(pcapng_write_packet(file, &packet), 0);
	pcapng_free(file);
	read_file(fd, &back);
	assert_int_equal(back.whole, back.length);
	assert_int_equal(number32(back.blocks[2].body + 12), PCAPNG_CAPTURED_MAX);
	assert_int_equal(number32(back.blocks[2].body + 16), PCAPNG_CAPTURED_MAX + 9);
	assert_int_equal(back.blocks[2].options[0].length, PCAPNG_STRING_MAX - 1);
	free(back.bytes);
}

/* ---- what goes wrong ---- */

static void a_full_disk_is_told_once(void **state)
{
	CLEANUP_CLOSE int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct pcapng *file = NULL;

	assert_true(fd >= 0);
	assert_int_equal(pcapng_begin(fd, &section, &file), -ENOSPC);
	assert_null(file);
}

/* The file may grow to the middle of the third packet. */
static void a_limit_within_a_block_leaves_whole_ones(void **state)
{
	CLEANUP_CLOSE int fd = new_file();
	struct rlimit before, limit;
	struct pcapng *file = NULL;
	struct pcapng_packet packet;
	struct read_back back;
	off_t at;

	assert_int_equal(pcapng_begin(fd, &section, &file), 0);
	packet = packet_of(interface_of(file, "eth0", PCAPNG_RAW), "0123456789012345678901234567890123456789");
	assert_int_equal(pcapng_write_packet(file, &packet), 0);
	assert_int_equal(pcapng_write_packet(file, &packet), 0);
	at = lseek(fd, 0, SEEK_CUR);

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)at + 30;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(pcapng_write_packet(file, &packet), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);

	/* Room again is not used: the one that is missing would not be seen. */
	assert_int_equal(pcapng_write_packet(file, &packet), 0);
	assert_int_equal(pcapng_write_statistics(file, 0, 0, 0, 0), 0);
	assert_int_equal(interface_of(file, "eth1", PCAPNG_RAW), 0);
	assert_int_equal(pcapng_error(file), -EFBIG);
	assert_int_equal(pcapng_packets(file), 2);
	pcapng_free(file);
	read_file(fd, &back);
	assert_int_equal(back.length, at);
	assert_int_equal(back.whole, back.length);
	assert_int_equal(back.count, 4);
	free(back.bytes);
}

static void a_closed_pipe_is_told_once(void **state)
{
	struct pcapng *file = NULL;
	struct pcapng_packet packet;
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pcapng_begin(ends[1], &section, &file), 0);
	packet = packet_of(interface_of(file, "eth0", PCAPNG_RAW), "x");
	assert_int_equal(pcapng_write_packet(file, &packet), 0);
	close(ends[0]);
	assert_int_equal(pcapng_write_packet(file, &packet), -EPIPE);
	assert_int_equal(pcapng_write_packet(file, &packet), 0);
	assert_int_equal(pcapng_error(file), -EPIPE);
	assert_int_equal(pcapng_packets(file), 1);
	pcapng_free(file);
	close(ends[1]);
}

static void on_signal(int number)
{
	(void)number;
}

/* Whoever reads the pipe has stopped; Ctrl-C must still end the program, and going on must be possible. */
static void a_signal_ends_waiting_for_a_full_pipe(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 20000, .it_interval.tv_usec = 20000 }, never = { 0 };
	const struct sigaction action = { .sa_handler = on_signal };
	uint64_t packets = 0;
	struct pcapng *file = NULL;
	struct pcapng_packet packet;
	char drain[4096];
	int ends[2], error;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pcapng_begin(ends[1], &section, &file), 0);
	packet = packet_of(interface_of(file, "eth0", PCAPNG_RAW), "x");
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	for (int nonblocking = 0; nonblocking <= 1; nonblocking++) {
		assert_int_equal(fcntl(ends[1], F_SETFL, nonblocking ? O_NONBLOCK : 0), 0);
		assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
		while ((error = pcapng_write_packet(file, &packet)) == 0 && packets < 1000000)
			packets++;
		assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
		assert_int_equal(error, -EINTR);
		assert_int_equal(pcapng_error(file), 0);
		assert_int_equal(read(ends[0], drain, sizeof(drain)), sizeof(drain));
		assert_int_equal(pcapng_write_packet(file, &packet), 0);
		packets++;
		assert_int_equal(pcapng_packets(file), packets);
	}
	pcapng_free(file);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_blocks_of_a_file),
		cmocka_unit_test(what_is_not_known_is_not_written),
		cmocka_unit_test(interfaces_are_described_once_and_when_they_come),
		cmocka_unit_test(too_many_interfaces_share_one),
		cmocka_unit_test(a_packet_without_link_gets_one),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(a_full_disk_is_told_once),
		cmocka_unit_test(a_limit_within_a_block_leaves_whole_ones),
		cmocka_unit_test(a_closed_pipe_is_told_once),
		cmocka_unit_test(a_signal_ends_waiting_for_a_full_pipe),
	};

	return cmocka_run_group_tests_name("capture/pcapng", tests, NULL, NULL);
}
