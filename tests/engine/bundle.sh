#!/bin/bash
# Bundles: what was recorded gives the answer that was given live, to the last field; a recording that was killed or had no
# room can be read up to there. Prints TAP. Needs root; what it makes is called wd-bundle-PID.
set -u
netns=wd-bundle-$$
kills=50
[ -z "${QUICK:-}" ] || kills=5
# shellcheck source=tests/reader_host.sh
. tests/reader_host.sh
# shellcheck source=tests/engine/recording.sh
. tests/engine/recording.sh

reader_end()
{
	umount "$work/small" 2>/dev/null
}

same() # A B WHAT
{
	[ -s "$1" ] && diff <(jq -S . "$1") <(jq -S . "$2") >"$work/difference"
	result $? "$3" "$work/difference"
}

# ---- the same answer ----

"$wheredrop" diagnose --json --netns "$netns" --duration 1s --record "$work/clean.wdb" >"$work/clean" 2>"$work/error"
"$wheredrop" diagnose --json --from "$work/clean.wdb" >"$work/again" 2>"$work/error"
result $(($? % 3)) "a clean window can be read again" "$work/error"
same "$work/clean" "$work/again" "and the answer is the same"
jq -e '.findings == []' "$work/again" >/dev/null
result $? "without a finding"

kill -STOP "$reader"
flood 100
"$wheredrop" diagnose --json --netns "$netns" --duration 3s --record "$work/lost.wdb" >"$work/live" 2>"$work/error" &
diagnosis=$!
begun "$work/lost.wdb"
flood 300
wait "$diagnosis"
[ $? -eq 1 ]
result $? "a loss is found while it is recorded" "$work/error"
"$wheredrop" diagnose --json --from "$work/lost.wdb" >"$work/again" 2>"$work/error"
[ $? -eq 1 ]
result $? "and from the bundle, with the same status" "$work/error"
same "$work/live" "$work/again" "every field of the answer is the same"
jq -e '.verdict | .cause == "udp-receive-buffer-full" and .packets == 300 and .because == ["process-stopped"]' "$work/again" >/dev/null
result $? "every datagram is counted" "$work/again"
for how in --markdown ''; do
	# shellcheck disable=SC2086 # none is none
	"$wheredrop" diagnose $how --from "$work/lost.wdb" >"$work/text" 2>&1
	grep -q 300 "$work/text"
	result $? "it can be had as ${how:-text}" "$work/text"
done
[ "$(stat -c %a "$work/lost.wdb")" = 600 ]
result $? "only its owner may read it"
ip netns exec "$netns" "$wheredrop" diagnose --json --from "$work/lost.wdb" 2>/dev/null | cmp -s - "$work/again"
result $? "where it is read does not matter"
"$wheredrop" diagnose --json --netns "$netns" --from "$work/lost.wdb" >"$work/narrow" 2>"$work/error"
same "$work/again" "$work/narrow" "its namespace can be named"

# ---- for somebody outside ----

flood 100
"$wheredrop" record --redact --netns "$netns" --duration 3s "$work/redacted.wdb" >/dev/null 2>"$work/error" &
recorder=$!
begun "$work/redacted.wdb"
flood 300
wait "$recorder"
result $? "a recording can be redacted" "$work/error"
"$wheredrop" diagnose --json --from "$work/redacted.wdb" >"$work/again" 2>"$work/error"
jq -e '.verdict | .cause == "udp-receive-buffer-full" and .packets == 300 and .because == ["process-stopped"]' "$work/again" >/dev/null
result $? "and its answer is the same" "$work/again"
mkdir "$work/unpacked"
tar --zstd -xf "$work/redacted.wdb" -C "$work/unpacked" && ! grep -rq -e "$netns" -e lab-traffic -e "$(uname -n)\"" "$work/unpacked"
result $? "without the names of the namespace, the process and the host"

# ---- what waited, and what was told to stop ----

