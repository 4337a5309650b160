#!/bin/bash
# What it costs to watch every dropped packet, and how many of them are accounted for: wheredrop's probe beside bpftrace's
# one-liner and perf, on the same work in one run. A sender in a namespace of its own loses datagrams as fast as it can on
# loopback, to a port where nobody listens, so that its speed shows the cost; the rounds go in turn, because machines are
# shared. NUMBER=500000 datagrams and ROUNDS=5 can be changed.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-$PWD/build}
number=${NUMBER:-500000}
rounds=${ROUNDS:-5}
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

# Prints how many datagrams a second were sent.
lose()
{
	local begin=$EPOCHREALTIME
	ip netns exec "$host" "$build/lab-traffic" udp-send --to 127.0.0.1 --port 9 --count "$number" --rate 100000000 >/dev/null
	awk -v begin="$begin" -v end="$EPOCHREALTIME" -v number="$number" 'BEGIN { printf "%.0f\n", number / (end - begin) }'
}

# Each start_ function leaves the process id in `tracer`, attached; each end_ function prints what it accounts for.
start_none() { tracer=; }
end_none() { echo 0; }

start_wheredrop()
{
	"$build/wheredrop" trace --json "$@" >"$work/wheredrop" &
	tracer=$!
	sleep 1
}

start_totals() { start_wheredrop --totals; }
start_flows() { start_wheredrop --totals --flows; }
start_lines() { start_wheredrop --rate 100; }

end_wheredrop()
{
	kill -INT "$tracer"
	wait "$tracer" || true
	jq 'select(.type == "totals") | ([.reasons[] | select(.reason == "NO_SOCKET" or .reason == "(no reason)") | .skbs] | add // 0) + .missed' "$work/wheredrop"
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
	kill -INT "$tracer"
	wait "$tracer" || true
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
	kill -INT "$tracer"
	wait "$tracer" || true
	perf script -i "$work/perf.data" -F event 2>/dev/null | grep -c kfree_skb || true
	rm -f "$work/perf.data"
}

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

# One after the other in each round.
tracers=(none totals flows lines)
command -v bpftrace >/dev/null && tracers+=(bpftrace)
command -v perf >/dev/null && tracers+=(perf)
for _ in $(seq "$rounds"); do
	for name in "${tracers[@]}"; do
		"start_$name"
		lose >>"$work/speed.$name"
		"end_$name" >>"$work/seen.$name"
		tracer=
	done
done
none=$(median <"$work/speed.none")
printf '%-44s %10s %10s   %s\n' "watching $number drops, median of $rounds" 'drops/s' 'of none' 'accounted for, at least'
for name in "${tracers[@]}"; do
	speed=$(median <"$work/speed.$name")
	seen=$(sort -n "$work/seen.$name" | head -n 1)
	case $name in
	none) title='nobody' seen= ;;
	totals) title='wheredrop trace --totals: every kind' ;;
	flows) title='wheredrop trace --totals --flows' ;;
	lines) title='wheredrop trace, 100 lines/s' ;;
	bpftrace) title='bpftrace, count by location' ;;
	perf) title='perf record -e skb:kfree_skb' ;;
	esac
	printf '%-44s %10d %9.1f%%   %s\n' "$title" "$speed" "$(awk -v a="$speed" -v b="$none" 'BEGIN { print a / b * 100 }')" \
		"${seen:+$(awk -v seen="$seen" -v number="$number" 'BEGIN { printf "%.2f %%", seen / number * 100 }')}"
done

# Nanoseconds of one run of the program itself, and of one that does nothing.
sysctl -q kernel.bpf_stats_enabled=1
for _ in $(seq "$rounds"); do
	for mode in empty keys flows; do
		mkfifo "$work/hold"
		"$build/tests/bench-attach" "$mode" <"$work/hold" >"$work/attach" &
		tracer=$!
		exec 8>"$work/hold"
		rm "$work/hold"
		until grep -qs attached "$work/attach"; do sleep 0.05; done
		lose >/dev/null
		exec 8>&-
		wait "$tracer"
		tracer=
		awk 'NR == 2 { print $2 }' "$work/attach" >>"$work/ns.$mode"
	done
done
empty=$(median <"$work/ns.empty")
for mode in empty keys flows; do
	ns=$(median <"$work/ns.$mode")
	awk -v mode="$mode" -v ns="$ns" -v empty="$empty" 'BEGIN {
		printf "program, %-35s %8.1f ns a drop%s\n", mode == "empty" ? "empty" : mode == "keys" ? "every kind" : "every kind and flow", ns,
			mode == "empty" ? "" : sprintf(", %.1f more than the empty one", ns - empty) }'
done
