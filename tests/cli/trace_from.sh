#!/bin/bash
# wheredrop trace --from: a known number of packets is lost while a trace runs and a recording is made, and the recording shows
# what the trace did; another of the same scene without loss shows none. Prints TAP.
set -u
: "${WHEREDROP:?}" "${BUILD:?}"
# shellcheck source=tests/trace_host.sh
. tests/trace_host.sh

# Three kinds: ports where nobody listens, of both families; and what a rule refuses its own sender.
ip -n "$host" link add customer0 type veth peer name customer1
ip netns exec "$host" sysctl -q net.ipv6.conf.customer0.disable_ipv6=1 net.ipv6.conf.customer1.disable_ipv6=1
ip -n "$host" addr add 198.51.100.1/24 dev customer0
ip -n "$host" link set customer1 up
ip -n "$host" link set customer0 up
refused=7
if ! ip netns exec "$host" nft -f - 2>/dev/null <<-'RULES'; then
	table ip t { chain o { type filter hook output priority 0; udp dport 77 drop; }; }
RULES
	refused=0
fi
sleep 1 # what a new device says by itself is over

lose_slowly()
{
	ip netns exec "$host" "$traffic" udp-send --to 127.0.0.1 --port 9 --count 9 --rate 12 >/dev/null 9>&-
	ip netns exec "$host" "$traffic" udp-send --to ::1 --port 9 --count 5 --rate 12 >/dev/null 9>&-
	[ "$refused" -eq 0 ] ||
		ip netns exec "$host" "$traffic" udp-send --to 198.51.100.7 --port 77 --count 7 --rate 12 >/dev/null 2>&1 9>&-
}

# recorded FILE ARGUMENT... -- COMMAND...: a recording of the namespace is made while the command runs, and half a second longer
recorded()
{
	local file=$1 arguments=() pid
	shift
	while [ "$1" != -- ]; do
		arguments+=("$1")
		shift
	done
	shift
	"$WHEREDROP" record --duration 60s --netns "$host" "${arguments[@]}" "$file" >"$work/recorded" 2>&1 9>&- &
	pid=$!
	attached "$pid"
	"$@"
	sleep 0.5
	kill -TERM "$pid" # an interrupt is ignored by what a script has in the background
	wait "$pid"
}

# again FILE ARGUMENT...: the recording, as of_recording and lines read it
again()
{
	local file=$1
	shift
	"$WHEREDROP" trace --from "$file" "$@" >"$work/output" 2>"$work/error" </dev/null
}

lines()
{
	jq -s '[.[] | select(.type == "drop")] | length' "$1"
}

# But for the time, and for the process that holds a socket, which a recording does not look for.
bare()
{
	jq -cS 'select(.type == "drop") | del(.time) | if .direction == "leaving" then . else del(.pid, .comm) end' "$1" | sort
}

lost=$((9 + 5 + refused))
traced --json --netns "$host" -- recorded "$work/lost.wdb" -- lose_slowly
mv "$work/output" "$work/live"
again "$work/lost.wdb" --json --netns "$host"
[ "$(lines "$work/output")" -eq "$lost" ]
result $? "each of $lost packets has its line" "$work/output"
diff <(bare "$work/live") <(bare "$work/output") >"$work/difference"
result $? 'they are those that were shown live, in every field' "$work/difference"
jq -rs --slurpfile live "$work/live" '
	def seconds: .time | sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601;
	[., $live] | map([.[] | select(.type == "drop")] | [(first | seconds), (last | seconds)]) |
	[.[0], .[1]] | transpose | all(.[0] - .[1] | fabs <= 1)' "$work/output" | grep -q true
result $? 'at the time when they were' "$work/output"
[ "$(of NO_SOCKET wanted)" -eq 14 ] && [ "$(of NETFILTER_DROP wanted)" -eq "$refused" ] &&
	[ "$(jq -r 'select(.type == "totals") | .wanted' "$work/output")" -eq "$lost" ]
result $? 'the totals are their number' "$work/output"
diff <(jq -cS 'select(.type == "totals") | [.reasons[] | {reason, wanted, harmless, meaning}] | map(select(.wanted > 0))' "$work/live") \
	<(jq -cS 'select(.type == "totals") | [.reasons[] | {reason, wanted, harmless, meaning}] | map(select(.wanted > 0))' "$work/output") >"$work/difference"
