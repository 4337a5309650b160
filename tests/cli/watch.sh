#!/bin/bash
# wheredrop watch: a known number of packets is lost in a namespace made for it, and lines, documents and screen tell of that
# number; without the fault they tell of none; a recording that is played gives what was seen live. Prints TAP.
set -u
: "${WHEREDROP:?}" "${BUILD:?}"
# shellcheck source=tests/trace_host.sh
. tests/trace_host.sh
screen=wd-screen-$$
sent=400

# The rule drops what is sent to port 9; on port 10 nobody listens either, and no rule is in the way.
ip netns exec "$host" nft -f - <<-'RULES'
	table inet lost {
		chain in { type filter hook input priority 0; udp dport 9 counter drop; }
	}
RULES

send() # PORT: slowly enough for several seconds
{
	ip netns exec "$host" "$traffic" udp-send --to 127.0.0.1 --port "$1" --count "$sent" --rate 200 >/dev/null 9>&-
}

# watched PORT ARGUMENT...: the output in $work/output, the status in $status
watched()
{
	local port=$1 sender
	shift
	(sleep 1.5; send "$port") &
	sender=$!
	"$WHEREDROP" watch --netns "$host" --duration 5s "$@" >"$work/output" 2>"$work/error" 9>&-
	status=$?
	wait "$sender"
}

column() # NAME: what the lines have in that column, added up
{
	awk -v name="$1" '/^lost / { for (i = 1; i <= NF; i++) if ($i == name) at = i + 1; next }
		$2 ~ /^(LOST|no|[?])$/ && at { sum += $at } END { print sum + 0 }' "$work/output"
}

watched 9 --lines
[ "$status" -eq 1 ] && [ "$(column filter)" -eq "$sent" ]
result $? "lines have each of $sent packets once, and status 1" "$work/output"
[ "$(grep -c '^[0-9:]* filter: ' "$work/output")" -le 2 ] && grep -q 'filter: nft inet lost in handle .* dropped them (' "$work/output"
result $? 'a new loss is told of in words, once' "$work/output"
grep -Eq "^ .* $sent packets, proven: nft inet lost in handle" "$work/output"
result $? 'at the end stands what was lost' "$work/output"

ip netns exec "$host" nft flush chain inet lost in
ip netns exec "$host" nft add rule inet lost in udp dport 9 counter accept
ip netns exec "$host" "$traffic" udp-recv --on 127.0.0.1 --port 9 --mode drain >/dev/null 2>&1 9>&- &
sink=$!
watched 9 --lines
{ kill -KILL "$sink" && wait "$sink"; } 2>/dev/null
[ "$status" -eq 0 ] && [ "$(column filter)" -eq 0 ] && grep -q '^Nothing that hurts was lost since' "$work/output"
result $? 'the same traffic with nothing in its way: nothing, and status 0' "$work/output"
ip netns exec "$host" nft flush chain inet lost in
ip netns exec "$host" nft add rule inet lost in udp dport 9 counter drop

watched 9 --json
[ "$status" -eq 1 ] && [ "$(jq -s 'last | [.places[] | select(.where == "filter").packets] | add' "$work/output")" -eq "$sent" ]
result $? 'documents add up to the same number' "$work/output"
[ "$(jq -s length "$work/output")" -ge 4 ] && [ "$(jq -s length "$work/output")" -le 8 ]
result $? 'there is one a second'
lines_fit docs/watch.schema.json "$work/output" 'last | .places |= .[1:]'

# ---- a recording ----

(sleep 1.5; send 9) &
"$WHEREDROP" record --netns "$host" --duration 5s "$work/lost.wdb" >/dev/null 2>"$work/error" 9>&-
wait
verdict='{loss, where, cause, confidence, summary}'
"$WHEREDROP" diagnose --from "$work/lost.wdb" --json | jq -S ".verdict | $verdict" >"$work/diagnosed"
"$WHEREDROP" watch --from "$work/lost.wdb" --json >"$work/output" 2>"$work/error"
status=$?
jq -S ".verdict | $verdict" "$work/output" | jq -sS last >"$work/played"
[ "$status" -eq 1 ] && [ -s "$work/diagnosed" ] && cmp -s "$work/diagnosed" "$work/played"
result $? 'a recording that is played ends with the answer of diagnose --from' "$work/played" "$work/diagnosed"
"$WHEREDROP" watch --from "$work/lost.wdb" >"$work/output" 2>"$work/error"
[ "$(column filter)" -eq "$sent" ] && grep -Eq " $sent packets, proven: " "$work/output"
result $? 'its lines have each packet once' "$work/output"
began=$(date +%s%N)
"$WHEREDROP" watch --from "$work/lost.wdb" --speed 5 >/dev/null 2>&1
took=$((($(date +%s%N) - began) / 1000000))
[ "$took" -ge 700 ]
result $? "--speed 5 takes its time ($took ms)"

# ---- what cannot be ----

