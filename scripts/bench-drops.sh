#!/bin/bash
# What it costs to watch every dropped packet, and how many of them are accounted for: wheredrop's probe beside bpftrace's
# one-liner, perf and nettrace (NETTRACE=its binary), on the same work in one run. All CPUs lose datagrams in a namespace as
# fast as they can; machines are shared, so the tracers go in turn, each speed is held against that without a tracer in
# the same round, and the median of the rounds is shown. NUMBER=500000 datagrams for each CPU and ROUNDS=7 can be changed.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-$PWD/build}
number=${NUMBER:-500000}
rounds=${ROUNDS:-7}
work=$(mktemp -d)
host=wd-bench-$$
tracer=
stats=$(sysctl -n kernel.bpf_stats_enabled)

clean_up()
{
	[ -z "$tracer" ] || kill "$tracer" 2>/dev/null || true
	sysctl -q "kernel.bpf_stats_enabled=$stats"
	ip netns delete "$host" 2>/dev/null || true
	rm -rf "$work"
}
trap clean_up EXIT
ip netns add "$host"
ip -n "$host" link set lo up

# Prints how many datagrams were lost, and how many in a second.
lose() # CPUS [FLOWS]
{
	ip netns exec "$host" "$build/tests/bench-flood" "$1" "$number" "${@:2}"
}

# Each start_ function leaves the process id in `tracer`, attached; each end_ function ends it and prints what it counted.
start_none() { tracer=; }
end_none() { :; }

# Attaches one of bench-attach's programs: "empty" is what any program at that tracepoint costs.
hold_program() # MODE
{
	mkfifo "$work/hold"
	"$build/tests/bench-attach" "$1" <"$work/hold" >"$work/attach" &
	tracer=$!
	exec 8>"$work/hold"
	rm "$work/hold"
	until grep -qs attached "$work/attach"; do sleep 0.05; done
}
release_program()
{
	exec 8>&-
	wait "$tracer"
}

start_empty() { hold_program empty; }
end_empty() { release_program; }

start_wheredrop()
{
	"$build/wheredrop" trace --json "$@" >"$work/wheredrop" &
	tracer=$!
	sleep 1
}

start_totals() { start_wheredrop --totals; }
start_flows() { start_wheredrop --totals --flows; }
start_lines() { start_wheredrop --rate 100; }

end_tracer()
{
	kill -INT "$tracer"
	wait "$tracer" || true
}

end_wheredrop()
{
	end_tracer
	jq 'select(.type == "totals") | ([.reasons[] | select(.reason == "SOCKET_RCVBUFF" or .reason == "(no reason)") | .skbs] | add // 0) + .missed' "$work/wheredrop"
}

end_totals() { end_wheredrop; }
end_flows() { end_wheredrop; }
end_lines() { end_wheredrop; }

start_bpftrace()
{
	bpftrace -e 'tracepoint:skb:kfree_skb { @[args->location] = count(); }' >"$work/bpftrace" 2>&1 &
	tracer=$!
	for _ in $(seq 100); do
		grep -q Attaching "$work/bpftrace" && break
		sleep 0.1
	done
	sleep 2
}

end_bpftrace()
{
	end_tracer
	awk -F': ' '/^@/ { sum += $2 } END { print sum + 0 }' "$work/bpftrace"
}

start_perf()
{
	perf record -q -a -e skb:kfree_skb -o "$work/perf.data" 2>"$work/perf.err" &
	tracer=$!
	sleep 2
}

end_perf()
{
	end_tracer
	perf script -i "$work/perf.data" -F event 2>/dev/null | grep -c kfree_skb || true
	rm -f "$work/perf.data"
}

start_nettrace()
{
	"$NETTRACE" --drop >"$work/nettrace" 2>&1 &
	tracer=$!
	for _ in $(seq 100); do
		grep -q 'begin trace' "$work/nettrace" && break
		sleep 0.1
	done
}

