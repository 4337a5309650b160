/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connection tracking, settings and neighbours as people paste them. */
#include "unit/tickets.h"

#define HOST "this host"
#define SEE(ticket, counter, object, value) assert_int_equal(ticket_told(&(ticket), counter, object), value)

static char netns[64];

/* How evidence names the ticket's namespace. */
static const char *home(const struct ticket *ticket)
{
	CLEANUP_TEXT struct text described = { 0 };
	struct object_key key = { OBJECT_NETNS, objects_home(ticket->objects), 0, 0 };

	object_describe(ticket->objects, object_find(ticket->objects, key), &described);
	snprintf(netns, sizeof(netns), "%s", text_string(&described));
	return netns;
}

/* Layouts: hotsos-openstack, snat-race of the raw outputs, conntrack 1.4.7. */
static void cpus_are_added_up(void **state)
{
	struct ticket ticket =
		ticket_of("root@host:~# conntrack -S\n"
			  "cpu=0   \tfound=0 invalid=6914 ignore=283790 insert=0 insert_failed=74 drop=74 "
			  "early_drop=0 error=0 search_restart=9916 \n"
			  "cpu=1   \tfound=0 invalid=30 ignore=275739 insert=0 insert_failed=175 drop=175 "
			  "early_drop=0 error=0 search_restart=4151 \n"
			  "root@host:~# conntrack -S\n"
			  "cpu=0 found=0 invalid=6914 insert=0 insert_failed=80 drop=81 early_drop=2 error=0 "
			  "search_restart=9916 clash_resolve=3 chaintoolong=4 \n"
			  "cpu=1 found=0 invalid=31 insert=0 insert_failed=175 drop=175 early_drop=0 error=0 "
			  "search_restart=4151 clash_resolve=0 chaintoolong=1 \n");

	assert_understood(&ticket);
	SEE(ticket, "conntrack.insert_failed", home(&ticket), 6);
	SEE(ticket, "conntrack.drop", home(&ticket), 7);
	SEE(ticket, "conntrack.invalid", home(&ticket), 1);
	SEE(ticket, "conntrack.early_drop", home(&ticket), 2);
	SEE(ticket, "conntrack.search_restart", home(&ticket), 0);
	SEE(ticket, "conntrack.chaintoolong", home(&ticket), 5);
	ticket_free(&ticket);
}

static void cpus_begin_again_without_a_prompt(void **state)
{
	struct ticket ticket = ticket_of("cpu=0 found=1 invalid=10 insert_failed=1 drop=1\n"
					 "cpu=1 found=1 invalid=20 insert_failed=2 drop=2\n"
					 "cpu=0 found=1 invalid=11 insert_failed=5 drop=5\n"
					 "cpu=1 found=1 invalid=22 insert_failed=2 drop=2\n"
					 "cpu=2 found=\n");

	assert_int_equal(ticket.not_understood, 1);
	SEE(ticket, "conntrack.invalid", home(&ticket), 3);
	SEE(ticket, "conntrack.drop", home(&ticket), 4);
	ticket_free(&ticket);
}

/* Layout: kubernetes#56903. */
static void names_stand_below_each_other(void **state)
{
	struct ticket ticket =
		ticket_of("entries   \t\t90\nsearched  \t\t2228\nfound     \t\t3774748\nnew       \t\t132421\n"
			  "invalid   \t\t1\ninsert_failed\t\t12\ndrop      \t\t13\nicmp_error\t\t4\n"
			  "conntrack v1.4.4 (conntrack-tools): Operation failed: sorry, you must be root or get "
			  "CAP_NET_ADMIN capability to do this\n");

	assert_understood(&ticket);
	SEE(ticket, "conntrack.count", home(&ticket), 90);
	SEE(ticket, "conntrack.found", home(&ticket), 3774748);
	SEE(ticket, "conntrack.drop", home(&ticket), 13);
	SEE(ticket, "conntrack.error", home(&ticket), 4);
	ticket_free(&ticket);
}

