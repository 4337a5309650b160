/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of sockets, pasted: ss in its layouts, netstat, /proc/net/udp and tcp. */
#include "unit/tickets.h"

#include "model/counter.h"

/* A private namespace, iproute2-6.1.0, kernel 6.18 */
static const char udp[] = "State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess          \n"
			  "UNCONN 7680   0          127.0.0.1:5556       0.0.0.0:*    ino:69058 sk:18 cgroup:/ <->\n"
			  "\t skmem:(r7680,rb8192,t0,tb212992,f512,w0,o0,bl0,d194)\n"
			  "UNCONN 0      0            0.0.0.0:54902      0.0.0.0:*    ino:69059 sk:19 cgroup:/ <->\n"
			  "\t skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl3,d0)     \n";

static void udp_memory_and_drops(void **state)
{
	struct ticket ticket = ticket_of(udp);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "socket.drops", "udp 127.0.0.1:5556"), 194);
	assert_int_equal(ticket_told(&ticket, "socket.rmem", "udp 127.0.0.1:5556"), 7680);
	assert_int_equal(ticket_told(&ticket, "socket.rcvbuf", "udp 127.0.0.1:5556"), 8192);
	assert_int_equal(ticket_told(&ticket, "socket.rqueue", "udp 127.0.0.1:5556"), 7680);
	assert_int_equal(ticket_told(&ticket, "socket.sndbuf", "udp 0.0.0.0:54902"), 212992);
	assert_int_equal(ticket_told(&ticket, "socket.backlog", "udp 0.0.0.0:54902"), 3);
	assert_true(ticket.since_boot);
	ticket_free(&ticket);
}

static void before_and_after(void **state)
{
	static const char text[] = "$ ss -uanmp\n"
				   "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
				   "UNCONN 7680   0      *:5556    *:*     users:((\"collector\",pid=77,fd=6))\n"
				   "\t skmem:(r7680,rb8192,t0,tb212992,f512,w0,o0,bl0,d194)\n"
				   "$ ss -uanmp\n"
				   "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
				   "UNCONN 7680   0      *:5556    *:*     users:((\"collector\",pid=77,fd=6))\n"
				   "\t skmem:(r8000,rb8192,t0,tb212992,f512,w0,o0,bl0,d200)\n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "socket.drops", "udp *:5556 (collector, pid 77)"), 6);
	assert_int_equal(ticket_told(&ticket, "socket.rmem", "udp *:5556 (collector, pid 77)"), 8000);
	assert_false(ticket.since_boot);
	ticket_free(&ticket);
}

static void tcp_listener_and_connections(void **state)
{
	static const char text[] =
		"# ss -tinmpa\n"
		"State    Recv-Q Send-Q  Local Address:Port  Peer Address:Port Process\n"
		"LISTEN   3      2           127.0.0.1:5555       0.0.0.0:*     users:((\"nginx\",pid=1,fd=6),(\"nginx\",pid=13,fd=6))\n"
		"\t skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d7) bbr cwnd:10 unacked:3\n"
		"SYN-RECV 0      0           127.0.0.1:5555     127.0.0.1:40000\n"
		"SYN-RECV 0      0           127.0.0.1:5555     127.0.0.1:40001\n"
		"ESTAB    128096 0           127.0.0.1:5555     127.0.0.1:47018\n"
		"\t skmem:(r130592,rb131072,t0,tb3939840,f4576,w0,o0,bl0,d3) ts sack cubic wscale:10,10 rto:204 rtt:0.022/0.011 "
		"ato:80 mss:32768 pmtu:65535 rcvmss:47616 cwnd:10 bytes_retrans:4344 segs_out:4 segs_in:9 data_segs_out:5 "
		"retrans:1/3 lost:1 busy:12ms rwnd_limited:4ms(33.3%) reord_seen:2 dsack_dups:1 rcv_ooopack:8 minrtt:0.022\n"
		"ESTAB    0 0           127.0.0.1:5555     127.0.0.1:47020\n"
		"\t cubic rto:1000.5 rtt:5.406/10.754 mss:1448 cwnd:10 segs_in:2 backoff:2\n"
		"TIME-WAIT 0 0          127.0.0.1:5555     127.0.0.1:47022\n";
	static const char listener[] = "tcp 127.0.0.1:5555 (nginx, pid 13)";
	static const char first[] = "tcp 127.0.0.1:5555 > 127.0.0.1:47018",
			  second[] = "tcp 127.0.0.1:5555 > 127.0.0.1:47020";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "socket.accept_queue", listener), 3);
	assert_int_equal(ticket_told(&ticket, "socket.accept_limit", listener), 2);
	assert_int_equal(ticket_told(&ticket, "socket.listen_drops", listener), 7);
	assert_int_equal(ticket_told(&ticket, "socket.syn_recv", listener), 2);
	assert_null(ticket_cell(&ticket, "socket.tcp_unacked", listener));
	assert_null(ticket_cell(&ticket, "socket.rmem", listener));
	assert_int_equal(ticket_told(&ticket, "socket.tcp_drops", first), 3);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_retrans", first), 3);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_retrans_out", first), 1);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_bytes_retrans", first), 4344);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_rtt_us", first), 22);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_rto_us", first), 204000);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_segs_out", first), 4);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_busy_us", first), 12000);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_rwnd_limited_us", first), 4000);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_rcv_ooopack", first), 8);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_snd_mss", first), 32768);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_unacked", first), 0);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_state", first), 1);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_retrans", second), 0);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_bytes_retrans", second), 0);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_backoff", second), 2);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_rtt_us", second), 5406);
	assert_int_equal(ticket_told(&ticket, "socket.tcp_rto_us", second), 1000500);
	assert_null(ticket_cell(&ticket, "socket.tcp_segs_out", second));
	assert_null(ticket_cell(&ticket, "socket.tcp_state", "tcp 127.0.0.1:5555 > 127.0.0.1:47022"));
	ticket_free(&ticket);
}

