#!/bin/bash
# wheredrop trace --also: a known number of resets, full queues, segments sent again, refused transmissions and polls at
# their budget are made in namespaces of their own, and the totals are those numbers; the same traffic without the fault makes
# none. Prints TAP.
set -u
: "${WHEREDROP:?}" "${BUILD:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh
traffic=$BUILD/lab-traffic
here=wd-also-a-$$ there=wd-also-b-$$
work=$(mktemp -d)
said=("$work/error")

if ! ip netns add "$here" 2>/dev/null; then
	echo "1..0 # SKIP needs the right to make a network namespace"
	exit 0
fi
clean_up()
{
	ip netns del "$here"
	ip netns del "$there"
	rm -rf "$work"
}
trap clean_up EXIT
ip netns add "$there"
# shellcheck source=tests/tracing.sh
. tests/tracing.sh
if ! "$WHEREDROP" trace --also resets --duration 100ms >/dev/null 2>"$work/error" || [ -s "$work/error" ]; then
	echo "1..0 # SKIP $(head -n 1 "$work/error")"
	exit 0
fi
# Counters of the host belong to whoever measures.
# shellcheck source=lab/lock.sh
. lab/lock.sh
lab_lock

in_here() { ip netns exec "$here" "$@" 9>&-; }
in_there() { ip netns exec "$there" "$@" 9>&-; }

# Two hosts with a cable between them: 10.7.0.1 here, 10.7.0.2 there. Nothing but the tests' own packets is on it.
ip -n "$here" link set lo up
ip -n "$here" link add v0 type veth peer name v0 netns "$there"
for name in "$here" "$there"; do
	ip netns exec "$name" sysctl -qw net.ipv6.conf.v0.disable_ipv6=1
done
ip -n "$here" addr add 10.7.0.1/24 dev v0
ip -n "$there" addr add 10.7.0.2/24 dev v0
ip -n "$there" link set v0 up
ip -n "$here" link set v0 up
in_here ping -q -c 1 -W 2 10.7.0.2 >/dev/null

