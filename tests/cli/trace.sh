#!/bin/bash
# wheredrop trace: a known number of packets is lost in a namespace made for it, and the totals are that number; what asks
# for other packets finds none; and whatever ends the program leaves nothing attached. Prints TAP.
set -u
: "${WHEREDROP:?}" "${BUILD:?}"
# shellcheck source=tests/trace_host.sh
. tests/trace_host.sh

traced --json --netns "$host" --rate 5 -- lose 1000
[ "$(of NO_SOCKET wanted)" -eq 1000 ]
result $? 'all of 1000 packets are counted under their reason'
drops=$(jq -r 'select(.type == "drop") | .reason' "$work/output" | sort | uniq -c)
[ "$(jq -s '[.[] | select(.type == "drop")] | length' "$work/output")" -le 30 ] && grep -q NO_SOCKET <<<"$drops"
result $? 'lines are samples'
jq -se 'map(select(.type == "totals"))[0] as $t | $t.skbs == ($t.reasons | map(.skbs) | add) + $t.missed + $t.keyless' "$work/output" >/dev/null
result $? 'the total is the sum of its reasons and of what has none'
jq -se '[.[] | select(.type == "drop")][0] | .packet.source == "127.0.0.1" and .packet.destination_port == 9 and
	.packet.protocol == "UDP" and .ifname == "lo" and (.netns | length) > 0 and .place != null and .where == "socket"' "$work/output" >/dev/null
result $? 'a line tells packet, device, namespace, place and domain'

lines_fit docs/trace.schema.json "$work/output" 'last | del(.missed)'
traced --json --netns "$host" --rate 5 -- lose 700 6
[ "$(of NO_SOCKET wanted)" -eq 700 ] && jq -se '[.[] | select(.type == "drop")][0].packet.source == "::1"' "$work/output" >/dev/null
result $? 'IPv6 as well'

traced --json --netns "$host" -- sleep 0.2
[ "$(of NO_SOCKET wanted)" -eq 0 ] && [ "$(jq -s '[.[] | select(.type == "drop")] | length' "$work/output")" -eq 0 ]
result $? 'where nothing is lost nothing is shown'

traced --json --netns "$host" --filter 'udp port 9' -- lose 500
[ "$(of NO_SOCKET wanted)" -eq 500 ]
result $? 'a filter that holds counts them all'
traced --json --netns "$host" --filter 'udp port 10' -- lose 500
[ "$(of NO_SOCKET wanted)" -eq 0 ] && [ "$(of NO_SOCKET skbs)" -ge 500 ] && [ "$(jq -s '[.[] | select(.type == "drop")] | length' "$work/output")" -eq 0 ]
result $? 'a filter that does not hold shows none, and the total stays'
traced --json --interface nosuch0 -- true
grep -q '^wheredrop: --interface nosuch0: no such interface' "$work/error"
result $? 'an interface that is not there is refused'
"$WHEREDROP" trace --duration 1s --filter 'udp prt 9' >/dev/null 2>"$work/error"
[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q "^wheredrop: --filter 'udp prt 9': " "$work/error"
result $? 'a wrong filter is one line'

traced --json --netns "$host" --count 3 -- lose 100
[ "$(jq -s '[.[] | select(.type == "drop")] | length' "$work/output")" -eq 3 ]
result $? '--count ends it'
traced --netns "$host" --redact -- lose 20
grep -q 'NO_SOCKET' "$work/output" && ! grep -q '127\.0\.0\.1' "$work/output" && grep -qE 'v4-[0-9a-f]{10}:[0-9]+ > v4-[0-9a-f]{10}:9 UDP' "$work/output"
result $? '--redact leaves no address'
traced --netns "$host" --totals -- lose 20
[ "$(grep -c NO_SOCKET "$work/output")" -eq 1 ] && grep -qE '^ +[0-9]+ +[0-9]+ +20 +NO_SOCKET ' "$work/output"
result $? '--totals prints no lines'
traced --netns "$host" --stack --json -- lose 3
jq -se '[.[] | select(.type == "drop")][0].stack | index("__x64_sys_sendto") != null or index("do_syscall_64") != null' "$work/output" >/dev/null
result $? '--stack leads back to the system call'

if command -v tshark >/dev/null; then
	traced --netns "$host" --pcapng "$work/lost.pcapng" --rate 5 -- lose 50
	shown=$(grep -c 'NO_SOCKET  ' "$work/output")
	tshark -r "$work/lost.pcapng" -T fields -e udp.dstport -e frame.comment 2>/dev/null >"$work/shark"
	[ "$(grep -cE '^9	NO_SOCKET at ' "$work/shark")" -ge 1 ] && [ "$(wc -l <"$work/shark")" -le "$shown" ]
	result $? 'a capture file has the packets with the reason as comment' "$work/shark"
	[ "$(stat -c %a "$work/lost.pcapng")" = 600 ]
	result $? 'a capture file is its owner'\''s alone'
else
	result 0 'a capture file has the packets with the reason as comment # SKIP no tshark'
	result 0 'a capture file is its owner'\''s alone # SKIP no tshark'
fi
"$WHEREDROP" trace --redact --pcapng "$work/x" >/dev/null 2>"$work/error"
[ $? -eq 2 ] && grep -q '^wheredrop: --redact and --pcapng: ' "$work/error" && [ ! -e "$work/x" ]
result $? 'a capture cannot be redacted, and that is said before anything is written'

# A reader that is stopped while they fall: counts go on without it.
"$WHEREDROP" trace --json --netns "$host" --rate 1000000 >"$work/output" 2>"$work/error" 9>&- &
pid=$!
attached "$pid"
kill -STOP "$pid"
lose 20000
kill -CONT "$pid"
sleep 0.3
kill -INT "$pid"
wait "$pid"
[ "$(of NO_SOCKET wanted)" -eq 20000 ]
result $? 'a stopped reader loses no count'
jq -se 'map(select(.type == "totals"))[0] | .samples_lost > 0' "$work/output" >/dev/null
result $? 'what it could not show it says it lost'

"$WHEREDROP" trace --json >/dev/null 2>&1 9>&- &
pid=$!
attached "$pid"
result $? 'while it runs the probe is attached'
program=$(sed -n 's/^prog_id:[[:space:]]*//p' "/proc/$pid"/fdinfo/* | head -n 1)
kill -KILL "$pid"
wait "$pid" 2>/dev/null
for _ in $(seq 100); do # the kernel takes it down when it has the time
	bpftool prog show id "$program" >/dev/null 2>&1 || break
	sleep 0.05
done
[ -n "$program" ] && ! bpftool prog show id "$program" >/dev/null 2>&1
result $? 'killed, it leaves no program behind'

(trap '' PIPE; "$WHEREDROP" trace --duration 300ms --json 2>"$work/error" 9>&-; echo $? >"$work/status") | true
[ "$(cat "$work/status")" -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ]
result $? 'a closed pipe is noticed'
"$WHEREDROP" trace --duration 100ms >/dev/full 2>"$work/error"
[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ]
result $? 'a full disk is noticed'
if command -v setpriv >/dev/null && setpriv --reuid=65534 --clear-groups true 2>/dev/null && setpriv --reuid=65534 --clear-groups test -x "$WHEREDROP"; then
	setpriv --reuid=65534 --clear-groups "$WHEREDROP" trace --duration 100ms >/dev/null 2>"$work/error"
	[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q 'needs root' "$work/error"
	result $? 'an ordinary user is told what it needs'
else
	result 0 'an ordinary user is told what it needs # SKIP cannot become one'
fi
echo "1..$number"