static void columns_of_several_versions(void **state)
{
	static const char text[] =
		"$ ss -lnt\n"
		"State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
		"LISTEN 3      2          127.0.0.1:5555      0.0.0.0:*          \n"
		"$ ss -tunlpH\n"
		"udp UNCONN 5      0      127.0.0.53%lo:53 0.0.0.0:* users:((\"systemd-resolve\",651,12))\n"
		"tcp LISTEN 0      511             [::]:80       [::]:*\n"
		"tcp LISTEN 1      512             [::]:80       [::]:*\n"
		"u_str LISTEN 0 5 /run/x.sock 1234 * 0\n"
		"$ ss -tn state established\n"
		"Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n"
		"100000 7          10.0.0.1:80       10.0.0.2:37688       \n"
		"$ ss -lnt\n"
		"State      Recv-Q Send-Q        Local Address:Port          Peer Address:Port \n"
		"LISTEN     0      50                       :::3306                    :::*     \n"
		"    LISTEN     0      51                    *:3307                     *:*     users:((\"mysqld\",pid=12,fd=4))\n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "socket.accept_queue", "tcp 127.0.0.1:5555"), 3);
	assert_int_equal(ticket_told(&ticket, "socket.rmem", "udp 127.0.0.53%lo:53 (systemd-resolve, pid 651)"), 5);
	assert_int_equal(ticket_told(&ticket, "socket.accept_limit", "tcp [::]:80"), 511);
	assert_int_equal(ticket_told(&ticket, "socket.rqueue", "tcp 10.0.0.1:80 > 10.0.0.2:37688"), 100000);
	assert_int_equal(ticket_told(&ticket, "socket.wqueue", "tcp 10.0.0.1:80 > 10.0.0.2:37688"), 7);
	assert_int_equal(ticket_told(&ticket, "socket.accept_limit", "tcp [::]:3306"), 50);
	assert_int_equal(ticket_told(&ticket, "socket.accept_limit", "tcp *:3307 (mysqld, pid 12)"), 51);
	assert_false(ticket.since_boot);
	ticket_free(&ticket);
}