# of EVENT [DETAIL [FIELD]]: a number of the totals; the events in scope
of()
{
	jq -r --arg event "$1" --arg detail "${2-*}" "select(.type == \"totals\") | [.events[] |
		select(.event == \$event and (\$detail == \"*\" or .detail // \"\" == \$detail)) | .${3:-wanted}] | add // 0" "$work/output"
}
events_in_all()
{
	jq -r 'select(.type == "totals") | [.events[].wanted] | add // 0' "$work/output"
}
lines()
{
	jq -s '[.[] | select(.type == "event")] | length' "$work/output"
}

connect() # ADDRESS PORT NUMBER
{
	in_here "$traffic" tcp-connect --to "$1" --port "$2" --count "$3" --timeout-ms 1000 >/dev/null 2>&1
}

# ---- resets ----

probes_wanted=3
traced --json --also resets --netns "$here" -- connect 127.0.0.1 9 7
[ "$(of reset-received)" -eq 7 ] && [ "$(jq -r 'select(.type == "totals").events[] | select(.event == "reset-received").state' "$work/output")" = SYN_SENT ]
result $? 'seven connections that are refused receive seven resets'
if bpftool btf dump file /sys/kernel/btf/vmlinux 2>/dev/null | grep -q "ENUM 'sk_rst_reason'"; then
	[ "$(of reset-sent NO_SOCKET)" -eq 7 ] && [ "$(of reset-sent)" -eq 7 ]
	result $? 'and seven are sent, with the kernel'\''s reason'
else
	result 0 'and seven are sent, with the kernel'\''s reason # SKIP before Linux 6.10 they are no events'
fi
jq -se '[.[] | select(.event == "reset-received")][0] | .flow.source == "127.0.0.1" and .flow.source_port == 9 and
	.flow.destination == "127.0.0.1" and .flow.protocol == "TCP" and (.netns | startswith("wd-also-a-")) and .state == "SYN_SENT"' "$work/output" >/dev/null
result $? 'a line tells the flow as the reset goes, the state and the namespace'
jq -se '[.[] | select(.type != "totals").time] | length > 10 and . == sort' "$work/output" >/dev/null
result $? 'events and drops come in the order of time'
[ "$(jq -s '[.[] | select(.type == "drop")] | length' "$work/output")" -eq "$(jq 'select(.type == "totals").shown' "$work/output")" ] &&
	[ "$(lines)" -eq "$(jq 'select(.type == "totals").events_shown' "$work/output")" ]
result $? 'the totals know how many lines there were of each'
traced --json --also resets --netns "$here" -- connect ::1 9 4
[ "$(of reset-received)" -eq 4 ] && jq -se '[.[] | select(.event == "reset-received")][0].flow.source == "::1"' "$work/output" >/dev/null
result $? 'IPv6 as well'
traced --json --also resets --netns "$there" -- connect 127.0.0.1 9 7
[ "$(events_in_all)" -eq 0 ] && [ "$(lines)" -eq 0 ] && [ "$(of reset-received '' events)" -ge 7 ]
result $? 'of another namespace there are no lines, and the totals stay'
traced --json --also resets --interface v0 -- connect 127.0.0.1 9 7
[ "$(events_in_all)" -eq 0 ] && [ "$(lines)" -eq 0 ]
result $? 'nor of another interface'

ip netns exec "$there" "$traffic" tcp-listen --on 10.7.0.2 --port 99 >"$work/listener" 2>&1 9>&- &
listener=$!
for _ in $(seq 100); do grep -q ready "$work/listener" && break; sleep 0.05; done
traced --json --also resets --netns "$here" -- connect 10.7.0.2 99 7
[ "$(events_in_all)" -eq 0 ] && [ "$(lines)" -eq 0 ]
result $? 'connections that are taken make none'

# ---- segments sent again ----

send() # BYTES
{
	in_here "$traffic" tcp-connect --to 10.7.0.2 --port 99 --count 3 --bytes "$1" >"$work/sender" 2>&1
}
retransmitted() { ip netns exec "$1" nstat -asz TcpRetransSegs 2>/dev/null | awk '$1 == "TcpRetransSegs" { print $2 }'; }

probes_wanted=3
before=$(retransmitted "$here")
traced --json --also retransmits --netns "$here" -- send 300000
[ "$(events_in_all)" -eq 0 ] && [ "$(retransmitted "$here")" -eq "$before" ]
result $? 'where nothing is lost nothing is sent again'
in_there nft -f - <<-'RULES'
	table ip lossy {
		chain input {
			type filter hook input priority 0
			tcp dport 99 meta length > 1000 numgen inc mod 10 0 drop
		}
	}
RULES
traced --json --also retransmits --netns "$here" -- send 300000
again=$(($(retransmitted "$here") - before))
[ "$again" -gt 0 ] && [ "$(of retransmit '' wanted_packets)" -eq "$again" ]
result $? "as many segments as the kernel counts in TcpRetransSegs, $again"
jq -se '[.[] | select(.event == "retransmit")][0] | .flow.destination == "10.7.0.2" and .flow.destination_port == 99 and
	.ifname == "v0" and .socket_inode != null' "$work/output" >/dev/null
result $? 'a line tells the flow, the device of its route and the socket'
in_there nft delete table ip lossy

# Answers to connect() are dropped: there the SYN+ACK is sent again, here the SYN.
in_here nft -f - <<-'RULES'
	table ip lossy {
		chain input {
			type filter hook input priority 0
			tcp sport 99 tcp flags & (syn | ack) == syn | ack drop
		}
	}
RULES
connect_slowly() { in_here "$traffic" tcp-connect --to 10.7.0.2 --port 99 --count 1 --timeout-ms 1800 >/dev/null 2>&1; }
before=$(retransmitted "$there")
traced --json --also retransmits --netns "$there" -- connect_slowly
again=$(($(retransmitted "$there") - before))
[ "$again" -gt 0 ] && [ "$(of retransmit-synack '' wanted_packets)" -eq "$again" ] && [ "$(of retransmit)" -eq 0 ]
result $? "SYN+ACKs that are sent again, $again as the kernel counts them"
in_here nft delete table ip lossy
kill "$listener"
wait "$listener" 2>/dev/null

# ---- full queues ----

flood() # a reader that does not read until the end, with room for RCVBUF bytes; 200 datagrams
{
	local reader
	ip netns exec "$here" "$traffic" udp-recv --on 127.0.0.1 --mode idle --rcvbuf "$1" >"$work/reader" 2>&1 9>&- &
	reader=$!
	for _ in $(seq 100); do grep -q ready "$work/reader" && break; sleep 0.05; done
	in_here "$traffic" udp-send --to 127.0.0.1 --count 200 --size 100 --rate 100000 >/dev/null
	kill -TERM "$reader"
	wait "$reader"
}
received() { sed -n 's/.*received=\([0-9]*\).*/\1/p' "$work/reader"; }

probes_wanted=3
traced --json --also queue-full --netns "$here" --rate 5 -- flood 4096
[ "$(received)" -lt 200 ] && [ "$(of udp-queue-full ENOMEM)" -eq $((200 - $(received))) ]
result $? "datagrams that a full queue did not take: 200 less the $(received) that were received"
jq -se 'map(select(.type == "totals"))[0] as $t | ($t.events | map(.wanted) | add) == $t.events_shown + $t.events_over_rate + $t.events_lost
	and $t.events_shown >= 5 and $t.events_over_rate > 0' "$work/output" >/dev/null
result $? 'lines keep to the rate, and what was left out is counted'
cp "$work/output" "$work/samples"
traced --json --also queue-full --netns "$here" -- flood 4000000
[ "$(received)" -eq 200 ] && [ "$(events_in_all)" -eq 0 ]
result $? 'a queue with room makes none'

# A socket for echo replies is one that queues by the common way.
ping_into_a_full_queue()
{
	in_here python3 - >"$work/received" <<-'PING'
		import socket
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
		for i in range(20):
		    s.sendto(b"\x08" + bytes(7) + bytes(100), ("127.0.0.1", 0))
		s.setblocking(False)
		received = 0
		try:
		    while s.recv(1000):
		        received += 1
		except BlockingIOError:
		    print(received)
	PING
}
in_here sysctl -qw net.ipv4.ping_group_range='0 0'
traced --json --also queue-full --netns "$here" -- ping_into_a_full_queue
[ "$(of queue-full)" -eq $((20 - $(cat "$work/received"))) ] && [ "$(of queue-full)" -gt 0 ] && [ "$(of udp-queue-full)" -eq 0 ]
result $? 'a full queue of another socket'

# ---- refused transmissions: a device on top of one whose shaper is full ----

pour() # 100 datagrams to a neighbour behind the upper device
{
	in_here "$traffic" udp-send --to 10.8.0.2 --port 9 --count 100 --size 500 --rate 1000000 >/dev/null
}
shaped_away() { ip netns exec "$here" tc -s qdisc show dev v0 | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p' | head -n 1; }

if ip -n "$here" link add link v0 name upper type macvlan 2>/dev/null; then
	in_here sysctl -qw net.ipv6.conf.upper.disable_ipv6=1
	ip -n "$here" addr add 10.8.0.1/24 dev upper
	ip -n "$here" link set upper up
	ip -n "$here" neigh add 10.8.0.2 lladdr 02:00:00:00:00:01 dev upper
	probes_wanted=3
	traced --json --also transmit --netns "$here" -- pour
	[ "$(events_in_all)" -eq 0 ]
	result $? 'packets that are sent make no event'
	tc -n "$here" qdisc add dev v0 root tbf rate 8kbit burst 1600 limit 3000
	traced --json --also transmit --netns "$here" -- pour
	[ "$(shaped_away)" -gt 0 ] && [ "$(of transmit-failed NET_XMIT_DROP)" -eq "$(shaped_away)" ] &&
		jq -se '[.[] | select(.event == "transmit-failed")][0].ifname == "upper"' "$work/output" >/dev/null
	result $? "what the device below refuses, $(shaped_away) as its qdisc counts them"
	tc -n "$here" qdisc del dev v0 root
else
	result 0 'packets that are sent make no event # SKIP no macvlan devices here'
	result 0 'what the device below refuses # SKIP no macvlan devices here'
fi

# ---- polls at their budget: a queue is filled and let go at once, to a device that polls ----

release() # NUMBER datagrams
{
	tc -n "$here" qdisc add dev v0 root tbf rate 8kbit burst 1600 limit 10000000
	in_here "$traffic" udp-send --to 10.7.0.2 --port 9 --count "$1" --size 100 --rate 1000000 >/dev/null
	tc -n "$here" qdisc change dev v0 root tbf rate 10gbit burst 10mb limit 10000000
	in_here "$traffic" udp-send --to 10.7.0.2 --port 9 --count 1 --size 100 >/dev/null
	sleep 0.2
	tc -n "$here" qdisc del dev v0 root
}
if in_here ethtool -K v0 tso off gso off >/dev/null 2>&1 && in_there ethtool -K v0 gro on >/dev/null 2>&1; then
	probes_wanted=2
	traced --json --also polls --netns "$there" -- release 190
	polls=$(of poll-budget 'budget 64')
	[ "$polls" -ge 1 ] && [ "$polls" -le 3 ] && [ "$(of poll-budget 'budget 64' wanted_packets)" -eq $((polls * 64)) ]
	result $? "190 packets at once use up the budget of some polls: $polls"
	traced --json --also polls --netns "$there" -- release 20
	[ "$(events_in_all)" -eq 0 ]
	result $? '20 packets do not'
else
	result 0 '190 packets at once use up the budget of some polls # SKIP this veth cannot poll'
	result 0 '20 packets do not # SKIP this veth cannot poll'
fi

# ---- what they look like ----

lines_fit docs/trace.schema.json "$work/samples" 'map(select(.type == "event"))[0] | .event = "sun-spots"'
probes_wanted=3
traced --also resets --netns "$here" --redact -- connect 127.0.0.1 9 3
grep -qE '  reset received    IPv4 v4-[0-9a-f]{10}:9 > v4-[0-9a-f]{10}:[0-9]+ TCP  lo in wd-also-a-[0-9]+  SYN_SENT$' "$work/output" && ! grep -q '127\.0\.0\.1' "$work/output"
result $? '--redact leaves no address'
grep -A 3 'packets dropped in' "$work/output" | grep -qE '^ +3 +3 +3  reset received, SYN_SENT  '
result $? 'totals stand below those of drops'
traced --also resets --netns "$here" --totals -- connect 127.0.0.1 9 3
[ "$(grep -c '  reset received' "$work/output")" -eq 1 ]
result $? '--totals prints no lines'
traced --json --also resets --netns "$here" --count 4 -- connect 127.0.0.1 9 30
[ "$(jq -s '[.[] | select(.type != "totals")] | length' "$work/output")" -eq 4 ]
result $? '--count ends it after so many lines of both'
"$WHEREDROP" trace --also resets,sun-spots >/dev/null 2>"$work/error"
[ $? -eq 2 ] && [ "$(cat "$work/error")" = "wheredrop: --also: 'sun-spots' is none of retransmits, resets, queue-full, transmit, polls, all" ]
result $? 'a wrong name is one line with the right ones'
"$WHEREDROP" trace --also resets --filter udp >/dev/null 2>"$work/error"
[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q '^wheredrop: --also and --filter: ' "$work/error"
result $? 'an expression is refused together with it'

# ---- what is attached ----

# attached_by ARGUMENT...: the programs at other events that run meanwhile; the ids of all of it are left in $work/programs
attached_by()
{
	local pid id
	"$WHEREDROP" trace "$@" >/dev/null 2>&1 9>&- &
	pid=$!
	attached "$pid"
	sed -n 's/^prog_id:[[:space:]]*//p' "/proc/$pid"/fdinfo/* | sort -u >"$work/programs"
	while read -r id; do
		bpftool prog show id "$id" | sed -n 's/.*name \(wd_event_[a-z_]*\).*/\1/p'
	done <"$work/programs" | sort | tr '\n' ' '
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
}
# Whether one of these programs is there: the kernel takes them down when it has the time.
still_there()
{
	local id
	while read -r id; do
		for _ in $(seq 100); do
			bpftool prog show id "$id" >/dev/null 2>&1 || continue 2
			sleep 0.05
		done
		return 0
	done <"$work/programs"
	return 1
}
probes_wanted=1
[ -z "$(attached_by)" ]
result $? 'without --also nothing more is attached'
probes_wanted=3
[ "$(attached_by --also resets)" = 'wd_event_rst_rx wd_event_rst_tx ' ]
result $? 'of the others only what is asked for'
probes_wanted=10
[ "$(attached_by --also all | wc -w)" -eq 9 ]
result $? '--also all attaches all of them'
[ "$(wc -l <"$work/programs")" -eq 10 ] && ! still_there
result $? 'killed, it leaves no program behind'
if command -v setpriv >/dev/null && setpriv --reuid=65534 --clear-groups test -x "$WHEREDROP" 2>/dev/null; then
	setpriv --reuid=65534 --clear-groups "$WHEREDROP" trace --also all --duration 100ms >/dev/null 2>"$work/error"
	[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ]
	result $? 'an ordinary user gets one line'
else
	result 0 'an ordinary user gets one line # SKIP cannot become one'
fi
echo "1..$number"
