#!/bin/bash
# What wheredrop costs, beside what is used today, from one run on one machine. Parts, in this order:
#   sources    what one reading of each source takes, and of all of them: the full sample
#   cpus       the same for /proc of a host of 1024 and of 4096 CPUs, made up here
#   start      from the start of the process to its first sample
#   scrape     one scrape of Debian's prometheus-node-exporter, beside the samples
#   diagnosis  CPU and peak memory of a ten-second diagnosis with 1 and with 10 namespaces
#   drops      what watching drop events costs, beside bpftrace and perf (scripts/bench-drops.sh)
#   evidence   what recordings and pasted outputs cost (scripts/bench-evidence.sh)
#   crowd      what 10,000 sockets, 200 namespaces and 1,000 interfaces each add to a window of ten seconds
# Figures of two tools from two runs cannot be compared, so ratios are what counts. The exporter listens on
# loopback for the time of the run; namespaces are made and removed here.
# PARTS="sources cpus", SCRAPES=200, READINGS=500 and DURATION=10s can be changed.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-$PWD/build}
wheredrop=$build/wheredrop
parts=${PARTS:-sources cpus start scrape diagnosis crowd drops evidence}
scrapes=${SCRAPES:-200}
readings=${READINGS:-500}
duration=${DURATION:-10s}
work=$(mktemp -d)
exporter_pid=
holder_pid=
namespaces=()

clean_up()
{
	for pid in $exporter_pid $holder_pid; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	remove_namespaces
	rm -rf "$work"
}

remove_namespaces()
{
	for namespace in "${namespaces[@]}"; do
		ip netns delete "$namespace" || true
	done
	namespaces=()
}
trap clean_up EXIT

give_up()
{
	echo "make bench: $*" >&2
	exit 1
}

# The installed exporter, else the Debian package unpacked and not installed: its installation would
# start a service that listens on every address.
exporter_path()
{
	command -v prometheus-node-exporter && return
	local unpacked=$PWD/build/bench/usr/bin/prometheus-node-exporter
	if [ ! -x "$unpacked" ]; then
		(cd "$work" && apt-get -q -o APT::Sandbox::User=root download prometheus-node-exporter >apt.log 2>&1) || return 1
		dpkg-deb -x "$work"/prometheus-node-exporter_*.deb build/bench
	fi
	echo "$unpacked"
}

# utime + stime of a process in seconds. The name in parentheses may hold spaces, so cut after it.
process_cpu_seconds()
{
	sed 's/.*) //' "/proc/$1/stat" | awk -v hertz="$(getconf CLK_TCK)" '{ printf "%.4f", ($12 + $13) / hertz }'
}

# Sets exporter_seconds (CPU per scrape), exporter_bytes (peak RSS) and exporter_series.
measure_exporter()
{
	local program port before after
	program=$(exporter_path) || give_up "prometheus-node-exporter is neither installed nor to be had through apt"
	for port in $(shuf -i 20000-29999 -n 20); do
		[ -z "$(ss -Hltn "sport = :$port")" ] && break
	done
	"$program" --web.listen-address="127.0.0.1:$port" >"$work/exporter.log" 2>&1 &
	exporter_pid=$!
	for _ in $(seq 50); do
		curl -sf -o "$work/metrics" "http://127.0.0.1:$port/metrics" && break
		sleep 0.1
	done
	[ -s "$work/metrics" ] || { cat "$work/exporter.log" >&2; give_up "prometheus-node-exporter does not answer"; }
	exporter_series=$(grep -vc '^#' "$work/metrics")

	before=$(process_cpu_seconds "$exporter_pid")
	for _ in $(seq "$scrapes"); do
		curl -sf -o /dev/null "http://127.0.0.1:$port/metrics"
	done
	after=$(process_cpu_seconds "$exporter_pid")
	exporter_seconds=$(awk "BEGIN { printf \"%.6f\", ($after - $before) / $scrapes }")
	exporter_bytes=$(awk '/^VmHWM/ { print $2 * 1024 }' "/proc/$exporter_pid/status")
	kill "$exporter_pid"
	wait "$exporter_pid" 2>/dev/null || true
	exporter_pid=
}

