/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that tell nothing, and what is said of them: tools that could not tell, names without values, what was cut off. */
#include "unit/tickets.h"

static void assert_said(const struct ticket *ticket, size_t index, size_t number, const char *tool)
{
	assert_true(index < ticket->strange.count);
	assert_int_equal(ticket->strange.data[index].number, number);
	if (tool)
		assert_string_equal(ticket->strange.data[index].said, tool);
	else
		assert_null(ticket->strange.data[index].said);
}

static void tools_say_that_they_cannot_tell(void **state)
{
	struct ticket ticket = ticket_of("Cannot get device ring settings: Operation not supported\n"
					 "$ ethtool -g eth9\n"
					 "Cannot get device ring settings: No such device\n"
					 "$ cat /proc/net/foo\n"
					 "cat: /proc/net/foo: Aucun fichier ou dossier de ce type\n"
					 "$ mtr 10.0.0.1\n"
					 "bash: mtr: commande introuvable\n"
					 "$ conntrack -S\n"
					 "Operation failed: Operation not permitted\n");

	assert_said(&ticket, 0, 1, "ethtool -g");
	assert_said(&ticket, 1, 3, "ethtool -g");
	assert_said(&ticket, 2, 5, "cat");
	assert_said(&ticket, 3, 7, "the shell");
	assert_said(&ticket, 4, 9, "conntrack -S");
	assert_int_equal(ticket.strange.count, 5);
	ticket_free(&ticket);
}

/* ethtool-S.bond0.node_exporter.txt, as one file of a collection. */
static void an_error_in_place_of_a_file(void **state)
{
	struct ticket_reader *reader = ticket_begin();
	struct ticket ticket;

	ticket_add(reader, "bond0/statistics", "ethtool -S bond0", 0, slice_of("ERROR: 1\n"));
	ticket_end(reader, &ticket);
	assert_said(&ticket, 0, 1, "ethtool -S");
	assert_string_equal(ticket.strange.data[0].part, "bond0/statistics");
	assert_int_equal(ticket.outputs.count, 0);
	ticket_free(&ticket);
}

/* The same of many devices is said once. */
static void complaints_are_listed_once(void **state)
{
	struct ticket ticket = ticket_of("$ ethtool -g a\nCannot get device ring settings: No such device\n"
					 "$ ethtool -g b\nCannot get device ring settings: No such device\n"
					 "$ ethtool -g c\nCannot get device ring settings: No such device\n"
					 "$ ethtool -g d\nCannot get device ring settings: Operation not permitted\n");

	assert_int_equal(ticket.strange.count, 2);
	assert_int_equal(ticket.strange.data[0].lines, 3);
	assert_int_equal(ticket.strange.data[1].lines, 1);
	assert_int_equal(ticket.not_understood, 4);
	ticket_free(&ticket);
}