static void netstat_lists(void **state)
{
	static const char text[] =
		"Active Internet connections (servers and established)\n"
		"Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name    \n"
		"tcp        4      0 127.0.0.1:80            0.0.0.0:*               LISTEN      1962/python3        \n"
		"tcp   100000      0 127.0.0.1:80            127.0.0.1:37688         ESTABLISHED 1962/python3        \n"
		"tcp        0      0 127.0.0.1:80            127.0.0.1:37689         SYN_RECV    -                   \n"
		"tcp6       0      0 :::22                   :::*                    LISTEN      7/sshd: /usr/sbin    \n"
		"udp  8390400      0 0.0.0.0:1900            0.0.0.0:*                           12/perl             \n"
		"udp6       0      0 ::1:53                  :::*                                -                   \n"
		"Active UNIX domain sockets (servers and established)\n"
		"Proto RefCnt Flags       Type       State         I-Node   PID/Program name     Path\n"
		"unix  2      [ ]         DGRAM                    16723    1/init               /run/systemd/notify\n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket.outputs.count, 1);
	assert_int_equal(ticket_told(&ticket, "socket.accept_queue", "tcp 127.0.0.1:80 (python3, pid 1962)"), 4);
	assert_int_equal(ticket_told(&ticket, "socket.syn_recv", "tcp 127.0.0.1:80 (python3, pid 1962)"), 1);
	assert_null(ticket_cell(&ticket, "socket.accept_limit", "tcp 127.0.0.1:80 (python3, pid 1962)"));
	assert_int_equal(ticket_told(&ticket, "socket.rqueue",
				     "tcp 127.0.0.1:80 > 127.0.0.1:37688 (python3, pid 1962)"),
			 100000);
	assert_int_equal(ticket_told(&ticket, "socket.accept_queue", "tcp *:22 (sshd:, pid 7)"), 0);
	assert_int_equal(ticket_told(&ticket, "socket.rmem", "udp 0.0.0.0:1900 (perl, pid 12)"), 8390400);
	assert_int_equal(ticket_told(&ticket, "socket.rmem", "udp [::1]:53"), 0);
	ticket_free(&ticket);
}

static void netstat_twice_without_a_prompt(void **state)
{
	static const char text[] = "Active Internet connections (only servers)\n"
				   "Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n"
				   "tcp        4      0 10.0.0.1:80             0.0.0.0:*               LISTEN     \n"
				   "tcp        5      0 10.0.0.1:80             0.0.0.0:*               LISTEN     \n"
				   "Active Internet connections (only servers)\n"
				   "Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n"
				   "tcp        6      0 10.0.0.1:80             0.0.0.0:*               LISTEN     \n"
				   "tcp        5      0 10.0.0.1:80             0.0.0.0:*               LISTEN     \n";
	struct ticket ticket = ticket_of(text);
	const struct cell *cell = ticket_cell(&ticket, "socket.accept_queue", "tcp 10.0.0.1:80");

	(void)state;
	assert_understood(&ticket);
	assert_non_null(cell);
	assert_int_equal(cell->first, 4);
	assert_int_equal(cell->last, 6);
	ticket_free(&ticket);
}

static void files_below_proc(void **state)
{
	static const char text[] =
		"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
		"15236: 0100007F:15B4 00000000:0000 07 00000000:00001E00 00:00000000 00000000     0        0 69058 2 0000000018f93ee7 194       \n"
		"$ cat /proc/net/udp6\n"
		"  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
		"  1: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000010 00:00000000 00000000     0        0 2692146 2 00000000a5a86b4e 9\n"
		"$ cat /proc/net/tcp\n"
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
		"   0: 0100007F:0050 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 2692142 1 0000000026e41a94 100 0 0 10 0\n"
		"   1: 0100007F:0050 0100007F:9338 01 00000000:000186A0 00:00000000 00000000     0        0 2692144 1 000000000e236f86 20 8 0 10 -1\n"
		"   2: 0100007F:0050 0100007F:9339 03 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 20 8 0 10 -1\n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "socket.drops", "udp 127.0.0.1:5556"), 194);
	assert_int_equal(ticket_told(&ticket, "socket.rmem", "udp 127.0.0.1:5556"), 7680);
	assert_int_equal(ticket_told(&ticket, "socket.drops", "udp [::1]:53"), 9);
	assert_int_equal(ticket_told(&ticket, "socket.accept_queue", "tcp 127.0.0.1:80"), 3);
	assert_int_equal(ticket_told(&ticket, "socket.syn_recv", "tcp 127.0.0.1:80"), 1);
	assert_int_equal(ticket_told(&ticket, "socket.rqueue", "tcp 127.0.0.1:80 > 127.0.0.1:37688"), 100000);
	ticket_free(&ticket);
}