# Prints "cpu-seconds peak-bytes samples wall-seconds" of one diagnosis. CPU and memory as GNU time saw them
# (children included); what the tool says of itself is compared with it. Statuses 0, 1 and 3 are answers.
measure_diagnosis() # NAME OPTION...
{
	local name=$1 status=0 user system kbytes wall
	shift
	command time -f '%U %S %M %e' -o "$work/$name.time" \
		"$wheredrop" diagnose --duration "$duration" --json "$@" >"$work/$name.json" 2>"$work/$name.err" || status=$?
	[ "$status" -le 1 ] || [ "$status" -eq 3 ] || give_up "wheredrop diagnose ended with $status: $(tail -n 1 "$work/$name.err")"
	read -r user system kbytes wall < <(tail -n 1 "$work/$name.time")
	jq -r --arg user "$user" --arg system "$system" --arg kbytes "$kbytes" --arg wall "$wall" \
		'[($user | tonumber) + ($system | tonumber), ($kbytes | tonumber) * 1024, .window.samples, ($wall | tonumber),
		  .tool.cpu_seconds, .tool.max_rss_bytes] | join(" ")' "$work/$name.json"
}

ratio()
{
	awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "-" }'
}

report_diagnosis() # TITLE CPU BYTES SAMPLES WALL OWN-CPU OWN-BYTES
{
	awk -v title="$1" -v cpu="$2" -v bytes="$3" -v samples="$4" -v wall="$5" -v own="$6" -v own_bytes="$7" 'BEGIN {
		printf "%-34s %7.3f s CPU (it says %.3f), %5.2f %% of one CPU, %6.1f MB peak RSS (it says %.1f), %d samples\n",
			title, cpu, own, 100 * cpu / wall, bytes / 1e6, own_bytes / 1e6, samples }'
}

wanted() # PART
{
	[[ " $parts " == *" $1 "* ]]
}

# Readings beside each other, not beside a window: what a source takes by itself.
bench_sources() # READINGS [SYSROOT]
{
	"$build/tests/bench-sources" "$@"
}

# Sets full_ns, full_numbers, tick_ns and tick_numbers.
part_sources()
{
	bench_sources "$readings" >"$work/sources"
	echo "one reading of each source, in this namespace ($readings readings; in between: nothing has moved)"
	awk '{ printf "  %-16s %-6s %5d numbers %8.1f us, %3d %% in the kernel; in between %8.1f us; into the series %5.1f us\n",
		$1, $2, $3, $4 / 1e3, $5 / 10, $6 / 1e3, $7 / 1e3 }' "$work/sources"
	read -r full_ns full_numbers tick_ns tick_numbers < <(awk '
		{ full += $4 + $7; numbers += $3 }
		$2 == "cheap" { tick += $6 + $7; of_tick += $3 }
		END { print full, numbers, tick, of_tick }' "$work/sources")
	awk -v full="$full_ns" -v numbers="$full_numbers" -v tick="$tick_ns" -v of_tick="$tick_numbers" 'BEGIN {
		printf "full sample: all of the above once        %8.3f ms CPU, %d numbers\n", full / 1e6, numbers
		printf "tick: the cheap ones of the above         %8.3f ms CPU, %d numbers\n", tick / 1e6, of_tick }'
}

