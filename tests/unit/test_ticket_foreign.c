/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Outputs in other languages and formats of numbers: what their shape tells is read, of the rest one line says why it is not. */
#include "unit/tickets.h"

#include "base/clock.h"

static void assert_only_foreign(const struct ticket *ticket, size_t number, size_t lines)
{
	assert_int_equal(ticket->strange.count, 1);
	assert_int_equal(ticket->strange.data[0].number, number);
	assert_int_equal(ticket->strange.data[0].lines, lines);
	assert_non_null(strstr(ticket->strange.data[0].why, "LC_ALL=C"));
	assert_int_equal(ticket->not_understood, lines);
}

/* ---- ping: the catalogues of iputils 20240905 ---- */

static void assert_ping(const char *text, const char *called, uint64_t sent, uint64_t answered, uint64_t lost,
			uint64_t refused)
{
	struct ticket ticket = ticket_of(text);

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "probe.sent", called), sent);
	assert_int_equal(ticket_told(&ticket, "probe.answered", called), answered);
	assert_int_equal(ticket_told(&ticket, "probe.lost", called), lost);
	if (refused)
		assert_int_equal(ticket_told(&ticket, "probe.refused", called), refused);
	else
		assert_null(ticket_cell(&ticket, "probe.refused", called));
	ticket_free(&ticket);
}

static void ping_in_german(void **state)
{
	assert_ping("$ ping -c 6 10.99.0.2\n"
		    "PING 10.99.0.2 (10.99.0.2) 56(84) Bytes an Daten.\n"
		    "64 Bytes von 10.99.0.2: icmp_seq=1 ttl=64 Zeit=0.210 ms\n"
		    "64 Bytes von 10.99.0.2: icmp_seq=2 ttl=64 Zeit=0.071 ms\n"
		    "64 Bytes von 10.99.0.2: icmp_seq=2 ttl=64 Zeit=0.171 ms (DUP!)\n"
		    "Von 10.99.0.1 icmp_seq=4 Zielhost nicht erreichbar\n"
		    "64 Bytes von 10.99.0.2: icmp_seq=6 ttl=64 Zeit=0.071 ms\n\n"
		    "--- 10.99.0.2 ping-Statistiken ---\n"
		    "6 Pakete übertragen, 3 empfangen, +1 Duplikate, +1 Fehler, 50% Paketverlust, Zeit 5104ms\n"
		    "rtt min/avg/max/mdev = 0.071/0.117/0.210/0.065 ms\n",
		    "ping 10.99.0.2", 6, 3, 2, 1);
}

/* The comma of a share ends nothing. */
static void ping_in_french(void **state)
{
	struct ticket ticket = ticket_of("PING 10.0.0.9 (10.0.0.9) 56(84) octets de données.\n\n"
					 "--- statistiques ping 10.0.0.9 ---\n"
					 "7 paquets transmis, 5 reçus, 28,5714 % paquets perdus, temps 6013 ms\n");

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "probe.lost", "ping 10.0.0.9"), 2);
	assert_true(series_seconds(ticket.series) == 7.0);
	ticket_free(&ticket);
}