one_line() # STATUS PATTERN ARGUMENT...
{
	local wanted=$1 pattern=$2
	shift 2
	"$WHEREDROP" watch "$@" >/dev/null 2>"$work/error"
	[ $? -eq "$wanted" ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q "$pattern" "$work/error"
}
one_line 2 'cannot read .*/none: No such file' --from "$work/none"
result $? 'a file that is not there is one line'
echo '$ nstat -az' >"$work/ticket"
one_line 2 'is no recording: what was pasted has no course of time' --from "$work/ticket"
result $? 'so is a pasted text'
one_line 2 '^wheredrop: --speed is for --from' --speed 2
result $? 'and a speed for what happens now'
head -c 20000 "$work/lost.wdb" >"$work/cut.wdb"
"$WHEREDROP" watch --from "$work/cut.wdb" --json >"$work/output" 2>"$work/error"
[ $? -le 1 ] && [ "$(jq -s length "$work/output")" -ge 1 ]
result $? 'a recording that was cut off is played as far as it goes' "$work/output"

# ---- the screen ----

if ! command -v tmux >/dev/null; then
	echo "ok $((number + 1)) - the screen # SKIP tmux is not installed"
	echo "1..$((number + 1))"
	exit 0
fi
tm()
{
	tmux -L "$screen" -f /dev/null "$@" 2>/dev/null
}
trap 'tm kill-server; clean_up' EXIT
shown() # PATTERN: within ten seconds it stands on the screen, which is then in $work/output
{
	local i
	for ((i = 0; i < 100; i++)); do
		tm capture-pane -p -t w >"$work/output"
		grep -Eq -- "$1" "$work/output" && return
		sleep 0.1
	done
	return 1
}
on_screen() # ARGUMENT...: watch on a screen of its own
{
	local command
	command=$(printf '%q ' "$WHEREDROP" watch "$@")
	tm kill-session -t w
	tm new-session -d -s w -x 100 -y 30 "LC_ALL=C.UTF-8 bash -c 'trap : INT; stty -a >$work/before; $command; echo status=\$?; stty -a >$work/after; sleep 1000'" 9>&-
}
place() # the time that the last line has
{
	tm capture-pane -p -t w | sed -n 's/^ \([0-9.]*\) of .*/\1/p'
}

on_screen --netns "$host"
shown '│ filter +0 +0 '
result $? 'a screen shows the places of the way' "$work/output"
send 9
shown "✗ filter +[0-9.]+ +$sent .*LOST HERE: nft inet"
result $? "there all of $sent packets are, at their place" "$work/output"
tm send-keys -t w a
shown '^What was found'
result $? 'a shows the whole answer' "$work/output"
tm send-keys -t w a
shown 'place +lost/s'
result $? 'and again the way' "$work/output"
tm send-keys -t w q
shown 'status=1' && grep -Eq " $sent packets, proven: nft inet lost" "$work/output"
result $? 'q ends it; what was lost stands on the terminal' "$work/output"
sleep 0.2
cmp -s "$work/before" "$work/after"
result $? 'which is as it was before'

on_screen --from "$work/lost.wdb"
shown ' of [0-9.]+ s, playing'
result $? 'a recording is played on it' "$work/output"
shown '^ (1|2)\.[0-9] of '
tm send-keys -t w Space
shown 'PAUSED'
paused=$(place)
sleep 1.2
[ -n "$paused" ] && [ "$(place)" = "$paused" ]
result $? "space holds it ($paused s, then $(place) s)" "$work/output"
tm send-keys -t w s
sleep 0.5
awk -v a="$paused" -v b="$(place)" 'BEGIN { exit !(b > a && b < a + 1.5) }'
result $? "s goes a step ($(place) s)"
stepped=$(place)
tm send-keys -t w b
sleep 0.7
awk -v a="$stepped" -v b="$(place)" 'BEGIN { exit !(b != "" && b < a) }' && shown 'PAUSED'
result $? "b goes back ($(place) s)"
tm send-keys -t w + + + Space
shown ', the end' && grep -Eq "✗ filter +[0-9.]+ +$sent " "$work/output"
result $? 'faster it comes to the end, and to the same number' "$work/output"
tm send-keys -t w q
shown 'status=1'
result $? 'q ends that as well' "$work/output"

on_screen --netns "$host"
shown '│ filter +0 +0 '
tm send-keys -t w C-c
shown 'status=0' && sleep 0.2 && cmp -s "$work/before" "$work/after"
result $? 'an interrupt ends it, and the terminal is as it was' "$work/output"
for recorded in '' "--from $work/lost.wdb"; do
	# shellcheck disable=SC2086
	on_screen --netns "$host" $recorded
	shown '│ filter '
	tm send-keys -t w C-c C-c C-c
	shown 'status=[0-9]' && sleep 0.2 && cmp -s "$work/before" "$work/after"
	result $? "so it is after several interrupts${recorded:+, of a recording}" "$work/output"
done
tm kill-session -t w
tm new-session -d -s w -x 100 -y 30 "TERM=dumb '$WHEREDROP' watch --from '$work/lost.wdb'; echo status=\$?; sleep 1000" 9>&-
shown 'status=2' && grep -q 'wheredrop: the terminal dumb cannot show a screen: use --lines' "$work/output"
result $? 'a terminal that cannot is told so' "$work/output"

echo "1..$number"