# /proc of a host with so many CPUs and 64 queues, each with an interrupt on one CPU.
write_cpus() # DIRECTORY CPUS
{
	mkdir -p "$1/proc/thread-self/net"
	awk -v cpus="$2" 'BEGIN { for (c = 0; c < cpus; c++)
		printf "%08x 00000000 00000003 0 0 0 0 0 0 00000000 00000000 00000000 %08x 00000000 00000000\n", c * 977, c }' \
		>"$1/proc/thread-self/net/softnet_stat"
	awk -v cpus="$2" 'BEGIN { printf "cpu  1 2 3 4 5 6 7 8 9 10\n"
		for (c = 0; c < cpus; c++) printf "cpu%d %d 0 %d 123456 7 0 %d 0 0 0\n", c, c, c * 3, c * 5 }' >"$1/proc/stat"
	awk -v cpus="$2" 'BEGIN { heading(); row("NET_TX:", 17, ""); row("NET_RX:", 977, "") }
		function heading(c) { for (c = 0; c < cpus; c++) printf " CPU%-7d", c; print "" }
		function row(name, by, after, c) { printf "%s", name; for (c = 0; c < cpus; c++) printf " %10d", c * by; print after }' \
		>"$1/proc/softirqs"
	awk -v cpus="$2" 'BEGIN { for (c = 0; c < cpus; c++) printf " CPU%-7d", c; print ""
		for (q = 0; q < 64; q++) { printf "%4d:", 100 + q
			for (c = 0; c < cpus; c++) printf " %10d", c == q * 13 ? 1000 : 0
			printf "  PCI-MSIX-0000:17:00.0 %d-edge      mlx5_comp%d@pci:0000:17:00.0\n", q, q } }' >"$1/proc/interrupts"
}

part_cpus()
{
	for cpus in 1024 4096; do
		write_cpus "$work/$cpus" "$cpus"
		bench_sources 20 "$work/$cpus" | grep -E '^(softnet|softirqs|cpu|interrupts) ' >"$work/cpus.$cpus"
	done
	echo "files of a host of 4096 CPUs and 64 network interrupts (reading a file, its numbers, and into the series)"
	paste "$work/cpus.1024" "$work/cpus.4096" | awk '{
		printf "  %-16s %6d numbers %8.3f ms CPU, %.1f times that of 1024 CPUs\n", $1, $10, ($11 + $14) / 1e6, ($11 + $14) / ($4 + $7) }'
}

part_start()
{
	for index in $(seq 20); do
		local begun=$EPOCHREALTIME
		"$build/tests/sampler-window" 200ms | { read -r _ && echo "$begun $EPOCHREALTIME" && cat >/dev/null; }
	done >"$work/starts" || give_up "tests/sampler-window ended too early"
	awk '{ print ($2 - $1) * 1e3 }' "$work/starts" | sort -n | awk '{ took[NR] = $1 } END {
		printf "start to first sample                     %8.1f ms (median of %d; longest %.1f)\n", took[int((NR + 1) / 2)], NR, took[NR] }'
}

part_scrape()
{
	measure_exporter
	awk -v seconds="$exporter_seconds" -v bytes="$exporter_bytes" -v series="$exporter_series" 'BEGIN {
		printf "prometheus-node-exporter, one scrape      %8.3f ms CPU, %d series, %.1f MB peak RSS\n", 1000 * seconds, series, bytes / 1e6 }'
	wanted sources || return 0
	echo "ratio of CPU, scrape to full sample (every source):       $(ratio "$exporter_seconds" "${full_ns}e-9")"
	echo "ratio of CPU, scrape to tick (cheap sources):             $(ratio "$exporter_seconds" "${tick_ns}e-9")"
}

make_namespaces() # COUNT
{
	for index in $(seq "$1"); do
		ip netns add "wheredrop-bench-$$-$index"
		namespaces+=("wheredrop-bench-$$-$index")
		ip -n "wheredrop-bench-$$-$index" link set lo up
	done
}