static void a_summary(void **state)
{
	static const char text[] = "Total: 1016 (kernel 1087)\n"
				   "TCP:   12 (estab 10, closed 1, orphaned 5, synrecv 0, timewait 7/0), ports 0\n"
				   "\n"
				   "Transport Total     IP        IPv6\n"
				   "*\t  1087      -         -        \n"
				   "RAW\t  0         0         0        \n"
				   "UDP\t  2         2         0        \n"
				   "TCP\t  11        9         2        \n"
				   "INET\t  13        11        2        \n"
				   "FRAG\t  0         0         0        \n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "sockstat.sockets.used", "this host"), 1016);
	assert_int_equal(ticket_told(&ticket, "sockstat.TCP.orphan", "this host"), 5);
	assert_int_equal(ticket_told(&ticket, "sockstat.TCP.tw", "this host"), 7);
	assert_int_equal(ticket_told(&ticket, "sockstat.TCP.inuse", "this host"), 9);
	assert_int_equal(ticket_told(&ticket, "sockstat.TCP6.inuse", "this host"), 2);
	ticket_free(&ticket);
}

static void garbled_lines(void **state)
{
	static const char text[] =
		"$ ss -tinm\n"
		"State Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
		"ESTAB 1 2\n"
		"ESTAB 1 99999999999999999999999 10.0.0.1:1 10.0.0.2:2\n"
		"ESTAB 1 2 10.0.0.1 10.0.0.2:2\n"
		"what is this\n"
		"ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 users:((\"\",pid=99999999999999,fd=,((\n"
		"\t skmem:(r,rb99999999999999999999999,d,,((( rtt:./ retrans:1 lost:x rto:99999999999999999999 :: : mss:\n"
		"\t skmem:( d5\n";
	struct ticket ticket = ticket_of(text);

	(void)state;
	assert_int_equal(ticket.strange.count, 4);
	assert_null(ticket_cell(&ticket, "socket.tcp_drops", "tcp 10.0.0.1:1 > 10.0.0.2:2"));
	assert_null(ticket_cell(&ticket, "socket.tcp_retrans", "tcp 10.0.0.1:1 > 10.0.0.2:2"));
	assert_null(ticket_cell(&ticket, "socket.rcvbuf", "tcp 10.0.0.1:1 > 10.0.0.2:2"));
	assert_int_equal(ticket_told(&ticket, "socket.rqueue", "tcp 10.0.0.1:1 > 10.0.0.2:2"), 0);
	ticket_free(&ticket);
}

/* ---- files of other sockets ---- */

#define RAW_HEAD                                                                                      \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout " \
	"inode ref pointer drops\n"
#define RAW(drops)                                                                                    \
	"  97: 02014D0A:0001 00000000:0000 07 00000000:00001300 00:00000000 00000000     0        0 " \
	"3199749 2 0000000098f8022e " drops "\n"

/* They look like UDP's: the command tells. */
static void test_raw_sockets(void **state)
{
	struct ticket ticket = ticket_of("# cat /proc/net/raw\n" RAW_HEAD RAW(
		"3") "# cat /proc/net/raw6\n" RAW_HEAD "# cat /proc/net/raw\n" RAW_HEAD RAW("12263"));

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "raw_socket.drops", "raw 10.77.1.2:1"), 12260);
	assert_int_equal(ticket_told(&ticket, "raw_socket.rmem", "raw 10.77.1.2:1"), 0x1300);
	ticket_free(&ticket);
}

#define NETLINK(drops)                                                                                       \
	"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"         \
	"00000000d2fc61ad 0   4711       00000111 212160   0        0     2        " drops "        31997\n" \
	"00000000d2fc61ae 0   0          00000000 0        0        0     2        0        4\n"

static void test_netlink_sockets(void **state)
{
	struct ticket ticket =
		ticket_of("# cat /proc/net/netlink\n" NETLINK("0") "# cat /proc/net/netlink\n" NETLINK("1760"));

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "netlink_socket.drops", "netlink route socket, port 4711"), 1760);
	ticket_free(&ticket);
}

