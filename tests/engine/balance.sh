#!/bin/bash
# The ledger balances while packets are lost all the time, also in the moments at which a window begins and ends: what the
# kernel tells of and what is counted differ by no more than what fell while the counters were being read. Prints TAP. Needs
# root; what it makes is called wd-balance-PID.
set -u
wheredrop=${WHEREDROP:?} traffic=${BUILD:?}/lab-traffic
netns=wd-balance-$$
work=$(mktemp -d)
# shellcheck source=tests/tap.sh
. tests/tap.sh
started=()

cleanup()
{
	stop_all
	ip netns del "$netns" 2>/dev/null
	rm -rf "$work"
}

stop_all()
{
	local pid
	for pid in "${started[@]}"; do
		{ kill -KILL "$pid" && wait "$pid"; } 2>/dev/null
	done
	started=()
}

if [ "$(id -u)" -ne 0 ] || ! ip netns add "$netns" 2>/dev/null; then
	echo "1..0 # SKIP no right to make network namespaces"
	exit 0
fi
trap cleanup EXIT
if ! "$wheredrop" trace --duration 100ms >/dev/null 2>"$work/error"; then
	echo "1..0 # SKIP $(head -n 1 "$work/error")"
	exit 0
fi
# Counters of the host belong to whoever measures.
# shellcheck source=lab/lock.sh
. lab/lock.sh
lab_lock
ip -n "$netns" link set lo up
ip netns exec "$netns" nft -f - <<-'RULES' || exit 1
	table inet balance {
		chain input {
			type filter hook input priority 0
			udp dport 10 counter drop
		}
	}
RULES

# A stopped reader whose queue is full, a rule that drops, and 5000 datagrams a second for each of them.
lose_steadily()
{
	local reader port
	ip netns exec "$netns" "$traffic" udp-recv --on 127.0.0.1 --port 7 --rcvbuf 20000 >"$work/reader" 2>&1 9>&- &
	reader=$!
	started+=("$reader")
	until grep -qs ready "$work/reader" || ! kill -0 "$reader" 2>/dev/null; do
		sleep 0.02
	done
	kill -STOP "$reader"
	for port in 7 10; do
		ip netns exec "$netns" "$traffic" udp-send --to 127.0.0.1 --port "$port" --size 100 --rate 5000 --count 1000000 \
			>/dev/null 9>&- &
		started+=($!)
	done
	sleep 0.3
}

diagnose() # FILE ARGUMENT…
{
	local file=$1
	shift
	"$wheredrop" diagnose --json --netns "$netns" "$@" >"$work/$file" 2>"$work/$file.error" 9>&-
	jq -c '.window, .ledger.events, (.findings[] | [.cause, .packets, (.evidence[] | [.counter, .delta])])' "$work/$file" \
		>"$work/$file.brief" 2>&1
}

holds() # FILE JQ-FILTER DESCRIPTION
{
	jq -e "$2" "$work/$1" >/dev/null 2>&1
	result $? "$3" "$work/$1.error" "$work/$1.brief"
}

# What must be so of every window with both losses in it. The $ are of jq.
# shellcheck disable=SC2016
balanced() # FILE WHAT
{
	holds "$1" '.ledger.events.unmatched_least == 0' "$2: the rest may be nothing"
	holds "$1" '.ledger.events | .unmatched > 0 and .unmatched < .dropped / 2' "$2: at the edges some fell"
	holds "$1" '[.findings[].cause] | sort == ["firewall-rule-drop", "udp-receive-buffer-full"]' "$2: two losses are two findings"
	holds "$1" '.findings | all(.confidence == "proven" and .packets > 500)' "$2: both are proven"
	# Each finding's number is its counter's, and no more than what the kernel told of.
	holds "$1" '.findings | all(. as $finding |
		([.evidence[] | select(.counter == "rule.packets" or .counter == "UdpRcvbufErrors") | .delta] | add) == $finding.packets and
		([.evidence[] | select(.counter == "drop.skbs") | .delta] | add) >= $finding.packets)' "$2: their numbers are the counters'"
	holds "$1" '.ledger.events as $events | ([.findings[].packets] | add) as $counted |
		([.findings[].evidence[] | select(.counter == "drop.skbs") | .delta] | add) - $counted <= $events.unmatched' \
		"$2: they are short of what the kernel told by no more than the rest"
	holds "$1" '.ledger.events | .untold <= .nameless' "$2: nothing was counted that the kernel did not tell of"
}

diagnose quiet --duration 500ms
holds quiet '.ledger.events | .unmatched == 0 and .matched == 0 and .uncounted == 0' 'nothing is left over of nothing'
holds quiet '.findings == []' 'and nothing is found'

lose_steadily
diagnose whole --duration 2s
balanced whole 'a whole window'
diagnose certain --until-proven --duration 20s
balanced certain 'one that ends early'
holds certain '.window.ended == "certain"' 'it does end early'
diagnose waiting --wait 20s --duration 1s
balanced waiting 'one that waited'
holds waiting '.window.ended == "loss"' 'its wait ends with the loss'

diagnose broken --duration 20s &
pid=$!
sleep 1.5
interrupted=$(pgrep -P "$pid" -x wheredrop)
kill -INT "$interrupted"
wait "$pid"
balanced broken 'one that was interrupted'
holds broken '.window.ended == "interrupt"' 'it was cut short'
echo "1..$number"