static void ping_in_other_languages(void **state)
{
	static const char *const summaries[] = {
		"7 paquetes transmitidos, 5 recibidos, 28.5714% paquetes perdidos, tiempo 6009ms\n",
		"7 pacotes transmitidos, 5 recebidos, +1 corrompidos, 28,5714% perda de pacote, tempo 6009ms\n",
		"送信パケット数 7, 受信パケット数 5, パケット損失 28.5714%, 時間 6009ミリ秒\n",
		"已发送 7 个包， 已接收 5 个包, 28.5714% 包丢失, 耗时 6009 毫秒\n",
		"7 paket iletildi, 5 alındı, %28.5714 paket kaybı, zaman 6009ms\n",
		"7 Pakete übertragen, 5 empfangen,+1 beschädigt, 28% Paketverlust, Zeit 6009ms\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(summaries); i++)
		assert_ping(summaries[i], "a ping", 7, 5, 2, 0);
	assert_ping("7 paquetes transmitidos, 0 recibidos, +4 errores, 100% paquetes perdidos, tiempo 6009ms\n",
		    "a ping", 7, 0, 3, 4);
}

/* Cut off before its summary. The first answer comes twice, an MTU is told, a redirect is no error. */
static void lines_of_a_ping_in_german(void **state)
{
	assert_ping("64 Bytes von 10.99.0.2: icmp_seq=1 ttl=64 Zeit=0.210 ms\n"
		    "64 Bytes von 10.99.0.2: icmp_seq=1 ttl=64 Zeit=0.310 ms (DUP!)\n"
		    "Von 10.99.0.1 icmp_seq=2 Fragmentierung nötig und DF gesetzt (mtu = 1400)\n"
		    "Von 10.99.0.1 icmp_seq=3 Host umleiten(Neuer nexthop: 10.99.0.7)\n"
		    "noch keine Antwort für icmp_seq=4\n"
		    "64 Bytes von 10.99.0.2: icmp_seq=5 ttl=64 Zeit=0.071 ms\n",
		    "a ping", 5, 2, 2, 1);
}

/* Numbers in a row are no summary unless they fit each other. */
static void no_summary_of_a_ping(void **state)
{
	static const char *const texts[] = {
		"7 Äpfel, 5 Birnen, 30% Rabatt, Zeit 3ms\n",
		"7 Pakete, 9 empfangen, 28% Paketverlust\n",
		"7 Pakete übertragen, 5 empfangen, +2 sonstwas, 28% Paketverlust, Zeit 6009ms\n",
		"0 a, 0 b, 0% c\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		assert_int_equal(ticket.outputs.count, 0);
		ticket_free(&ticket);
	}
}

/* ---- net-tools ---- */

/* Ubuntu 8.04 and 10.04, as in forums. */
static void ifconfig_in_three_languages(void **state)
{
	struct ticket ticket =
		ticket_of("$ ifconfig\n"
			  "eth0      Protokoll:Ethernet  Hardware Adresse 00:16:36:CF:A2:CE  \n"
			  "          inet Adresse:192.168.0.122  Bcast:192.168.0.255  Maske:255.255.255.0\n"
			  "          inet6 Adresse: fe80::216:36ff:fecf:a2ce/64 Gültigkeitsbereich:Verbindung\n"
			  "          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n"
			  "          RX packets:35755 errors:0 dropped:17 overruns:0 frame:0\n"
			  "          TX packets:21155 errors:0 dropped:0 overruns:0 carrier:6\n"
			  "          Kollisionen:3 Sendewarteschlangenlänge:1000 \n"
			  "          RX bytes:51283441 (48.9 MB)  TX bytes:1889947 (1.8 MB)\n"
			  "          Interrupt:16 \n\n"
			  "eth1      Lien encap:Ethernet  HWaddr 00:13:02:84:5E:2F  \n"
			  "          UP BROADCAST MULTICAST  MTU:1500  Metric:1\n"
			  "          Packets reçus:40 erreurs:3 :7968 overruns:0 frame:0\n"
			  "          TX packets:9 errors:0 dropped:2 overruns:0 carrier:0\n"
			  "          collisions:5 lg file transmission:1000 \n"
			  "          Octets reçus:12 (0.0 b) Octets transmis:13 (0.0 b)\n"
			  "          Interruption:18 Adresse de base:0x4000 Mémoire:da000000-da000fff \n\n"
			  "ppp0      Link encap:Protocolo punto a punto  \n"
			  "          Direc. inet:85.53.249.21  P-t-P:172.31.255.254  Másc:255.255.255.255\n"
			  "          ACTIVO PUNTO A PUNTO FUNCIONANDO NOARP MULTICAST  MTU:1492  Métrica:1\n"
			  "          Paquetes RX:487 errores:0 perdidos:1 overruns:0 frame:0\n"
			  "          Paquetes TX:430 errores:0 perdidos:2 overruns:0 carrier:0\n"
			  "          colisiones:0 long.colaTX:3 \n"
			  "          Bytes RX:352973 (352.9 KB)  TX bytes:80133 (80.1 KB)\n");

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth0"), 17);
	assert_int_equal(ticket_told(&ticket, "link.tx_carrier_errors", "eth0"), 6);
	assert_int_equal(ticket_told(&ticket, "link.collisions", "eth0"), 3);
	assert_int_equal(ticket_told(&ticket, "link.tx_bytes", "eth0"), 1889947);
	assert_int_equal(ticket_told(&ticket, "link.rx_errors", "eth1"), 3);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth1"), 7968);
	assert_int_equal(ticket_told(&ticket, "link.tx_dropped", "eth1"), 2);
	assert_int_equal(ticket_told(&ticket, "link.collisions", "eth1"), 5);
	assert_int_equal(ticket_told(&ticket, "link.tx_bytes", "eth1"), 13);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "ppp0"), 1);
	assert_int_equal(ticket_told(&ticket, "link.tx_dropped", "ppp0"), 2);
	assert_int_equal(ticket_told(&ticket, "link.mtu", "ppp0"), 1492);
	ticket_free(&ticket);
}

