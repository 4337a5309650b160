#!/bin/bash
# What wheredrop costs, beside what is used today, from one run on one machine:
#   - CPU per full sample, beside one scrape of Debian's prometheus-node-exporter;
#   - CPU and peak memory of a ten-second diagnosis with 1 and with 10 namespaces.
# Figures of two tools from two runs cannot be compared, so ratios are what counts. The exporter listens on
# loopback for the time of the run; the namespaces are made and removed here.
# SCRAPES=200 and DURATION=10s can be changed.
set -euo pipefail
cd "$(dirname "$0")/.."
wheredrop=$PWD/build/wheredrop
scrapes=${SCRAPES:-200}
duration=${DURATION:-10s}
work=$(mktemp -d)
exporter_pid=
namespaces=()

clean_up()
{
	if [ -n "$exporter_pid" ]; then
		kill "$exporter_pid" 2>/dev/null || true
		wait "$exporter_pid" 2>/dev/null || true
	fi
	for namespace in "${namespaces[@]}"; do
		ip netns delete "$namespace" || true
	done
	rm -rf "$work"
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

# Prints the CPU seconds per sample of diagnoses whose interval is their whole window: each then takes two
# samples of every source and none of the cheap ones between. Start and verdict are charged to them too.
measure_full_sample()
{
	local status
	for index in $(seq 20); do
		status=0
		"$wheredrop" diagnose --duration 200ms --interval 200ms --json >"$work/full.$index" 2>"$work/full.err" || status=$?
		[ "$status" -le 1 ] || [ "$status" -eq 3 ] || give_up "wheredrop diagnose ended with $status: $(tail -n 1 "$work/full.err")"
	done
	jq -rs '(map(.tool.cpu_seconds) | add) / (map(.window.samples) | add)' "$work"/full.[0-9]*
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

[ "$(id -u)" -eq 0 ] || give_up "namespaces need root: sudo make bench"
[ -x "$wheredrop" ] || give_up "build/wheredrop is missing: make build"
present=$(lsns -t net -n -o NS | sort -u | wc -l)
[ "$present" -eq 1 ] || echo "note: $present network namespaces exist, so 1 and 10 below are $present and $((present + 9))"

measure_exporter
full=$(measure_full_sample)
one=$(measure_diagnosis one)
for index in $(seq 9); do
	ip netns add "wheredrop-bench-$$-$index"
	namespaces+=("wheredrop-bench-$$-$index")
	ip -n "wheredrop-bench-$$-$index" link set lo up
done
ten=$(measure_diagnosis ten)
read -r one_cpu one_bytes fulls one_rest <<<"$one"
read -r ten_cpu ten_bytes ten_samples ten_rest <<<"$ten"

echo "kernel $(uname -r), $(nproc) CPUs, $scrapes scrapes, diagnosis of $duration"
awk -v seconds="$exporter_seconds" -v bytes="$exporter_bytes" -v series="$exporter_series" 'BEGIN {
	printf "%-34s %7.3f ms CPU each, %d series, %.1f MB peak RSS\n", "prometheus-node-exporter, scrape", 1000 * seconds, series, bytes / 1e6 }'
awk -v seconds="$full" 'BEGIN { printf "%-34s %7.3f ms CPU each\n", "wheredrop, full sample", 1000 * seconds }'
# shellcheck disable=SC2086 # the rest is two words by design
report_diagnosis "wheredrop, diagnosis, 1 namespace" "$one_cpu" "$one_bytes" "$fulls" $one_rest
# shellcheck disable=SC2086
report_diagnosis "wheredrop, diagnosis, 10 namespaces" "$ten_cpu" "$ten_bytes" "$ten_samples" $ten_rest
echo "ratio of CPU, sample to scrape:                $(ratio "$full" "$exporter_seconds")"
echo "ratio of CPU, 10 namespaces to 1:              $(ratio "$ten_cpu" "$one_cpu")"
echo "ratio of peak RSS, 10 namespaces to 1:         $(ratio "$ten_bytes" "$one_bytes")"
echo "ratio of peak RSS, diagnosis to the exporter:  $(ratio "$one_bytes" "$exporter_bytes")"
