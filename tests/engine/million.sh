#!/bin/bash
# A million packets of known kinds, lost as fast as two senders can: trace's totals are the truth, whether its reader keeps
# up or is stopped half the time. What the probe did not see, because a drop interrupted it at work on another one, it says
# itself, and belongs to the sum. Prints TAP.
set -u
: "${WHEREDROP:?}" "${BUILD:?}"
# shellcheck source=tests/trace_host.sh
. tests/trace_host.sh

# send NUMBER ADDRESS PORT
send()
{
	ip netns exec "$host" "$traffic" udp-send --to "$2" --port "$3" --count "$1" --rate 0 >/dev/null 9>&-
}

# 600,000 to a port where nobody listens, IPv4 and IPv6; 400,000 that a rule drops.
lose_a_million()
{
	local senders=()
	send 400000 127.0.0.1 9 & senders+=($!)
	send 200000 ::1 9 & senders+=($!)
	wait "${senders[@]}"
	send 400000 127.0.0.1 10
}

# measured ARGUMENT...: trace while they are lost
measured()
{
	"$WHEREDROP" trace --json --netns "$host" "$@" >"$work/output" 2>"$work/error" 9>&- &
	tracer=$!
	attached "$tracer"
}

ended()
{
	kill -INT "$tracer"
	wait "$tracer"
	no_socket=$(of NO_SOCKET wanted) by_rule=$(of NETFILTER_DROP wanted)
	missed=$(jq -r 'select(.type == "totals") | .missed' "$work/output")
	echo "# NO_SOCKET $no_socket of 600000, NETFILTER_DROP $by_rule of 400000, not seen by the probe: $missed"
}

# exact DESCRIPTION: nothing is counted twice, and all that is not counted was missed and said
exact()
{
	local short=$((1000000 - no_socket - by_rule))
	[ "$no_socket" -le 600000 ] && [ "$by_rule" -le 400000 ] && [ "$short" -le "$missed" ]
	result $? "$1"
}

ip netns exec "$host" nft -f - <<-'RULES' || exit 1
	table inet lab {
		chain input {
			type filter hook input priority 0
			udp dport 10 drop
		}
	}
RULES

measured --rate 100
lose_a_million
ended
exact 'a million drops are counted exactly'
[ "$missed" -le 1000 ]
result $? 'hardly any of them interrupted the probe'

measured --rate 100000
halves()
{
	while :; do
		kill -STOP "$tracer"
		sleep 0.1
		kill -CONT "$tracer"
		sleep 0.1
	done
}
halves &
halver=$!
lose_a_million
kill "$halver"
wait "$halver" 2>/dev/null
kill -CONT "$tracer"
sleep 0.3
ended
exact 'and so they are when the reader is stopped half the time'
jq -se 'map(select(.type == "totals"))[0] | .samples_lost + .over_rate > 0' "$work/output" >/dev/null
result $? 'what could not be shown is said'
echo "1..$number"