/* iproute2 6.1: a capture, and a program like ping. */
static void sockets_that_get_copies(void **state)
{
	struct ticket ticket =
		ticket_of("$ ss -0wanmp\n"
			  "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
			  "p_raw UNCONN 8320   0                  *:*                *     "
			  "users:((\"python3\",pid=30621,fd=3)) skmem:(r8320,rb8192,t0,tb212992,f0,w0,o0,bl0,d230)\n"
			  "p_dgr UNCONN 8320   0                  *:lo               *     "
			  "skmem:(r8320,rb8192,t0,tb212992,f0,w0,o0,bl0,d231)\n"
			  "p_dgr UNCONN 8320   0                  *:lo               *     "
			  "skmem:(r8320,rb8192,t0,tb212992,f0,w0,o0,bl0,d5)\n"
			  "raw   UNCONN 8320   0            0.0.0.0:1         0.0.0.0:*    "
			  "skmem:(r8320,rb8192,t0,tb212992,f0,w0,o0,bl0,d110)\n"
			  "$ ss -wanm\n"
			  "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
			  "UNCONN 9000   0            0.0.0.0:1         0.0.0.0:*     "
			  "skmem:(r9000,rb8192,t0,tb212992,f0,w0,o0,bl0,d150)\n");
	const struct cell *cell =
		ticket_cell(&ticket, "packet_socket.drops", "packet socket on all interfaces (python3, pid 30621)");

	assert_understood(&ticket);
	assert_non_null(cell);
	assert_int_equal(cell->increase, 230);
	assert_int_equal(ticket_told(&ticket, "packet_socket.drops", "packet socket on lo"), 231);
	assert_int_equal(ticket_told(&ticket, "raw_socket.drops", "raw 0.0.0.0:1"), 40);
	assert_int_equal(ticket_told(&ticket, "raw_socket.rmem", "raw 0.0.0.0:1"), 9000);
	ticket_free(&ticket);
}

/* With -e a ring is told, and what it drops is counted for the program alone. */
static void captures_with_a_ring(void **state)
{
	struct ticket ticket =
		ticket_of("$ ss -0anme\n"
			  "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
			  "p_raw UNCONN 0      0                  *:*                *     ino:6737416 sk:166cd\n"
			  "\tring_rx(blk_size:131072,blk_nr:16,frm_size:131072,frm_nr:16,tmo:64,features:0x0) "
			  "skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)\n");

	assert_understood(&ticket);
	assert_null(ticket_cell(&ticket, "packet_socket.drops", "packet socket on all interfaces"));
	ticket_free(&ticket);
}

/* ss and the file show the same sockets: what was dropped is counted once. */
static void raw_sockets_told_twice(void **state)
{
	struct ticket ticket =
		ticket_of("$ ss -wanm\n"
			  "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
			  "UNCONN 9000   0            0.0.0.0:1         0.0.0.0:*     "
			  "skmem:(r9000,rb8192,t0,tb212992,f0,w0,o0,bl0,d150)\n"
			  "$ cat /proc/net/raw\n"
			  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
			  "inode ref pointer drops\n"
			  " 105: 00000000:0001 00000000:0000 07 00000000:00002080 00:00000000 00000000     0        0 "
			  "6737418 2 000000005f25b94e 150\n");
	uint64_t drops = 0;

	assert_understood(&ticket);
	for (size_t i = 0; i < series_cells(ticket.series); i++) {
		const struct cell *cell = series_cell_by_index(ticket.series, i);

		if (strcmp(counter_name(cell->counter), "raw_socket.drops") == 0)
			drops += cell->increase;
	}
	assert_int_equal(drops, 150);
	ticket_free(&ticket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw_sockets),
		cmocka_unit_test(test_netlink_sockets),
		cmocka_unit_test(sockets_that_get_copies),
		cmocka_unit_test(captures_with_a_ring),
		cmocka_unit_test(raw_sockets_told_twice),
		cmocka_unit_test(udp_memory_and_drops),
		cmocka_unit_test(before_and_after),
		cmocka_unit_test(tcp_listener_and_connections),
		cmocka_unit_test(columns_of_several_versions),
		cmocka_unit_test(netstat_lists),
		cmocka_unit_test(netstat_twice_without_a_prompt),
		cmocka_unit_test(files_below_proc),
		cmocka_unit_test(a_summary),
		cmocka_unit_test(garbled_lines),
	};

	return cmocka_run_group_tests_name("evidence/tickets: sockets", tests, NULL, NULL);
}