static void counts_stand_alone(void **state)
{
	struct ticket ticket = ticket_of("# conntrack -C\n262100\n"
					 "# cat /proc/sys/net/netfilter/nf_conntrack_max\n262144\n"
					 "# ip netns exec x conntrack -C\n7\n"
					 "# conntrack -L\n"
					 "tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 "
					 "src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [ASSURED] mark=0 use=1\n"
					 "conntrack v1.4.7 (conntrack-tools): 262101 flow entries have been shown.\n");

	assert_understood(&ticket);
	SEE(ticket, "conntrack.count", home(&ticket), 262101);
	SEE(ticket, "sysctl.net.netfilter.nf_conntrack_max", home(&ticket), 262144);
	ticket_free(&ticket);
}

static void settings_have_many_spellings(void **state)
{
	struct ticket ticket =
		ticket_of("$ sysctl -a\n"
			  "abi.vsyscall32 = 1\n"
			  "net.core.rmem_max = 212992\n"
			  "net.ipv4.tcp_mem = 287901\t383868\t575802\n"
			  "net.ipv4.tcp_rmem = 4096 131072 6291456\n"
			  "net.ipv4.tcp_congestion_control = cubic\n"
			  "net.ipv4.conf.eth0.rp_filter = 1\n"
			  "net.ipv4.conf.eth0/100.rp_filter = 2\n"
			  "net.ipv4.conf.all.rp_filter = 0\n"
			  "net.ipv4.neigh.default.gc_thresh3 = 1024\n"
			  "net.netfilter.nf_conntrack_count = 12\n"
			  "net.netfilter.nf_log.1 = NONE\n"
			  "sysctl: permission denied on key 'net.ipv4.tcp_fastopen_key'\n"
			  "$ cat /proc/sys/net/core/netdev_max_backlog /proc/sys/net/core/netdev_budget\n1000\n300\n"
			  "$ grep . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/tcp_syncookies\n"
			  "/proc/sys/net/ipv4/ip_forward:1\n/proc/sys/net/ipv4/tcp_syncookies:0\n"
			  "$ sysctl -n net.core.somaxconn net.ipv4.udp_mem\n4096\n1 2 3\n"
			  "$ echo\n"
			  "net/core/wmem_default=5\nnet.core.rmem_default: 6\n"
			  "net/ipv4/conf/eth1.7/rp_filter = 1\n");

	assert_understood(&ticket);
	SEE(ticket, "sysctl.net.core.rmem_max", HOST, 212992);
	SEE(ticket, "sysctl.net.ipv4.tcp_mem.pressure", HOST, 383868);
	SEE(ticket, "sysctl.net.ipv4.tcp_rmem.max", home(&ticket), 6291456);
	SEE(ticket, "sysctl.net.ipv4.conf.rp_filter", "eth0", 1);
	SEE(ticket, "sysctl.net.ipv4.conf.rp_filter", "eth0.100", 2);
	SEE(ticket, "sysctl.net.ipv4.conf.rp_filter", "eth1.7", 1);
	SEE(ticket, "sysctl.net.ipv4.conf.all.rp_filter", home(&ticket), 0);
	SEE(ticket, "sysctl.net.ipv4.neigh.default.gc_thresh3", HOST, 1024);
	SEE(ticket, "conntrack.count", home(&ticket), 12);
	SEE(ticket, "sysctl.net.core.netdev_max_backlog", HOST, 1000);
	SEE(ticket, "sysctl.net.core.netdev_budget", HOST, 300);
	SEE(ticket, "sysctl.net.ipv4.ip_forward", home(&ticket), 1);
	SEE(ticket, "sysctl.net.core.somaxconn", home(&ticket), 4096);
	SEE(ticket, "sysctl.net.ipv4.udp_mem.max", HOST, 3);
	SEE(ticket, "sysctl.net.core.wmem_default", HOST, 5);
	SEE(ticket, "sysctl.net.core.rmem_default", HOST, 6);
	ticket_free(&ticket);
}