/* A driver that lacks what was asked for is nobody's mistake. */
static void what_drivers_lack_is_no_failure(void **state)
{
	struct ticket ticket = ticket_of("$ ethtool -g veth0\nRing parameters for veth0:\n"
					 "Cannot get device ring settings: Operation not supported\n"
					 "$ ethtool -c veth0\nnetlink error: Operation not supported\n");

	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void assert_reason(const char *text, size_t number, size_t lines, const char *part_of_reason)
{
	struct ticket ticket = ticket_of(text);

	assert_int_equal(ticket.strange.count, 1);
	assert_int_equal(ticket.strange.data[0].number, number);
	assert_int_equal(ticket.strange.data[0].lines, lines);
	if (part_of_reason)
		assert_non_null(strstr(ticket.strange.data[0].why, part_of_reason));
	else
		assert_null(ticket.strange.data[0].why);
	assert_int_equal(ticket.outputs.count, 0);
	ticket_free(&ticket);
}

/* ethtool-S.ice-names.kernel-source.txt */
static void names_without_values(void **state)
{
	assert_reason("rx_unicast\ntx_unicast\nrx_multicast\nrx_bytes.nic\nrx_crc_errors.nic\nrx_undersize.nic\n"
		      "rx_jabber.nic\nrx_dropped.nic\nmac_local_faults.nic\ntx_dropped_link_down.nic\n",
		      1, 10, "without their values");
}

/* procfs-proc_net_softnet_stat.broken.txt: fields beyond the fourth are gone. */
static void softnet_that_was_cut(void **state)
{
	assert_reason("00015c73 00020e76 F0000769 00000000\n", 1, 1, "cut off");
	assert_reason("$ cat /proc/net/softnet_stat\n00015c73 00020e76 F0000769 00000000\n"
		      "00015c73 00020e76 F0000769 00000000\n",
		      2, 2, "cut off");
}

/* qdisc-netlink.node_exporter.json */
static void json_of_other_programs(void **state)
{
	assert_reason(
		"[\n    {\n        \"IfaceName\": \"wlan0\",\n        \"Bytes\": 42,\n        \"Drops\": 1\n    }\n]\n",
		1, 7, "JSON");
}

static void json_behind_a_command(void **state)
{
	struct ticket ticket = ticket_of("$ ip -j -s link\n[{\"ifindex\":1,\"ifname\":\"lo\",\"stats64\":{}}]\n");

	assert_int_equal(ticket.strange.count, 1);
	assert_non_null(strstr(ticket.strange.data[0].why, "JSON"));
	ticket_free(&ticket);
}

static void prose_has_no_reason(void **state)
{
	assert_reason("nothing works since this morning\n", 1, 1, NULL);
	assert_reason("[see \"above\"]\n", 1, 1, NULL);
}

/* It is how several tools begin, and tells the host. */
static void the_banner_of_sysstat(void **state)
{
	struct ticket ticket = ticket_of("Linux 6.1.0-18-amd64 (web-1) \t11/23/2026 \t_x86_64_\t(2 CPU)\n\n"
					 "UdpInErrors 1 0.0\n");

	assert_understood(&ticket);
	assert_string_equal(ticket.hostname, "web-1");
	assert_string_equal(ticket.kernel, "6.1.0-18-amd64");
	assert_int_equal(ticket.outputs.count, 1);
	ticket_free(&ticket);
	assert_reason("Linux is (as far as I know) 5 times as fast\n", 1, 1, NULL);
}

/* What bears on no loss is known, and not listed. */
static void outputs_that_bear_on_nothing(void **state)
{
	static const char *const texts[] = {
		"procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n"
		" r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n"
		" 1  0      0 23817860   2692 680124    0    0   938   733  447 1219 30  8 61  0  0\n",
		"procs ----------mémoire---------- -échange- -----io---- -système- ------cpu-----\n"
		" r  b   swpd  libre tampon  cache   si   so    bi    bo   in   cs us sy id wa st\n"
		" 1  0      0 23961488   5844 484868    0    0   909   759  468 1283 32  9 59  0  0\n",
		"$ vmstat -s\n     24684092 K total memory\n       494212 K used memory\n",
		"Linux 6.18.44 (vm) \t11/22/26 \t_x86_64_\t(2 CPU)\n\n"
		"avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n"
		"          26.49    3.83    8.49    0.26    0.06   60.87\n\n"
		"Device             tps    kB_read/s    kB_wrtn/s    kB_dscd/s    kB_read    kB_wrtn    kB_dscd\n"
		"vda             116.73      1861.92      1454.93      1143.30   45878369   35850036   28171216\n",
		"               total        used        free      shared  buff/cache   available\n"
		"Mem:        24684092      494096    23820072        8856      682976    24189996\n"
		"Swap:              0           0           0\n",
		"$ ip -s maddr\n1:\tlo\n\tinet  224.0.0.1\n2:\tva\n\tlink  33:33:00:00:00:01 users 2\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		assert_understood(&ticket);
		assert_int_equal(ticket.outputs.count, 1);
		assert_true(ticket.outputs.data[0].unrelated);
		assert_int_equal(series_cells(ticket.series), 0);
		ticket_free(&ticket);
	}
}

/* What only begins like one is not. */
static void prose_behind_vmstat(void **state)
{
	struct ticket ticket = ticket_of("$ vmstat 1\nthe machine hung here\nUdpInErrors 7 0.0\n");

	assert_int_equal(ticket.strange.count, 1);
	assert_int_equal(ticket_told(&ticket, "UdpInErrors", "this host"), 7);
	ticket_free(&ticket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tools_say_that_they_cannot_tell),
		cmocka_unit_test(an_error_in_place_of_a_file),
		cmocka_unit_test(complaints_are_listed_once),
		cmocka_unit_test(what_drivers_lack_is_no_failure),
		cmocka_unit_test(names_without_values),
		cmocka_unit_test(softnet_that_was_cut),
		cmocka_unit_test(json_of_other_programs),
		cmocka_unit_test(json_behind_a_command),
		cmocka_unit_test(prose_has_no_reason),
		cmocka_unit_test(the_banner_of_sysstat),
		cmocka_unit_test(outputs_that_bear_on_nothing),
		cmocka_unit_test(prose_behind_vmstat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