result $? 'and those of the live trace' "$work/difference"
jq -se 'map(select(.type == "totals"))[0] | .over_rate == 0 and .recording == {"cut": null, "single_packets": true, "so_far": false}' "$work/output" >/dev/null
result $? 'none is without a line, and the recording is whole' "$work/output"
if [ "$refused" -gt 0 ]; then
	jq -se '[.[] | select(.reason? == "NETFILTER_DROP" and .type == "drop") | select(.pid > 0 and .comm != null)] | length >= 1' "$work/output" >/dev/null
	result $? 'the process is told whose own doing it was' "$work/output"
else
	result 0 'the process is told whose own doing it was # SKIP no nft'
fi
lines_fit docs/trace.schema.json "$work/output" 'last | del(.recording.cut)'
jq -cS 'select(.type == "totals") | [.reasons[] | select(.wanted > 0)]' "$work/output" >"$work/totals"

again "$work/lost.wdb" --netns "$host"
[ "$(grep -c '  NO_SOCKET  ' "$work/output")" -ge 14 ] && grep -q 'UDP .* lo in .*__udp4_lib_rcv+0x' "$work/output" &&
	grep -q "$lost of them as asked for; $lost shown" "$work/output"
result $? 'as text as well' "$work/output"
again "$work/lost.wdb" --netns "$host" --count 4
[ "$(grep -c ' UDP ' "$work/output")" -eq 4 ] && grep -q '^Up to here: ' "$work/output"
result $? '--count ends it, and that is said' "$work/output"
again "$work/lost.wdb" --netns "$host" --totals --json
[ "$(lines "$work/output")" -eq 0 ] && jq -cS 'select(.type == "totals") | [.reasons[] | select(.wanted > 0)]' "$work/output" | cmp -s - "$work/totals"
result $? '--totals prints no lines' "$work/output"
again "$work/lost.wdb" --netns "$host" --interface lo --json
[ "$(lines "$work/output")" -eq 14 ] && [ "$(jq -r 'select(.type == "totals") | .wanted' "$work/output")" -eq 14 ]
result $? '--interface shows its packets and counts them' "$work/output"
again "$work/lost.wdb" --netns "$host" --redact
grep -qE 'v4-[0-9a-f]{10}:[0-9]+ > v4-[0-9a-f]{10}:9 UDP' "$work/output" && ! grep -qE '127\.0\.0\.1|198\.51\.100' "$work/output"
result $? '--redact leaves no address' "$work/output"
again "$work/lost.wdb" --netns "$host" --stack --json --count 1
jq -se '[.[] | select(.type == "drop")][0].stack | index("do_syscall_64") != null or length > 3' "$work/output" >/dev/null
result $? '--stack leads back from the place' "$work/output"
began=$(date +%s%N)
again "$work/lost.wdb" --netns "$host" --json --speed 1
took=$((($(date +%s%N) - began) / 1000000))
[ "$(lines "$work/output")" -eq "$lost" ] && [ "$took" -ge 1000 ]
result $? '--speed 1 takes as long as it took' "$work/output"

# ---- where nothing is lost ----

recorded "$work/none.wdb" -- sleep 0.5
again "$work/none.wdb" --json
[ "$(lines "$work/output")" -eq 0 ] && jq -se 'map(select(.type == "totals"))[0] | .wanted == 0 and .shown == 0 and .recording.single_packets' "$work/output" >/dev/null
result $? 'where nothing is lost nothing is shown' "$work/output"

# ---- more than it keeps ----

recorded "$work/flood.wdb" -- lose 3000
again "$work/flood.wdb" --json --netns "$host"
shown=$(lines "$work/output")
[ "$(of NO_SOCKET wanted)" -eq 3000 ] && [ "$shown" -gt 0 ] && [ "$shown" -lt 1000 ] &&
	[ "$(jq -r 'select(.type == "totals") | .over_rate' "$work/output")" -eq $((3000 - shown)) ]
result $? 'of many there are samples; all are counted, and how many have no line' "$work/output"

# ---- a baseline, and what came later ----

"$WHEREDROP" record --baseline --netns "$host" --duration 1s "$work/two.wdb" >/dev/null 2>"$work/error"
recorded "$work/two.wdb" --during -- lose 3
again "$work/two.wdb" --json
[ "$(lines "$work/output")" -eq 3 ] && [ "$(of NO_SOCKET wanted)" -eq 3 ]
result $? 'of two recordings in a file it is the later one' "$work/output"

# ---- for somebody outside ----