static void neighbours_that_do_not_resolve(void **state)
{
	struct ticket ticket = ticket_of("$ ip -s -s -d neigh\n"
					 "10.9.0.2 dev va lladdr 02:00:00:00:00:02  used 1/2/2probes 0 PERMANENT \n"
					 "10.9.0.77 dev va  used 4/64/1probes 6 FAILED \n"
					 "10.9.0.78 dev va  ref 1 used 3/63/3probes 6 INCOMPLETE \n"
					 "fe80::1 dev va lladdr 02:00:00:00:00:03 router STALE proto zebra\n"
					 "fe80::2 dev va FAILED\n");
	const struct object *entry;

	assert_understood(&ticket);
	SEE(ticket, "neigh.failed", home(&ticket), 2);
	SEE(ticket, "neigh.incomplete", home(&ticket), 1);
	for (uint32_t id = 0; id < objects_count(ticket.objects); id++) {
		entry = object_get(ticket.objects, id);
		if (entry->key.kind != OBJECT_NEIGHBOUR || strcmp(object_text(entry, LABEL_ADDRESS), "10.9.0.78") != 0)
			continue;
		assert_string_equal(object_text(entry, LABEL_KIND), "INCOMPLETE");
		assert_string_equal(object_text(object_get(ticket.objects, entry->link), LABEL_NAME), "va");
		ticket_free(&ticket);
		return;
	}
	fail();
}

static void arp_lists_them_in_three_layouts(void **state)
{
	static const char *const texts[] = {
		"$ arp -an\n? (10.9.0.2) at 02:00:00:00:00:02 [ether] PERM on va\n"
		"? (10.9.0.77) at <incomplete> on va\n? (10.9.0.78) at <incomplete> on va\n",
		"Address                  HWtype  HWaddress           Flags Mask            Iface\n"
		"10.9.0.2                 ether   02:00:00:00:00:02   CM                    va\n"
		"10.9.0.77                        (incomplete)                              va\n"
		"10.9.0.78                        (incomplete)                              va\n",
		"IP address       HW type     Flags       HW address            Mask     Device\n"
		"10.9.0.2         0x1         0x6         02:00:00:00:00:02     *        va\n"
		"10.9.0.77        0x1         0x0         00:00:00:00:00:00     *        va\n"
		"10.9.0.78        0x1         0x0         00:00:00:00:00:00     *        va\n",
		"10.9.0.2 lladdr 02:00:00:00:00:02  used 0/0/0probes 0 PERMANENT\n"
		"10.9.0.77  used 4/64/1probes 6 INCOMPLETE\n10.9.0.78 INCOMPLETE\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		assert_understood(&ticket);
		SEE(ticket, "neigh.incomplete", home(&ticket), 2);
		SEE(ticket, "neigh.failed", home(&ticket), 0);
		ticket_free(&ticket);
	}
}

static const char *state_of(const struct ticket *ticket, const char *address)
{
	const struct object *object;
	uint32_t id;

	each_object(ticket->objects, id, object) {
		if (object->key.kind == OBJECT_NEIGHBOUR && strcmp(object_text(object, LABEL_ADDRESS), address) == 0)
			return object_text(object, LABEL_KIND);
	}
	return "";
}

/* arp says "incomplete" of those that were given up, too: what ip says of them stands, whichever comes first. */
static void arp_takes_nothing_back(void **state)
{
	static const char ip[] = "$ ip neigh\n10.9.0.77 dev va FAILED\n10.9.0.78 dev va INCOMPLETE\n"
				 "10.9.0.2 dev va lladdr 02:fc:00:00:00:05 REACHABLE\n";
	static const char arp[] =
		"$ arp -an\n? (10.9.0.77) at <incomplete> on va\n? (10.9.0.78) at <incomplete> on va\n"
		"? (10.9.0.2) at 02:fc:00:00:00:05 [ether] on va\n";

	for (int arp_first = 0; arp_first < 2; arp_first++) {
		CLEANUP_FREE char *text = text_format("%s%s", arp_first ? arp : ip, arp_first ? ip : arp);
		struct ticket ticket = ticket_of(text);

		assert_understood(&ticket);
		SEE(ticket, "neigh.failed", home(&ticket), 1);
		SEE(ticket, "neigh.incomplete", home(&ticket), 1);
		assert_string_equal(state_of(&ticket, "10.9.0.77"), "FAILED");
		assert_string_equal(state_of(&ticket, "10.9.0.78"), "INCOMPLETE");
		ticket_free(&ticket);
	}
}

