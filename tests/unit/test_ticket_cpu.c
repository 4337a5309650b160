/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mpstat and top in their layouts, pressure, memory, and who the host is. */
#include "unit/tickets.h"

#include "base/clock.h"
#include "evidence/ticket_decimal.h"

/* Of the window, in hundredths of a percent. */
static void assert_share(const struct ticket *ticket, const char *counter, const char *cpu, uint64_t hundredths)
{
	double share = (double)ticket_told(ticket, counter, cpu) / (series_seconds(ticket->series) * (double)NS_PER_S);

	assert_int_equal((uint64_t)(share * 10000 + 0.5), hundredths);
}

/* sysstat 12 on a machine of the project's own. */
static const char modern[] =
	"$ mpstat -P ALL 1 2\n"
	"Linux 6.18.44 (vm) \t11/22/26 \t_x86_64_\t(2 CPU)\n\n"
	"05:07:07     CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n"
	"05:07:08     all   78.17    0.00   20.81    0.00    0.00    1.02    0.00    0.00    0.00    0.00\n"
	"05:07:08       0   75.76    0.00   24.24    0.00    0.00    0.00    0.00    0.00    0.00    0.00\n"
	"05:07:08       1   80.61    0.00   17.35    0.00    0.00    2.04    0.00    0.00    0.00    0.00\n\n"
	"Average:     CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n"
	"Average:     all   83.33    0.00   14.65    0.00    0.00    0.51    0.00    0.00    0.00    1.52\n"
	"Average:       0   81.31    0.00   16.16    0.00    0.00    0.00    0.00    1.50    0.00    1.03\n"
	"Average:       1   45.35    0.00   13.13    0.00    0.00    1.01    0.00    0.00    0.00   40.51\n";

static void the_average_of_mpstat_counts(void **state)
{
	struct ticket ticket = ticket_of(modern);

	assert_share(&ticket, "cpu.user", "CPU 0", 8281); /* with the guests' */
	assert_share(&ticket, "cpu.softirq", "CPU 1", 101);
	assert_share(&ticket, "cpu.idle", "CPU 1", 4051);
	assert_share(&ticket, "cpu.steal", "CPU 1", 0);
	assert_false(ticket.since_boot);
	assert_string_equal(ticket.kernel, "6.18.44");
	assert_understood(&ticket);
	ticket_free(&ticket);
}

/* Shares of the window, however long it is. */
static void shares_last_as_long_as_the_window(void **state)
{
	struct ticket ticket =
		ticket_of("$ date\nFri Nov 20 10:00:00 UTC 2026\n$ cat /proc/loadavg\n0.0 0.0 0.0 1/345 12345\n"
			  "$ cat /proc/pressure/cpu\nsome avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n"
			  "$ date\nFri Nov 20 10:00:20 UTC 2026\n"
			  "$ cat /proc/pressure/cpu\nsome avg10=0.00 avg60=0.00 avg300=0.00 total=4000\n"
			  "05:07:07     CPU    %usr   %soft  %idle\n05:07:08       0   10.00   60.00  30.00\n");

	assert_int_equal(ticket_told(&ticket, "cpu.softirq", "CPU 0"), 12 * NS_PER_S);
	assert_true(series_seconds(ticket.series) == 20.0);
	ticket_free(&ticket);
}