part_diagnosis()
{
	local one ten one_cpu one_bytes ten_cpu ten_bytes rest
	one=$(measure_diagnosis one)
	make_namespaces 9
	ten=$(measure_diagnosis ten)
	remove_namespaces
	# shellcheck disable=SC2086 # words by design
	report_diagnosis "diagnosis of $duration, 1 namespace" $one
	# shellcheck disable=SC2086
	report_diagnosis "diagnosis of $duration, 10 namespaces" $ten
	read -r one_cpu one_bytes rest <<<"$one"
	read -r ten_cpu ten_bytes rest <<<"$ten"
	echo "ratio of CPU, 10 namespaces to 1:                         $(ratio "$ten_cpu" "$one_cpu")"
	echo "ratio of peak RSS, 10 namespaces to 1:                    $(ratio "$ten_bytes" "$one_bytes")"
	[ -z "${exporter_bytes:-}" ] || echo "ratio of peak RSS, the exporter to a diagnosis:           $(ratio "$exporter_bytes" "$one_bytes")"
}

# One window of every source in every namespace, without a verdict; $work/window keeps what it says of itself.
measure_window() # TITLE
{
	"$build/tests/sampler-window" "$duration" >"$work/window"
	awk -v title="$1" -v base="${window_cpu_ms:-}" '
		$1 == "ticks" { ticks = $2; late = $4; interval = $8; gap = $10 }
		$1 == "cpu_ms" { cpu = $2; share = $4; rss = $6 }
		END { printf "%-34s %8.0f ms CPU (%.2f %%)%s, %.1f MB peak RSS, %d ticks (%d late), longest gap %.0f ms\n",
			title, cpu, share, base == "" ? "" : sprintf(", %+.0f ms", cpu - base), rss * 1024 / 1e6, ticks, late, gap }' "$work/window"
}

# Half of them UDP sockets, half connections over loopback, in a namespace of their own, until it is killed.
hold_sockets() # NAMESPACE
{
	ip netns exec "$1" bash -c 'ulimit -n 20000 && exec python3 -c "
import socket, sys, time
kept = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(5000)]
for s in kept: s.bind((\"127.0.0.1\", 0))
listener = socket.create_server((\"127.0.0.1\", 0), backlog=4096)
for _ in range(2500):
    kept.append(socket.create_connection(listener.getsockname()))
    kept.append(listener.accept()[0])
print(\"ready\", flush=True)
time.sleep(600)"' >"$work/holder" &
	holder_pid=$!
	for _ in $(seq 100); do
		grep -qs ready "$work/holder" && return
		sleep 0.1
	done
	give_up "cannot open 10,000 sockets"
}

part_crowd()
{
	measure_window "window of $duration, as it is"
	window_cpu_ms=$(awk '$1 == "cpu_ms" { print $2 }' "$work/window")

	make_namespaces 1
	hold_sockets "${namespaces[0]}"
	measure_window "with 10,000 sockets"
	ip netns exec "${namespaces[0]}" "$build/tests/bench-sources" 50 | awk '$1 == "socket" {
		printf "  sock_diag: all of them                  %8.3f ms CPU; UDP sockets and listeners only %.3f ms\n", $4 / 1e6, $6 / 1e6 }'
	kill "$holder_pid"
	wait "$holder_pid" 2>/dev/null || true
	holder_pid=
	remove_namespaces

	make_namespaces 200
	measure_window "with 200 namespaces"
	remove_namespaces

	make_namespaces 1
	for index in $(seq 500); do echo "link add a$index type veth peer name b$index"; done | ip -n "${namespaces[0]}" -batch -
	measure_window "with 1,000 interfaces"
	remove_namespaces
}

part_drops()
{
	scripts/bench-drops.sh
}

part_evidence()
{
	scripts/bench-evidence.sh "$wheredrop"
}

[ -x "$build/tests/bench-sources" ] || give_up "$build/tests/bench-sources is missing: make build with cmocka installed"
if wanted diagnosis || wanted crowd; then
	[ "$(id -u)" -eq 0 ] || give_up "namespaces need root: sudo make bench, or PARTS=\"sources cpus start scrape\""
	present=$(lsns -t net -n -o NS | sort -u | wc -l)
	[ "$present" -eq 1 ] || echo "note: $present network namespaces exist already: add $((present - 1)) to each number of them"
fi
echo "kernel $(uname -r), $(nproc) CPUs"
for part in $parts; do
	"part_$part"
done