"$wheredrop" diagnose --json --netns "$netns" --wait 20s --duration 1s --record "$work/waited.wdb" >"$work/live" 2>"$work/error" &
diagnosis=$!
sleep 2.5
flood 300
wait "$diagnosis"
"$wheredrop" diagnose --json --from "$work/waited.wdb" >"$work/again" 2>"$work/error"
same "$work/live" "$work/again" "two windows that were joined are joined again"
"$wheredrop" record --netns "$netns" --duration 60s "$work/stopped.wdb" >"$work/output" 2>"$work/error" &
recorder=$!
sleep 1.5
kill -TERM "$recorder" # a job of a shell ignores SIGINT
wait "$recorder"
result $? "it can be told to end" "$work/error"
grep -q 'diagnose --from' "$work/output"
result $? "which says how to go on" "$work/output"
"$wheredrop" diagnose --json --from "$work/stopped.wdb" 2>"$work/error" | jq -e '.window.ended == "interrupt" and .window.seconds > 1' >/dev/null
result $? "and the bundle knows" "$work/error"

# ---- killed ----

readable=0 longest=0
for ((i = 0; i < kills; i++)); do
	"$wheredrop" record --netns "$netns" --interval 10ms --duration 60s "$work/killed.wdb" >/dev/null 2>&1 &
	recorder=$!
	sleep "0.$((RANDOM % 6 + 1))$((RANDOM % 1000))"
	{ kill -KILL "$recorder" && wait "$recorder"; } 2>/dev/null
	"$wheredrop" diagnose --json --from "$work/killed.wdb" >"$work/killed" 2>"$work/error"
	[ $? -ne 2 ] && jq -e '.window.ended == "cut"' "$work/killed" >/dev/null && readable=$((readable + 1))
	seconds=$(jq '.window.seconds * 1000 | floor' "$work/killed")
	[ "${seconds:-0}" -le "$longest" ] || longest=$seconds
done
[ "$readable" -eq "$kills" ]
result $? "killed $kills times, $readable bundles can be read" "$work/error"
[ "$longest" -gt 200 ]
result $? "up to $longest ms of them"

# ---- until something happens ----

"$wheredrop" record --netns "$netns" --duration 30s --until 'UdpRcvbufErrors>50' "$work/until.wdb" >"$work/said" 2>"$work/error" &
recording=$!
begun "$work/until.wdb"
flood 300
wait "$recording"
grep -q 'until the condition was met' "$work/said"
result $? "a recording ends when its condition is met" "$work/said" "$work/error"
"$wheredrop" diagnose --json --from "$work/until.wdb" 2>"$work/error" >"$work/again"
jq -e '.window.ended == "condition" and .window.seconds < 20 and .verdict.packets > 50' "$work/again" >/dev/null
result $? "and holds what happened" "$work/again"
"$wheredrop" record --netns "$netns" --duration 2s --until 'UdpRcvbufErrors>50' "$work/until.wdb" >"$work/said" 2>"$work/error"
grep -q '^[23]\.[0-9] s, 1 namespace' "$work/said"
result $? "or when its time is over" "$work/said" "$work/error"
says 'no such counter' record --until 'blue>5' "$work/until.wdb"

# ---- no room ----

mkdir "$work/small"
if mount -t tmpfs -o size=16k tmpfs "$work/small" 2>/dev/null; then
	"$wheredrop" diagnose --json --netns "$netns" --interval 10ms --duration 3s --record "$work/small/full.wdb" >"$work/full" 2>"$work/error"
	[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q 'No space left on device; what is in it can be read' "$work/error"
	result $? "a full disk is one clear line" "$work/error"
	jq -e '.window.seconds > 2.9' "$work/full" >/dev/null
	result $? "the answer is given all the same" "$work/full"
	"$wheredrop" diagnose --json --from "$work/small/full.wdb" 2>"$work/error" | jq -e '.window.ended == "cut"' >/dev/null
	result $? "and what had room can be read" "$work/error"
else
	echo "ok $((number += 1)) - a full disk # SKIP no right to mount"
fi

# ---- what is no bundle ----

echo text >"$work/text.wdb"
head -c 300 "$work/lost.wdb" >"$work/short.wdb"
says 'No such file' diagnose --from "$work/nothing.wdb"
says 'no output of a known tool' diagnose --from "$work/text.wdb"
says 'neither a bundle' diagnose --from "$work/short.wdb"
mkdir "$work/nothing"
says 'no output of a known tool' diagnose --from "$work/nothing"
says 'no such network namespace' diagnose --from "$work/lost.wdb" --netns nowhere
says 'no such interface' diagnose --from "$work/lost.wdb" --interface nowhere0
says 'for a live host' diagnose --from "$work/lost.wdb" --wait 10s
says 'cannot write the bundle' record "$work/no/such/directory"
says 'needs the name of a file' record
echo "1..$number"