/* In English, too, a line that nobody knows is no other language. */
static void a_line_below_ifconfig(void **state)
{
	struct ticket ticket = ticket_of("$ ifconfig lo\nlo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536\n"
					 "        something else stands here\n");

	assert_int_equal(ticket.strange.count, 1);
	assert_null(ticket.strange.data[0].why);
	ticket_free(&ticket);
}

/* Which of the two lines is left nobody knows. */
static void a_part_of_ifconfig_in_spanish(void **state)
{
	struct ticket ticket = ticket_of("$ ifconfig ppp0 | grep -e encap -e errores\n"
					 "ppp0      Link encap:Protocolo punto a punto  \n"
					 "          Paquetes TX:430 errores:0 perdidos:2 overruns:0 carrier:0\n");

	assert_only_foreign(&ticket, 3, 1);
	assert_null(ticket_cell(&ticket, "link.rx_dropped", "ppp0"));
	ticket_free(&ticket);
}

/* net-tools 2.10 in German: of its sentences only the titles are translated. */
static void netstat_s_in_german(void **state)
{
	struct ticket ticket = ticket_of("$ netstat -s\n"
					 "Ip:\n    73412 total packets received\n    0 forwarded\n"
					 "Icmp:\n    169 ICMP messages received\n"
					 "    ICMP-Eingabehistogramm:\n"
					 "        destination unreachable: 3\n        echo requests: 81\n"
					 "    166 ICMP messages sent\n"
					 "    ICMP-Ausgabehistogramm:\n        destination unreachable: 4\n"
					 "Udp:\n    7 packet receive errors\n");

	assert_understood(&ticket);
	assert_int_equal(ticket_told(&ticket, "IcmpInDestUnreachs", "this host"), 3);
	assert_int_equal(ticket_told(&ticket, "IcmpOutDestUnreachs", "this host"), 4);
	assert_int_equal(ticket_told(&ticket, "UdpInErrors", "this host"), 7);
	ticket_free(&ticket);
}

/* net-tools 1.54 and others that translate sentences. */
static void sentences_in_german(void **state)
{
	struct ticket ticket = ticket_of("$ netstat -s\n"
					 "Ip:\n    285349 Pakete insgesamt empfangen\n    0 weitergeleitet\n"
					 "Tcp:\n    12 Verbindungen aktiv geöffnet\n    5 Segmente erneut geschickt\n"
					 "TcpExt:\n    TCPTimeouts: 5\n");

	assert_only_foreign(&ticket, 3, 4);
	assert_int_equal(ticket_told(&ticket, "TcpExtTCPTimeouts", "this host"), 5);
	assert_null(ticket_cell(&ticket, "TcpRetransSegs", "this host"));
	ticket_free(&ticket);
}

/* A sentence of a version that nobody has seen is no other language. */
static void sentences_of_later_versions(void **state)
{
	struct ticket ticket =
		ticket_of("$ netstat -s\nIp:\n    7 total packets received\n    3 packets gone astray\n");

	assert_int_equal(ticket.strange.count, 1);
	assert_null(ticket.strange.data[0].why);
	ticket_free(&ticket);
}

