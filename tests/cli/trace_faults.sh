#!/bin/bash
# wheredrop trace where it is hard: more flows and kinds than there is room for, namespaces and interfaces that vanish or
# change their names, and kernels that refuse BPF. The numbers stay exact, and what is missing is said. Prints TAP.
set -u
: "${WHEREDROP:?}" "${BUILD:?}"
# Perf events have their numbers from tracefs; where that is not mounted it is for this test alone.
if [ ! -e /sys/kernel/tracing/events ] && [ -z "${MOUNTED:-}" ]; then
	# shellcheck disable=SC2016 # the inner shell expands it
	MOUNTED=1 exec unshare --mount bash -c 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; exec "$0"' "$0"
fi
# shellcheck source=tests/trace_host.sh
. tests/trace_host.sh

totals() # EXPRESSION of jq that has to hold for them
{
	jq -se "map(select(.type == \"totals\"))[0] | $1" "$work/output" >/dev/null
}

# From one CPU, so that its room is what counts. The last two bytes of the destination count up.
many_flows() { taskset -c 0 ip netns exec "$host" "$traffic" udp-send --to 127.0.0.1 --targets "$1" --port 9 --count "$1" >/dev/null 9>&-; }
ip netns exec "$host" nft -f - <<-'RULES' || exit 1
	table inet lab {
		chain input {
			type filter hook input priority 0
			udp dport 9 drop
		}
	}
RULES
traced --json --totals --flows -- many_flows 20000
flows=$(jq '(.flows | map(select(.reason == "NETFILTER_DROP") | .skbs) | add) as $shown | [.flows_in_all, .flows_evicted, $shown] | @tsv' -r "$work/output")
echo "# flows that have an entry, packets of flows that gave way, packets of those shown: $flows"
[ "$(of NETFILTER_DROP skbs)" -ge 20000 ] && [ "$(of NETFILTER_DROP skbs)" -le 20100 ] &&
	totals '.flows_in_all <= 16500 and .flows_evicted >= 20000 - 16400 and .flows_evicted <= .skbs'
result $? 'more flows than there is room for: every packet is counted, and how many had to give way'
traced --json --totals --flows -- many_flows 500
totals '.flows_evicted == 0 and .flows_in_all >= 500' && [ "$(of NETFILTER_DROP skbs)" -ge 500 ]
result $? 'where there is room none gives way'
ip netns exec "$host" nft delete table inet lab

# Each EtherType that nobody takes is a kind of its own.
many_kinds()
{
	taskset -c 0 ip netns exec "$host" python3 - "$1" <<-'SEND' 9>&-
		import socket, sys
		sender = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
		for i in range(int(sys.argv[1])):
		    sender.sendto(bytes(46), ("lo", 0x9100 + i, 0, 0, bytes(6)))
	SEND
}
unhandled() # FIELD: whatever this kernel calls it
{
	echo $(($(of UNHANDLED_PROTO "$1") + $(of NOT_SPECIFIED "$1") + $(of '(no reason)' "$1")))
}
traced --json --totals -- many_kinds 6000
keyless=$(jq '.keyless' "$work/output")
sum=$(($(unhandled skbs) + keyless + $(jq '.missed' "$work/output")))
echo "# of 6000 kinds: $(unhandled skbs) packets with their kind, $keyless without"
[ "$sum" -ge 6000 ] && [ "$sum" -le 6100 ] && [ "$keyless" -ge $((6000 - 4096)) ]
result $? 'more kinds than there is room for: every packet is counted, and how many have no kind'
traced --json --totals -- many_kinds 500
[ "$(unhandled skbs)" -ge 500 ] && [ "$(jq '.keyless' "$work/output")" -eq 0 ]
result $? 'where there is room each has its kind'

# A namespace that is gone by the end.
vanish()
{
	ip netns add "$host-gone" && ip -n "$host-gone" link set lo up
	gone=$(ip netns exec "$host-gone" stat -Lc %i /proc/self/ns/net)
	ip netns exec "$host-gone" "$traffic" udp-send --to 127.0.0.1 --port 9 --count 300 --rate 1000 >/dev/null 9>&-
	ip netns del "$host-gone"
}
traced --json --rate 1000 -- vanish
[ "$(jq -s --argjson gone "$gone" '[.[] | select(.type == "drop" and .reason == "NO_SOCKET" and .netns_inode == $gone)] | length' "$work/output")" -eq 300 ] &&
	[ "$(of NO_SOCKET skbs)" -ge 300 ]
result $? 'packets of a namespace that is gone have its number'

# An interface that changes its name.
rename_amid()
{
	ip netns exec "$host" "$traffic" udp-send --to 127.0.0.1 --port 9 --count 50 --rate 1000 >/dev/null 9>&-
	ip -n "$host" link set lo down
	ip -n "$host" link set lo name looped
	ip -n "$host" link set looped up
	ip netns exec "$host" "$traffic" udp-send --to 127.0.0.1 --port 9 --count 70 --rate 1000 >/dev/null 9>&-
	ip -n "$host" link set looped down
	ip -n "$host" link set looped name lo
	ip -n "$host" link set lo up
}
traced --json --netns "$host" --rate 1000 -- rename_amid
named() { jq -s --arg name "$1" '[.[] | select(.type == "drop" and .reason == "NO_SOCKET" and .ifname == $name)] | length' "$work/output"; }
[ "$(of NO_SOCKET wanted)" -eq 120 ] && [ "$(named lo)" -eq 50 ] && [ "$(named looped)" -eq 70 ]
result $? 'an interface has the name that it had when the packet fell'
traced --json --interface lo --netns "$host" --rate 1000 -- rename_amid
[ "$(of NO_SOCKET wanted)" -eq 50 ] && [ "$(of NO_SOCKET skbs)" -ge 120 ]
result $? 'and is asked for by the name of that moment'

# Where BPF is refused perf events count: run COMMAND... WHEREDROP trace ...
without_bpf()
{
	"$@" "$WHEREDROP" trace --json --rate 10 --duration 2s >"$work/output" 2>"$work/error" 9>&- &
	local pid=$!
	sleep 1
	lose 400
	wait "$pid"
}
# counted DESCRIPTION WHY
counted()
{
	[ "$(of NO_SOCKET skbs)" -eq 400 ] && jq -se --arg why "$2" '(map(select(.type == "totals"))[0].without_packets | test($why)) and
		(map(select(.type == "drop")) | length > 0 and all(.headers == "not read" and .netns_inode == null))' "$work/output" >/dev/null
	result $? "$1"
}
if setpriv --bounding-set -bpf,-sys_admin true 2>/dev/null; then
	without_bpf setpriv --bounding-set -bpf,-sys_admin
	counted 'without the right to BPF perf events count, and that is said' 'refused'
	setpriv --bounding-set -bpf,-sys_admin "$WHEREDROP" trace --filter udp --duration 100ms >/dev/null 2>"$work/error"
	[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q '^wheredrop: --filter needs the packets' "$work/error"
	result $? 'what they cannot tell is refused in one line'
fi
# shellcheck disable=SC2016
without_bpf unshare --mount bash -c 'mount --bind /dev/null /sys/kernel/btf/vmlinux && exec "$0" "$@"'
counted 'without BTF too' 'BTF'
echo "1..$number"