/* A neighbour that ip told twice did change. */
static void neighbours_that_were_given_up_in_between(void **state)
{
	struct ticket ticket = ticket_of("$ ip neigh\n10.9.0.77 dev va INCOMPLETE\n"
					 "$ ip neigh\n10.9.0.77 dev va FAILED\n");

	SEE(ticket, "neigh.failed", home(&ticket), 1);
	SEE(ticket, "neigh.incomplete", home(&ticket), 0);
	ticket_free(&ticket);
}

#define TABLE(fulls)                                                                                         \
	"entries  allocs destroys hash_grows  lookups hits  res_failed  rcv_probes_mcast rcv_probes_ucast  " \
	"periodic_gc_runs forced_gc_runs unresolved_discards table_fulls\n"                                  \
	"00000014  00000001 00000002 00000003  00000004 00000005  00000006  00000007 00000008  00000009 "    \
	"0000000a 0000000b " fulls "\n"

/* The two files look alike. */
static void tables_are_told_by_their_names(void **state)
{
	static const char *const texts[] = {
		"$ cat /proc/net/stat/arp_cache /proc/net/stat/ndisc_cache\n" TABLE("0000000c") TABLE("00000001"),
		"$ head -n 99 /proc/net/stat/*_cache\n==> /proc/net/stat/ndisc_cache <==\n" TABLE(
			"00000001") "\n==> /proc/net/stat/arp_cache <==\n" TABLE("0000000c"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		assert_understood(&ticket);
		SEE(ticket, "neigh.table_fulls", "neighbour table arp_cache", 12);
		SEE(ticket, "neigh.table_fulls", "neighbour table ndisc_cache", 1);
		ticket_free(&ticket);
	}
}

static void a_table_without_a_name(void **state)
{
	struct ticket ticket = ticket_of(TABLE("0000000c"));

	assert_int_equal(ticket.outputs.count, 1);
	assert_non_null(strstr(ticket.outputs.data[0].fault, "look alike"));
	assert_null(ticket_cell(&ticket, "neigh.table_fulls", "neighbour table arp_cache"));
	assert_null(ticket_cell(&ticket, "neigh.table_fulls", "neighbour table ndisc_cache"));
	ticket_free(&ticket);
}

/* Layout: the fixtures of prometheus/procfs. */
static void tables_tell_in_hexadecimal(void **state)
{
	static const char header[] =
		"entries  allocs destroys hash_grows  lookups hits  res_failed  rcv_probes_mcast "
		"rcv_probes_ucast  periodic_gc_runs forced_gc_runs unresolved_discards table_fulls\n";
	CLEANUP_FREE char *text = text_format(
		"$ cat /proc/net/stat/ndisc_cache\n%s"
		"00000024  000000f0 000000f1 000000f2  000000f3 000000f4  000000f5  000000f6 000000f7  000000f8 000000f9 "
		"000000fa 000000fb\n"
		"$ cat /proc/net/stat/arp_cache\n%s"
		"00000014  00000001 00000002 00000003  00000004 00000005  00000006  00000007 00000008  00000009 0000000a "
		"0000000b 0000000c\n"
		"00000014  0000000d 0000000e 0000000f  00000010 00000011  00000012  00000013 00000014  00000015 00000016 "
		"00000017 00000018\n"
		"%s"
		"00000014  00000001 00000002 00000003  00000004 00000005  00000006  00000007 00000008  00000009 0000000a "
		"0000000b 0000000f\n"
		"00000014  0000000d 0000000e 0000000f  00000010 00000011  00000012  00000013 00000014  00000015 00000016 "
		"00000117 00000018\n",
		header, header, header);
	struct ticket ticket = ticket_of(text);

	assert_understood(&ticket);
	SEE(ticket, "neigh.entries", "neighbour table arp_cache", 20);
	SEE(ticket, "neigh.table_fulls", "neighbour table arp_cache", 3);
	SEE(ticket, "neigh.unresolved_discards", "neighbour table arp_cache", 256);
	SEE(ticket, "neigh.res_failed", "neighbour table arp_cache", 0);
	SEE(ticket, "neigh.table_fulls", "neighbour table ndisc_cache", 0xfb);
	ticket_free(&ticket);
}

/* Its rows look like those of softnet_stat. Layout: node_exporter. */
static void rows_of_a_table_are_its_own(void **state)
{
	struct ticket ticket =
		ticket_of("entries  searched found new invalid ignore delete delete_list insert insert_failed\n"
			  "00000021  00000000 00000000 00000000 00000003 0000588a 00000000 00000000 00000000 "
			  "00000004\n"
			  "00000021  00000000 00000000 00000000 00000002 000056a4 00000000 00000000 00000000 "
			  "00000005\n");

	assert_understood(&ticket);
	assert_int_equal(ticket.outputs.count, 1);
	SEE(ticket, "conntrack.insert_failed", home(&ticket), 9);
	SEE(ticket, "conntrack.count", home(&ticket), 33);
	ticket_free(&ticket);
}

/* iproute2 6.1 */
static void tables_tell_by_name(void **state)
{
	struct ticket ticket = ticket_of("$ ip -s ntable show\n"
					 "inet arp_cache \n"
					 "    thresh1 128 thresh2 512 thresh3 1024 gc_int 30000 \n"
					 "    config key_len 4 entry_size 336 entries 6 \n"
					 "        last_flush 2026-11-22 04:46:40 last_rand 2026-11-22 04:55:45 \n"
					 "    stats allocs 6538 destroys 6532 hash_grows 4 \n"
					 "    res_failed 33 lookups 26735 hits 1806 \n"
					 "    periodic_gc_runs 900 forced_gc_runs 14493 \n"
					 "    table_fulls 14490 \n"
					 "\n"
					 "inet arp_cache \n"
					 "    dev va \n"
					 "    refcnt 4 reachable 34876 base_reachable 30000 retrans 1000 \n");

	assert_understood(&ticket);
	SEE(ticket, "neigh.gc_thresh3", "neighbour table arp_cache", 1024);
	SEE(ticket, "neigh.entries", "neighbour table arp_cache", 6);
	SEE(ticket, "neigh.res_failed", "neighbour table arp_cache", 33);
	SEE(ticket, "neigh.table_fulls", "neighbour table arp_cache", 14490);
	ticket_free(&ticket);
}

static void garbled_lines_are_told(void **state)
{
	struct ticket ticket = ticket_of("# conntrack -S\ncpu= found=\ncpu=x\ncpu=0\nfoo\n"
					 "# conntrack -C\nmany\n"
					 "# sysctl -a\nnet.core.rmem_max = 99999999999999999999\nnet. = 1\n= 4\n"
					 "net.ipv4.conf..rp_filter = 1\nnet.ipv4.tcp_mem = 1 2\n"
					 "# ip neigh\n10.0.0.1\ndev eth0\n10.0.0.1 dev\n:: FAILED\n"
					 "# cat /proc/net/stat/arp_cache\nentries allocs destroys\nzz\n");

	assert_true(ticket.not_understood >= 8);
	assert_null(ticket_cell(&ticket, "sysctl.net.core.rmem_max", HOST));
	assert_null(ticket_cell(&ticket, "sysctl.net.ipv4.tcp_mem.low", HOST));
	ticket_free(&ticket);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus_are_added_up),
		cmocka_unit_test(cpus_begin_again_without_a_prompt),
		cmocka_unit_test(names_stand_below_each_other),
		cmocka_unit_test(counts_stand_alone),
		cmocka_unit_test(settings_have_many_spellings),
		cmocka_unit_test(neighbours_that_do_not_resolve),
		cmocka_unit_test(arp_lists_them_in_three_layouts),
		cmocka_unit_test(arp_takes_nothing_back),
		cmocka_unit_test(neighbours_that_were_given_up_in_between),
		cmocka_unit_test(tables_are_told_by_their_names),
		cmocka_unit_test(a_table_without_a_name),
		cmocka_unit_test(tables_tell_in_hexadecimal),
		cmocka_unit_test(rows_of_a_table_are_its_own),
		cmocka_unit_test(tables_tell_by_name),
		cmocka_unit_test(garbled_lines_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