static void lists_of_sockets_and_neighbours(void **state)
{
	struct ticket ticket =
		ticket_of("Aktive Internetverbindungen (Server und stehende Verbindungen)\n"
			  "Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n"
			  "tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN     \n"
			  "tcp        0      0 10.0.0.1:22             10.0.0.2:4000           VERBUNDEN\n"
			  "udp      900      0 0.0.0.0:53              0.0.0.0:*\n"
			  "tcp        0      0 10.0.0.1:22             10.0.0.3:4000           VERBUNDEN\n"
			  "Aktive Sockets in der UNIX-Domäne (Server und stehende Verbindungen)\n"
			  "$ arp -an\n"
			  "? (192.0.2.1) auf 02:fc:00:00:00:05 [ether] auf eth0\n"
			  "? (192.0.2.9) auf <unvollständig> auf eth0\n"
			  "$ arp -n\n"
			  "Adresse                  Hardware-Typ Hardware-Adresse Optionen Maske       Schnittstelle\n"
			  "192.0.2.1                ether   02:fc:00:00:00:05   C                     eth0\n"
			  "192.0.2.10                       (unvollständig)                           eth0\n"
			  "$ netstat -i\n"
			  "Kernel-Schnittstellentabelle\n"
			  "Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n"
			  "eth2      1500  2186405      0      3 0        1453445      0      0      0 BMRU\n");

	assert_only_foreign(&ticket, 4, 2);
	assert_int_equal(ticket_told(&ticket, "socket.rqueue", "udp 0.0.0.0:53"), 900);
	assert_int_equal(ticket_told(&ticket, "neigh.incomplete", "this host"), 1);
	assert_int_equal(ticket_told(&ticket, "link.rx_dropped", "eth2"), 3);
	ticket_free(&ticket);
}

/* ---- sysstat 12.6.1 ---- */

/* The average is no further second, whatever it is called. */
static void sar_in_other_languages(void **state)
{
	static const char *const texts[] = {
		"Linux 6.18.44 (vm) \t22.11.2026 \t_x86_64_\t(2 CPU)\n\n"
		"07:46:39        IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s\n"
		"07:46:40         eth0     34,00      1,50      2,79      2,79\n\n"
		"07:46:40        IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s\n"
		"07:46:41         eth0     36,00      1,50      2,95      2,95\n\n"
		"Durchschn.:     IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s\n"
		"Durchschn.:      eth0     35,00      1,50      2,87      2,87\n",
		"07:46:42        IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s\n"
		"07:46:44         eth0     35,00      1,50      2,87      2,87\n\n"
		"Moyenne :     IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s\n"
		"Moyenne :      eth0     35,00      1,50      2,87      2,87\n",
		"07時46分44秒     IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s\n"
		"07時46分45秒      eth0     34.00      1.50      2.76      2.76\n"
		"07時46分46秒      eth0     36.00      1.50      2.95      2.95\n"
		"平均値:      IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s\n"
		"平均値:       eth0     35.00      1.50      2.86      2.86\n",
		/* Past noon, in a language whose halves of the day nobody knows. */
		"12:59:58 μμ    IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s\n"
		"12:59:59 μμ     eth0     34.00      1.50      2.76      2.76\n"
		"01:00:00 μμ     eth0     36.00      1.50      2.95      2.95\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		assert_understood(&ticket);
		if (strstr(texts[i], "Linux"))
			assert_string_equal(ticket.hostname, "vm");
		assert_int_equal(ticket_told(&ticket, "link.rx_packets", "eth0"), 70);
		assert_int_equal(ticket_told(&ticket, "link.tx_packets", "eth0"), 3); /* 1,5 is no 15 */
		assert_true(series_seconds(ticket.series) == 2.0);
		ticket_free(&ticket);
	}
}

static void mpstat_in_french(void **state)
{
	struct ticket ticket = ticket_of(
		"$ mpstat -P ALL 1 1\n"
		"Linux 6.18.44 (vm) \t22/11/2026 \t_x86_64_\t(2 CPU)\n\n"
		"07:36:08     CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n"
		"07:36:09       1    0,00    0,00    1,00    0,00    0,00   88,50    0,00    0,00    0,00   10,50\n\n"
		"Moyenne :  CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n"
		"Moyenne :    1    0,00    0,00    1,00    0,00    0,00   88,50    0,00    0,00    0,00   10,50\n");
	double share = (double)ticket_told(&ticket, "cpu.softirq", "CPU 1") /
		       (series_seconds(ticket.series) * (double)NS_PER_S);

	assert_understood(&ticket);
	assert_true(share > 0.8849 && share < 0.8851);
	ticket_free(&ticket);
}