recorded "$work/redacted.wdb" --redact -- lose_slowly
tar --zstd -xOf "$work/redacted.wdb" >"$work/plain"
again "$work/redacted.wdb" --json --totals
[ "$(of NO_SOCKET skbs)" -ge 14 ] && ! grep -aqE "198\.51\.100|customer0|$host|lab-traffic" "$work/plain" && grep -aq '"events":\[{' "$work/plain"
result $? 'a redacted recording has packets, and no address or name of here'
again "$work/redacted.wdb" --json
[ "$refused" -eq 0 ] || jq -se '[.[] | select(.reason? == "NETFILTER_DROP" and .type == "drop") | .packet.source] | length >= 7 and all(test("^198\\."))' "$work/output" >/dev/null
result $? 'networks stay networks' "$work/output"

# ---- what is not whole ----

"$WHEREDROP" record --duration 60s --netns "$host" "$work/cut.wdb" >/dev/null 2>&1 9>&- &
pid=$!
attached "$pid"
sleep 0.3
lose_slowly
sleep 0.5
kill -KILL "$pid"
wait "$pid" 2>/dev/null
again "$work/cut.wdb" --json --netns "$host"
[ "$(lines "$work/output")" -eq "$lost" ] && [ "$(jq -r 'select(.type == "totals") | .wanted' "$work/output")" -eq "$lost" ] &&
	jq -se 'map(select(.type == "totals"))[0].recording.cut == "the recording was cut off"' "$work/output" >/dev/null
result $? 'of a recording that was killed there is all, and it is said' "$work/output"

mkdir "$work/old"
tar --zstd -xf "$work/lost.wdb" -C "$work/old"
find "$work/old" -name '*.jsonl' -exec sh -c 'jq -c "del(.events)" "$1" >"$1.new" && mv "$1.new" "$1"' sh {} \;
mapfile -t files < <(cd "$work/old" && find window-* -name '*.jsonl' | sort)
tar --zstd -C "$work/old" -cf "$work/old.wdb" manifest.json "${files[@]}" end.json
again "$work/old.wdb" --json --netns "$host"
[ "$(lines "$work/output")" -eq 0 ] && jq -cS 'select(.type == "totals") | [.reasons[] | select(.wanted > 0)]' "$work/output" | cmp -s - "$work/totals"
result $? 'one of an older program has the totals' "$work/output"
again "$work/old.wdb" --netns "$host"
grep -q '^The recording holds no single packets: ' "$work/output"
result $? 'and says that it has no packets' "$work/output"

# says WORDS ARGUMENT...: status 2, and one line with these words
says()
{
	local words=$1
	shift
	"$WHEREDROP" trace "$@" >"$work/output" 2>"$work/error" </dev/null
	[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q -- "$words" "$work/error" && [ ! -s "$work/output" ]
	result $? "trace $*: $words" "$work/error"
}
cd "$work" || exit 1
nstat -az >ticket.txt 2>/dev/null || echo 'UdpNoPorts 5 0.0' >ticket.txt
says 'pasted outputs hold no single packets' --from ticket.txt
says 'pasted outputs hold no single packets' --from -
says 'cannot read nosuch.wdb: No such file' --from nosuch.wdb
says '--filter and --from' --from lost.wdb --filter 'udp port 9'
says '--pcapng and --from: a recording holds no packets' --from lost.wdb --pcapng x.pcapng
says '--flows and --from' --from lost.wdb --flows
says '--also and --from' --from lost.wdb --also all
says '--top and --from' --from lost.wdb --top
says '--duration and --from' --from lost.wdb --duration 1s
says '--speed and --totals' --from lost.wdb --speed 1 --totals
says '--speed is for a recording' --speed 1
says 'no such network namespace in lost.wdb' --from lost.wdb --netns nosuch
says 'no such interface in lost.wdb' --from lost.wdb --interface nosuch0
if setpriv --reuid=65534 --clear-groups true 2>/dev/null && setpriv --reuid=65534 --clear-groups test -x "$WHEREDROP"; then
	chmod 755 .
	mkdir -m 777 open
	setpriv --reuid=65534 --clear-groups "$WHEREDROP" record --duration 300ms open/user.wdb >/dev/null 2>&1
	says 'open/user.wdb holds no drop events: .*needs root' --from open/user.wdb
else
	result 0 'one of an ordinary user says why it has no drops # SKIP cannot become one'
fi
(trap '' PIPE; "$WHEREDROP" trace --from lost.wdb 2>error; echo $? >status) | true
[ "$(cat status)" -eq 2 ] && [ "$(wc -l <error)" -eq 1 ]
result $? 'a closed pipe is noticed' error
cd - >/dev/null || exit 1
echo "1..$number"
