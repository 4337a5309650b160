/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel logs that somebody pasted: each layout of stamps, whole logs and picked lines, and who is named. */
#include "unit/tickets.h"

static void assert_told(const char *text, const char *counter, const char *object, uint64_t wanted)
{
	struct ticket ticket = ticket_of(text);
	uint64_t told = ticket_told(&ticket, counter, object);

	if (told != wanted)
		fail_msg("%s of %s is %llu in: %s", counter, object, (unsigned long long)told, text);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void every_stamp_is_taken_off(void **state)
{
	static const char *const stamps[] = {
		"[12345.678901] ",
		"[    1.000000] ",
		"[Fri Nov 20 10:00:00 2026] ",
		"[12345.678901 <    0.000012>] ",
		"[  +0.000003] ",
		"[Nov20 10:00] ",
		"[12345.678901][ T1234] ",
		"[12345.678901][    C0] ",
		"<4>[12345.678901] ",
		"kern  :warn  : [12345.678901] ",
		"Nov 20 10:00:00 gw kernel: ",
		"Nov  2 10:00:00 gw kernel: [12345.678901] ",
		"Nov 20 10:00:00.123456 gw kernel: ",
		"2026-11-20T10:00:00+0000 gw kernel: ",
		"2026-11-20T10:00:00.123456+00:00 gw kernel: [12345.678901] ",
		"Fri 2026-11-20 10:00:00 UTC gw kernel: ",
		"[12345.678901] gw kernel: ",
		"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(stamps); i++) {
		CLEANUP_FREE char *text =
			text_format("%snf_conntrack: nf_conntrack: table full, dropping packet\n", stamps[i]);

		assert_told(text, "kernel_log.conntrack_full", "this host", 1);
	}
}

/* The lines of each case are those of the real hosts. */
static void lines_say_what_the_live_log_says(void **state)
{
	static const struct {
		const char *line, *counter, *object;
		uint64_t value;
	} lines[] = {
		{ "[1.0] nf_queue: full at 1024 entries, dropping packets(s)", "kernel_log.nfqueue_full", "this host",
		  1 },
		{ "[1.0] neighbour: arp_cache: neighbor table overflow!", "kernel_log.neighbour_overflow", "this host",
		  1 },
		{ "Neighbour table overflow.", "kernel_log.neighbour_overflow", "this host", 1 },
		{ "[1.0] net_ratelimit: 25 callbacks suppressed", "kernel_log.suppressed", "this host", 25 },
		{ "[1.0] IPv4: martian source 10.0.0.1 from 127.0.0.1, on dev eth0", "kernel_log.martian", "this host",
		  1 },
		{ "[1.0] NETDEV WATCHDOG: eth0 (e1000e): transmit queue 0 timed out", "kernel_log.tx_timeout", "eth0",
		  1 },
		{ "[1.0] ixgbe 0000:03:00.1 ens3f1: NIC Link is Down", "kernel_log.link_down", "ens3f1", 1 },
		{ "[1.0] e1000e: eth2 NIC Link is Down", "kernel_log.link_down", "eth2", 1 },
		{ "[1.0] bnx2x 0000:04:00.0: p1p1: NIC Link is Down", "kernel_log.link_down", "p1p1", 1 },
		{ "[1.0] e1000e: eth2 NIC Link is Down", "kernel_log.link_down", "this host", 1 },
		{ "[1.0] ixgbe 0000:03:00.1 ens3f1: 1934439 Spoofed packets detected", "kernel_log.spoofed_packets",
		  "ens3f1", 1934439 },
		{ "[1.0] 7 Spoofed packets detected", "kernel_log.spoofed_packets", "this host", 7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_told(lines[i].line, lines[i].counter, lines[i].object, lines[i].value);
}

/* Figures: an ixgbe host and a gateway with a netfilter queue, both public. */
static void numbers_of_lines_add_up(void **state)
{
	static const char spoofed[] = "[340246.52] ixgbe 0000:03:00.1 ens3f1: 1934439 Spoofed packets detected\n"
				      "[340248.53] ixgbe 0000:03:00.1 ens3f1: 2287641 Spoofed packets detected\n"
				      "[340250.53] ixgbe 0000:03:00.1 ens3f1: 2287730 Spoofed packets detected\n"
				      "[340250.60] ixgbe 0000:03:00.1 ens3f1: initiating reset due to lost link\n";
	static const char queue[] = "[1.0] nf_queue: full at 1024 entries, dropping packets(s). Dropped: 18600\n"
				    "[2.0] nf_queue: full at 1024 entries, dropping packets(s). Dropped: 18601\n";

	assert_told(spoofed, "kernel_log.spoofed_packets", "ens3f1", 6509810);
	assert_told(queue, "kernel_log.nfqueue_full", "this host", 2);
	assert_told(queue, "kernel_log.nfqueue_dropped", "this host", 18601);
}

static void a_whole_log_tells_what_was_not_said(void **state)
{
	struct ticket ticket = ticket_of("$ dmesg -T\n"
					 "[Fri Nov 20 10:00:00 2026] Linux version 6.1.0\n"
					 "[Fri Nov 20 10:00:01 2026] TCP: too many orphaned sockets\n"
					 "[Fri Nov 20 10:00:02 2026] usb 1-1: new device\n");
	const struct observation *seen;

	assert_int_equal(ticket_told(&ticket, "kernel_log.tcp_orphans", "this host"), 1);
	assert_int_equal(ticket_told(&ticket, "kernel_log.conntrack_full", "this host"), 0);
	assert_true(ticket_cell(&ticket, "kernel_log.tcp_orphans", "this host")->state & CELL_SINCE_BOOT);
	seen = series_observation(ticket.series, SOURCE_KERNEL_LOG, OBJECT_HOST_ID);
	assert_non_null(seen);
	assert_false(seen->partial);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void picked_lines_tell_nothing_of_others(void **state)
{
	static const char *const picked[] = {
		"$ dmesg | grep -i orphan\n[1.0] TCP: too many orphaned sockets\n",
		"$ dmesg | tail -3\n[1.0] TCP: too many orphaned sockets\n",
		"$ dmesg -l warn\n[1.0] TCP: too many orphaned sockets\n",
		"$ grep kernel /var/log/messages\nNov 20 10:00:00 gw kernel: TCP: too many orphaned sockets\n",
		"the log says:\n[1.0] TCP: too many orphaned sockets\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(picked); i++) {
		struct ticket ticket = ticket_of(picked[i]);

		assert_int_equal(ticket_told(&ticket, "kernel_log.tcp_orphans", "this host"), 1);
		assert_null(ticket_cell(&ticket, "kernel_log.conntrack_full", "this host"));
		assert_true(series_observation(ticket.series, SOURCE_KERNEL_LOG, OBJECT_HOST_ID)->partial);
		ticket_free(&ticket);
	}
}

static void twice_is_before_and_after(void **state)
{
	assert_told("$ dmesg\n[1.0] TCP: too many orphaned sockets\n$ dmesg\n[1.0] TCP: too many orphaned sockets\n"
		    "[2.0] TCP: too many orphaned sockets\n[3.0] TCP: too many orphaned sockets\n",
		    "kernel_log.tcp_orphans", "this host", 2);
	/* Lines that were picked in two places are one log: the later ones come on top. */
	assert_told("[1.0] TCP: too many orphaned sockets\n$ uname -r\n6.1.0\n"
		    "$ ls\n[2.0] TCP: too many orphaned sockets\n[3.0] TCP: too many orphaned sockets\n",
		    "kernel_log.tcp_orphans", "this host", 2);
}

static void what_programs_wrote_is_left_out(void **state)
{
	struct ticket ticket = ticket_of("$ cat /var/log/syslog\n"
					 "Nov 20 10:00:00 gw logger[12]: nf_conntrack: table full, dropping packet\n"
					 "Nov 20 10:00:00 gw kernel: TCP: too many orphaned sockets\n"
					 "Nov 20 10:00:01 gw sshd[13]: session opened\n");

	assert_int_equal(ticket_told(&ticket, "kernel_log.conntrack_full", "this host"), 0);
	assert_int_equal(ticket_told(&ticket, "kernel_log.tcp_orphans", "this host"), 1);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void other_texts_are_no_logs(void **state)
{
	static const char *const texts[] = {
		"[  5]   0.00-10.00  sec  1.10 MBytes   941 Mbits/sec  12\n",
		"    12 time wait bucket table overflow\n",
		"we saw that nf_conntrack: table full, dropping packet was there\n",
		"[root@host ~]\n",
		"[]\n[\n[1.0]\n[.] x\n<4>\n<\nkern :\n",
		"Nov 20 10:00:00\n",
		"Nov 20 99 99 kernel: nf_conntrack: table full\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		assert_null(ticket_cell(&ticket, "kernel_log.conntrack_full", "this host"));
		assert_null(ticket_cell(&ticket, "kernel_log.time_wait", "this host"));
		ticket_free(&ticket);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stamp_is_taken_off),
		cmocka_unit_test(lines_say_what_the_live_log_says),
		cmocka_unit_test(numbers_of_lines_add_up),
		cmocka_unit_test(a_whole_log_tells_what_was_not_said),
		cmocka_unit_test(picked_lines_tell_nothing_of_others),
		cmocka_unit_test(twice_is_before_and_after),
		cmocka_unit_test(what_programs_wrote_is_left_out),
		cmocka_unit_test(other_texts_are_no_logs),
	};

	return cmocka_run_group_tests_name("evidence/ticket log", tests, NULL, NULL);
}