/* procps-ng 4.0.2 */
static void top_in_spanish(void **state)
{
	struct ticket ticket =
		ticket_of("$ top -b -n 1 -1\n"
			  "top - 07:53:07 up  6:43,  0 user,  load average: 0,29, 0,32, 0,56\n"
			  "Tareas:  72 total,   1 running,  71 sleeping,   0 stopped,   0 zombie\n"
			  "%Cpu0  :  0,5 us,  0,7 sy,  0,0 ni, 98,8 id,  0,0 wa,  0,0 hi,  0,0 si,  0,0 st\n"
			  "%Cpu1  :  0,0 us,  0,0 sy,  0,0 ni,100,0 id,  0,0 wa,  0,0 hi,  0,0 si,  0,0 st\n"
			  "MiB Mem :  24105,6 total,  23363,5 free,    431,7 used,    616,0 buff/cache\n"
			  "MiB Intercambio:      0,0 total,      0,0 free,      0,0 used.  23673,9 avail Me\n\n"
			  "  PID USUARIO   PR  NI    VIRT    RES    SHR S  %CPU  %MEM    TEMPO+ COMANDO\n"
			  "    1 root      20   0   43996  14616   6460 S   0,0   0,1   1:24.56 process_a+\n");

	assert_understood(&ticket);
	assert_non_null(ticket_cell(&ticket, "cpu.idle", "CPU 1"));
	ticket_free(&ticket);
}

/* ---- date ---- */

static double seconds_between(const char *first, const char *last)
{
	CLEANUP_FREE char *text = text_format("$ date\n%s\n$ nstat -az\nUdpInErrors 1 0.0\n"
					      "$ date\n%s\n$ nstat -az\nUdpInErrors 2 0.0\n",
					      first, last);
	struct ticket ticket = ticket_of(text);
	double seconds = series_seconds(ticket.series);

	assert_understood(&ticket);
	ticket_free(&ticket);
	return seconds;
}

static void dates_in_other_languages(void **state)
{
	assert_true(seconds_between("So 22. Nov 10:00:00 CET 2026", "So 22. Nov 10:00:20 CET 2026") == 20);
	assert_true(seconds_between("mar. 24 nov. 2026 23:59:50 CET", "mer. 25 nov. 2026 00:00:10 CET") == 20);
	assert_true(seconds_between("lun 30 nov 2026 10:00:00 CET", "mar 01 dic 2026 10:00:00 CET") == 86400);
	assert_true(seconds_between("2026年 11月 22日 日曜日 07:51:55 UTC", "2026年 11月 22日 日曜日 07:52:05 UTC") ==
		    10);
	assert_true(seconds_between("Sun Nov 22 11:59:55 AM UTC 2026", "Sun Nov 22 12:00:05 PM UTC 2026") == 10);
	assert_true(seconds_between("Sun Nov 22 12:59:55 PM UTC 2026", "Sun Nov 22 01:00:05 PM UTC 2026") == 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ping_in_german),
		cmocka_unit_test(ping_in_french),
		cmocka_unit_test(ping_in_other_languages),
		cmocka_unit_test(lines_of_a_ping_in_german),
		cmocka_unit_test(no_summary_of_a_ping),
		cmocka_unit_test(ifconfig_in_three_languages),
		cmocka_unit_test(a_line_below_ifconfig),
		cmocka_unit_test(a_part_of_ifconfig_in_spanish),
		cmocka_unit_test(netstat_s_in_german),
		cmocka_unit_test(sentences_in_german),
		cmocka_unit_test(sentences_of_later_versions),
		cmocka_unit_test(lists_of_sockets_and_neighbours),
		cmocka_unit_test(sar_in_other_languages),
		cmocka_unit_test(mpstat_in_french),
		cmocka_unit_test(top_in_spanish),
		cmocka_unit_test(dates_in_other_languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