static void clocks_commas_and_old_names_are_read(void **state)
{
	struct ticket ticket = ticket_of(
		"12:00:01 AM  CPU   %user   %nice    %sys %iowait    %irq   %soft  %steal   %idle    intr/s\n"
		"12:00:02 AM    0    1,00    0,50   10,00    0,25    0,25   88,00    0,00    0,00   1234,00\n");

	assert_share(&ticket, "cpu.softirq", "CPU 0", 8800);
	assert_share(&ticket, "cpu.user", "CPU 0", 100);
	assert_share(&ticket, "cpu.irq", "CPU 0", 25);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void other_tables_of_mpstat_are_passed_over(void **state)
{
	struct ticket ticket = ticket_of("$ mpstat -A\n"
					 "05:07:07     CPU    intr/s\n"
					 "05:07:08       0    123.00\n\n"
					 "05:07:07     CPU    %usr   %idle\n"
					 "05:07:08       0    10.00   90.00\n");

	assert_share(&ticket, "cpu.idle", "CPU 0", 9000);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void top_tells_of_each_cpu(void **state)
{
	struct ticket ticket =
		ticket_of("top - 10:00:00 up 10 days,  3:02,  2 users,  load average: 1.00, 1.01, 1.05\n"
			  "Tasks: 100 total,   2 running,  98 sleeping,   0 stopped,   0 zombie\n"
			  "%Cpu0  :  0.0 us,  1.0 sy,  0.0 ni,  0.0 id,  0.0 wa,  0.0 hi, 99.0 si,  0.0 st\n"
			  "%Cpu1  :  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n"
			  "MiB Mem :   7800.0 total,    100.0 free,   1000.0 used,   6700.0 buff/cache\n"
			  "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n"
			  "      9 root      20   0       0      0      0 R  99.0   0.0   5:00.00 ksoftirqd/0\n");

	assert_share(&ticket, "cpu.softirq", "CPU 0", 9900);
	assert_share(&ticket, "cpu.softirq", "CPU 1", 0);
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void pressure_and_memory_go_through_their_sources(void **state)
{
	struct ticket ticket = ticket_of("$ cat /proc/pressure/cpu\n"
					 "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n"
					 "$ head /proc/pressure/*\n"
					 "==> /proc/pressure/cpu <==\n"
					 "some avg10=0.00 avg60=0.00 avg300=0.00 total=4000\n"
					 "\n"
					 "==> /proc/pressure/io <==\n"
					 "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
					 "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n"
					 "$ cat /proc/meminfo\n"
					 "MemTotal:        8000000 kB\n"
					 "MemFree:          100000 kB\n"
					 "HugePages_Total:       0\n");

	assert_int_equal(ticket_told(&ticket, "pressure.cpu_some", "this host"), 3000000);
	assert_int_equal(ticket_told(&ticket, "pressure.io_full", "this host"), 5000);
	assert_int_equal(ticket_told(&ticket, "memory.free", "this host"), UINT64_C(102400000));
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void the_host_is_known_by_its_own_words(void **state)
{
	struct ticket ticket =
		ticket_of("Linux porter 5.9.0-4-amd64 #1 SMP Debian 5.9.11-1 (2020-11-27) x86_64 GNU/Linux\n"
			  " 10:00:00 up 10 days,  3:02,  2 users,  load average: 0.00, 0.01, 0.05\n"
			  "$ cat /proc/loadavg\n0.00 0.01 0.05 1/345 12345\n");

	assert_string_equal(ticket.hostname, "porter");
	assert_string_equal(ticket.kernel, "5.9.0-4-amd64");
	assert_understood(&ticket);
	ticket_free(&ticket);
	ticket = ticket_of("$ hostname\nlager\n$ uname -r\n5.8.0-3-amd64\n$ cat /proc/version\n"
			   "Linux version 4.19.0 (gcc version 8) #1 SMP\n");
	assert_string_equal(ticket.hostname, "lager");
	assert_string_equal(ticket.kernel, "5.8.0-3-amd64");
	assert_understood(&ticket);
	ticket_free(&ticket);
}

static void garbled_tables_tell_nothing(void **state)
{
	static const char *const texts[] = {
		"05:07:07 CPU %usr %idle\n05:07:08 0 10.00\n",
		"05:07:07 CPU %usr %idle\n05:07:08 0 ten 90.00\n",
		"05:07:07 CPU %usr %idle\n05:07:08 99999999999 10.00 90.00\n",
		"05:07:07 CPU %usr %idle\n05:07:08 0 10.00 900.00\n",
		"%Cpu0  : 1.0\n%Cpu\n%Cpu9999999  : 1.0 us\n%Cpu1  : 1.0 xx\n",
		"%idle CPU\nCPU %idle\n0 1\n",
		"$ cat /proc/pressure/cpu\nsome\n",
		"MemTotal: x kB\nMemTotal:\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ticket ticket = ticket_of(texts[i]);

		assert_int_equal(series_cells(ticket.series), 0);
		ticket_free(&ticket);
	}
}

static void decimals_are_exact(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t millionths;
	} rows[] = {
		{ "5.49107%", true, 5491070 },
		{ "0,14", true, 140000 },
		{ "100", true, 100000000 },
		{ "0.1234567", true, 123456 },
		{ "", false, 0 },
		{ ".", false, 0 },
		{ "1.", false, 0 },
		{ "1.2.3", false, 0 },
		{ "-1", false, 0 },
		{ "1e3", false, 0 },
		{ "%", false, 0 },
		{ "18446744073709551615", false, 0 },
		{ "1,234.5", false, 0 },
		{ "99999999999999", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 0;

		assert_int_equal(decimal_parse(slice_of(rows[i].text), &value), rows[i].good);
		assert_int_equal(value, rows[i].millionths);
	}
	assert_int_equal(decimal_share(5491070, 2240), 123);
	assert_int_equal(decimal_share(100000000, UINT64_MAX), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_average_of_mpstat_counts),
		cmocka_unit_test(shares_last_as_long_as_the_window),
		cmocka_unit_test(clocks_commas_and_old_names_are_read),
		cmocka_unit_test(other_tables_of_mpstat_are_passed_over),
		cmocka_unit_test(top_tells_of_each_cpu),
		cmocka_unit_test(pressure_and_memory_go_through_their_sources),
		cmocka_unit_test(the_host_is_known_by_its_own_words),
		cmocka_unit_test(garbled_tables_tell_nothing),
		cmocka_unit_test(decimals_are_exact),
	};

	return cmocka_run_group_tests_name("evidence/ticket cpu", tests, NULL, NULL);
}
