#!/bin/bash
# What evidence costs: recording, a bundle's size and its answer, a pasted ticket of 10,000 lines, a sosreport of 100 MB.
# Goals: 10 s with 10 namespaces under 1 MB; an hour at one reading per second under 20 MB and 1 % of a CPU; the answer in a
# hundredth of the recorded time; the ticket in 100 ms, the sosreport in 3 s. Usage: bench-evidence.sh WHEREDROP; RECORD=60s
set -euo pipefail
wheredrop=$1
record=${RECORD:-60s}
work=$(mktemp -d)
namespaces=()

clean_up()
{
	for namespace in "${namespaces[@]}"; do
		ip netns delete "$namespace" || true
	done
	rm -rf "$work"
}
trap clean_up EXIT

# Prints seconds of CPU and of the clock. An answer may be any of its statuses.
took()
{
	command time -f '%U %S %e' -o "$work/time" "$@" >/dev/null 2>&1 || true
	tail -n 1 "$work/time" | awk '{ print $1 + $2, $3 }'
}

make_namespaces()
{
	for index in {1..10}; do
		ip netns add "wd-bench-$$-$index"
		namespaces+=("wd-bench-$$-$index")
	done
}

bench_bundles()
{
	local cpu wall bytes
	took "$wheredrop" record --duration 10s "$work/ten.wdb" >/dev/null
	echo "10 s with 10 namespaces: $(($(stat -c %s "$work/ten.wdb") / 1000)) kB"
	read -r cpu wall < <(took "$wheredrop" record --duration "$record" --interval 1s "$work/long.wdb")
	bytes=$(stat -c %s "$work/long.wdb")
	awk -v cpu="$cpu" -v wall="$wall" -v bytes="$bytes" 'BEGIN {
		printf "at one reading per second: %.2f %% of a CPU, %.1f MB in an hour\n", 100 * cpu / wall, bytes / wall * 3600 / 1e6 }'
	read -r cpu wall < <(took "$wheredrop" diagnose --json --from "$work/long.wdb")
	awk -v wall="$wall" -v record="${record%s}" 'BEGIN { printf "its answer in %.0f ms: %.0f times real time\n", wall * 1e3, record / (wall > 0 ? wall : 0.01) }'
}

# The outputs that tests have, again and again.
bench_ticket()
{
	local wall
	: >"$work/ticket.txt"
	while [ "$(wc -l <"$work/ticket.txt")" -lt 10000 ]; do
		cat tests/tickets/*.txt >>"$work/ticket.txt"
	done
	head -n 10000 "$work/ticket.txt" >"$work/ticket"
	read -r _ wall < <(took "$wheredrop" diagnose --json --from "$work/ticket")
	awk -v wall="$wall" 'BEGIN { printf "a ticket of 10,000 lines: %.0f ms\n", wall * 1e3 }'
}

bench_sosreport()
{
	local wall root=$work/sosreport
	mkdir -p "$root/sos_commands/networking" "$root/proc/net" "$root/var/log"
	cp tests/tickets/backlog-drop.txt "$root/sos_commands/networking/netstat_-s"
	cp tests/tickets/shaper-at-work.txt "$root/sos_commands/networking/tc_-s_qdisc_show"
	awk 'BEGIN { srand(1); for (size = 0; size < 100e6; size += length(line) + 1) {
		line = sprintf("Nov 20 10:%02d:%02d web1 app[%d]: request %d took %d ms, %x %x", rand() * 60, rand() * 60, rand() * 9999,
			NR, rand() * 999, rand() * 2^31, rand() * 2^31); print line } }' >"$root/var/log/messages"
	tar -C "$work" -cf - sosreport | xz -1 -T0 >"$work/sosreport.tar.xz"
	read -r _ wall < <(took "$wheredrop" diagnose --json --from "$work/sosreport.tar.xz")
	awk -v wall="$wall" -v bytes="$(stat -c %s "$work/sosreport.tar.xz")" 'BEGIN {
		printf "a sosreport of 100 MB, packed to %.0f MB: %.2f s\n", bytes / 1e6, wall }'
}

make_namespaces
bench_bundles
bench_ticket
bench_sosreport