end_nettrace()
{
	sleep 1
	end_tracer
	grep -c 'reason: SOCKET_RCVBUFF' "$work/nettrace" || true
}

title_of()
{
	case $1 in
	none) echo 'nobody' ;;
	empty) echo 'a program that does nothing' ;;
	totals) echo 'wheredrop trace --totals: every kind' ;;
	flows) echo 'wheredrop trace --totals --flows' ;;
	lines) echo 'wheredrop trace, 100 lines/s' ;;
	bpftrace) echo 'bpftrace, count by location' ;;
	perf) echo 'perf record -e skb:kfree_skb' ;;
	nettrace) echo 'nettrace --drop' ;;
	esac
}

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

tracers=(none empty totals flows lines)
command -v bpftrace >/dev/null && tracers+=(bpftrace)
command -v perf >/dev/null && tracers+=(perf)
[ -z "${NETTRACE:-}" ] || tracers+=(nettrace)

# One after the other in each round. Of what a tracer counted and the sender lost, the worst round is shown.
for _ in $(seq "$rounds"); do
	alone=
	for name in "${tracers[@]}"; do
		"start_$name"
		read -r lost speed < <(lose "$(nproc)")
		"end_$name" >"$work/counted" # not in a subshell, which could not wait for it
		counted=$(cat "$work/counted")
		tracer=
		alone=${alone:-$speed}
		echo "$speed" >>"$work/speed.$name"
		awk -v a="$speed" -v b="$alone" 'BEGIN { print a / b * 100 }' >>"$work/kept.$name"
		[ -z "$counted" ] || awk -v a="$counted" -v b="$lost" 'BEGIN { printf "%.4f\n", a / b * 100 }' >>"$work/counted.$name"
	done
done
printf '%-44s %10s %10s   %s\n' "losing $number packets on each of $(nproc) CPUs" 'drops/s' 'of nobody' 'counted, at least'
for name in "${tracers[@]}"; do
	printf '%-44s %10d %9.1f%%   %s\n' "$(title_of "$name")" "$(median <"$work/speed.$name")" "$(median <"$work/kept.$name")" \
		"$([ ! -e "$work/counted.$name" ] || sort -n "$work/counted.$name" | awk 'NR == 1 { printf "%.2f %%", $1 }')"
done

# Nanoseconds of one run of the program itself, and of one that does nothing.
sysctl -q kernel.bpf_stats_enabled=1
time_program() # NAME MODE [FLOWS]
{
	hold_program "$2"
	lose 1 "${@:3}" >/dev/null
	release_program
	tracer=
	awk 'NR == 2 { print $2 }' "$work/attach" >>"$work/ns.$1"
}
for _ in $(seq "$rounds"); do
	time_program empty empty
	time_program keys keys
	time_program flow flows
	time_program flows flows 1000
done
least() { sort -n | head -n 1; }
report_program() # NAME TITLE
{
	awk -v title="$2" -v least="$(least <"$work/ns.$1")" -v middle="$(median <"$work/ns.$1")" \
		-v empty_least="$(least <"$work/ns.empty")" -v empty_middle="$(median <"$work/ns.empty")" 'BEGIN {
		printf "program: %-35s %10.1f ns a drop at best, %.1f in the median; more than the empty one: %.1f, %.1f\n",
			title, least, middle, least - empty_least, middle - empty_middle }'
}
report_program empty 'empty'
report_program keys 'every kind'
report_program flow 'every kind and flow, 1 flow'
report_program flows 'every kind and flow, 1000 flows'

for _ in $(seq "$rounds"); do
	"$build/tests/bench-attach" cost
done >"$work/cost"
awk -v ms="$(cut -d' ' -f1 "$work/cost" | median)" -v cpus="$(nproc)" 'NR == 1 {
	printf "attaching it: %.1f ms; kernel memory on %d CPUs %.1f MB, of that for each CPU %.1f MB\n", ms, cpus, $2 / 1e6, $3 / 1e6 }' "$work/cost"
