#!/bin/bash
# A baseline and what was recorded later, in one file: the answer is that of the later one, to the last field, and names what
# is different since; a second recording that was killed or had no room leaves the baseline as it was. Prints TAP. Needs root;
# what it makes is called wd-baseline-PID.
set -u
netns=wd-baseline-$$
kills=30
[ -z "${QUICK:-}" ] || kills=5
# shellcheck source=tests/reader_host.sh
. tests/reader_host.sh
# shellcheck source=tests/engine/recording.sh
. tests/engine/recording.sh

reader_end()
{
	umount "$work/small" 2>/dev/null
	ip netns del "$netns-late" 2>/dev/null
}

# Not all at once: a single burst may be chance.
trickle()
{
	ip netns exec "$netns" "$traffic" udp-send --to 127.0.0.1 --size 1000 --rate 150 --count "$1" >/dev/null
}

# recorded PREFIX FILE COUNT OPTION...: some seconds in which so many datagrams are sent
recorded()
{
	"$wheredrop" record --netns "$netns" --duration 4s "${@:4}" "$2" >"$work/said" 2>"$work/error" &
	local recorder=$!
	begun "$2" "$1"
	trickle "$3"
	wait "$recorder"
}

# repacked FROM TO FILTER: the baseline's manifest changed by jq, in an archive as others make it
repacked()
{
	rm -rf "$work/packed"
	mkdir "$work/packed"
	tar --zstd -xf "$1" -C "$work/packed"
	jq -c "$3" "$work/packed/manifest.json" >"$work/manifest" && cp "$work/manifest" "$work/packed/manifest.json"
	(cd "$work/packed" && tar --zstd -cf "$2" manifest.json window-1/* end.json)
}

# ---- a baseline alone ----

recorded '' "$work/lost.wdb" 300 --baseline
result $? "a baseline is recorded" "$work/error"
grep -q "record --during $work/lost.wdb" "$work/said"
result $? "which says what it is for" "$work/said"
"$wheredrop" diagnose --json --from "$work/lost.wdb" >"$work/answer" 2>"$work/error"
[ $? -ne 2 ] && jq -e '.findings == [] and has("baseline") == false and any(.tool.notes[]; test("this is a baseline"))' "$work/answer" >/dev/null
result $? "it can be judged, and says that nothing was added yet" "$work/error" "$work/answer"
tar --zstd -xOf "$work/lost.wdb" manifest.json | jq -e '.version == 2 and .part == "baseline"' >/dev/null
result $? "programs that do not know of baselines refuse it"
cp "$work/lost.wdb" "$work/base.wdb"
size=$(stat -c %s "$work/base.wdb")

# ---- the same traffic, nothing is wrong ----

cp "$work/base.wdb" "$work/twin.wdb"
recorded during/ "$work/twin.wdb" 300 --during
result $? "a second recording is added" "$work/error"
"$wheredrop" diagnose --json --from "$work/twin.wdb" >"$work/answer" 2>"$work/error"
[ $? -ne 2 ] && jq -e '.findings == [] and .baseline.differences == [] and .baseline.unsure == [] and .baseline.compared.enough' "$work/answer" >/dev/null
result $? "nothing differs" "$work/error" <(jq -c .baseline "$work/answer")
"$wheredrop" diagnose --from "$work/twin.wdb" 2>&1 | grep -A1 '^Since the baseline (20.*, 4\.[0-9] s)' | grep -q 'nothing differs that matters'
result $? "and so it is said"
"$wheredrop" diff "$work/twin.wdb" >"$work/text" 2>&1 && grep -q '^Nothing that matters differs' "$work/text"
result $? "diff holds one against the other" "$work/text"

# ---- the same traffic, and a reader that has stopped ----

kill -STOP "$reader"
flood 100
recorded during/ "$work/lost.wdb" 300 --during
result $? "a loss is recorded behind the baseline" "$work/error"
grep -q 'and what differs from the baseline: wheredrop diagnose --from' "$work/said"
result $? "which says how to go on" "$work/said"
head -c "$size" "$work/lost.wdb" | cmp -s - "$work/base.wdb"
result $? "not a byte of the baseline has changed"
[ "$(stat -c %a "$work/lost.wdb")" = 600 ]
result $? "only its owner may read it"
"$wheredrop" diagnose --json --from "$work/lost.wdb" >"$work/answer" 2>"$work/error"
[ $? -eq 1 ]
result $? "the answer has the status of the second recording" "$work/error"
jq -e '.verdict | .cause == "udp-receive-buffer-full" and .packets == 300 and .because == ["process-stopped"]' "$work/answer" >/dev/null
result $? "every datagram is counted" <(jq -c .verdict "$work/answer")
jq -e '.baseline.differences[0] | .kind == "loss" and .where == "socket" and .a.count == 300 and .b.count == 0' "$work/answer" >/dev/null
result $? "the loss is the first difference" <(jq -c .baseline "$work/answer")
jq -e '.baseline | .rebooted == false and .seconds > 2.9 and .start < "3000"' "$work/answer" >/dev/null
result $? "the baseline's time is known" <(jq -c .baseline "$work/answer")
"$wheredrop" diff --json "$work/lost.wdb" >"$work/diff" 2>"$work/error"
[ $? -eq 1 ] && diff <(jq -S .differences "$work/diff") <(jq -S .baseline.differences "$work/answer") >"$work/difference"
result $? "diff of the file says the same" "$work/error" "$work/difference"
jq -e '.b.from | test("its baseline$")' "$work/diff" >/dev/null
result $? "and what is what" "$work/diff"
"$wheredrop" diff --json "$work/lost.wdb" "$work/base.wdb" 2>"$work/error" | diff <(jq -S .differences) <(jq -S .differences "$work/diff") >"$work/difference"
result $? "against another file it is the second recording that counts" "$work/error" "$work/difference"
for how in --markdown ''; do
	# shellcheck disable=SC2086 # none is none
	"$wheredrop" diagnose $how --color never --from "$work/lost.wdb" >"$work/text" 2>&1
	grep -A2 'Since the baseline' "$work/text" | tr '\n' ' ' | grep -q '300 packets'
	result $? "as ${how:-text} it has what is different since" "$work/text"
done
"$wheredrop" diagnose --from "$work/lost.wdb" --html "$work/page.html" >/dev/null 2>&1
grep -q '<h2>Since the baseline' "$work/page.html"
result $? "and so has the page"
"$wheredrop" diagnose --json --netns "$netns" --from "$work/lost.wdb" 2>"$work/error" | diff <(jq -S .) <(jq -S . "$work/answer") >"$work/difference"
result $? "its namespace can be named" "$work/error" "$work/difference"

"$wheredrop" watch --json --from "$work/lost.wdb" 2>"$work/error" >"$work/watched"
tail -n 1 "$work/watched" | jq -e '.seconds < 5 and .verdict.cause == "udp-receive-buffer-full" and (.verdict.summary | test(" 300 datagrams "))' >/dev/null
result $? "watch plays the second recording alone" "$work/error" <(tail -n 1 "$work/watched")

# What others make of the file: everything unpacks, and the second recording alone gives the same answer.
mkdir "$work/unpacked"
tar --zstd -xf "$work/lost.wdb" -C "$work/unpacked" 2>"$work/error" && [ -s "$work/unpacked/end.json" ] && [ -s "$work/unpacked/during/end.json" ]
result $? "tar unpacks both" "$work/error"
jq -c 'del(.part) | .version = 1' "$work/unpacked/during/manifest.json" >"$work/manifest" && cp "$work/manifest" "$work/unpacked/during/manifest.json"
(cd "$work/unpacked/during" && tar --zstd -cf "$work/alone.wdb" manifest.json window-1/* end.json)
"$wheredrop" diagnose --json --from "$work/alone.wdb" 2>"$work/error" | diff <(jq -S .) <(jq -S 'del(.baseline)' "$work/answer") >"$work/difference"
result $? "alone, the second recording has the same answer to the last field" "$work/error" "$work/difference"
if python3 -c 'import jsonschema' 2>/dev/null; then
	python3 - docs/diagnosis.schema.json "$work/answer" >"$work/said" 2>&1 <<-'CHECK'
		import json, sys, jsonschema
		schema, answer = (json.load(open(name)) for name in sys.argv[1:])
		validator = jsonschema.Draft202012Validator(schema)
		validator.validate(answer)
		def broken(change):
		    document = json.loads(json.dumps(answer))
		    change(document["baseline"])
		    assert not validator.is_valid(document)
		broken(lambda b: b.pop("differences"))
		broken(lambda b: b.update(start="yesterday"))
		broken(lambda b: b["differences"][0].update(kind="rumour"))
		broken(lambda b: b["compared"].pop("enough"))
	CHECK
	result $? "the answer is as docs/diagnosis.schema.json has it, which refuses others" "$work/said"
fi

# ---- another start, and archives that others have packed ----

repacked "$work/base.wdb" "$work/earlier.wdb" '.host.boot_id = "another"'
chmod 644 "$work/earlier.wdb"
recorded during/ "$work/earlier.wdb" 300 --during
"$wheredrop" diagnose --json --from "$work/earlier.wdb" >"$work/answer" 2>"$work/error"
jq -e '.verdict.packets == 300 and .baseline.rebooted and .baseline.differences[0].a.count == 300' "$work/answer" >/dev/null
result $? "a start in between is said, and a repacked baseline is read" "$work/error" <(jq -c .verdict,.baseline "$work/answer")
"$wheredrop" diagnose --from "$work/earlier.wdb" 2>&1 | grep -q 'the host was started again in between'
result $? "in words as well"
[ "$(stat -c %a "$work/earlier.wdb")" = 600 ]
result $? "what others might have read they no longer may"
tar --zstd --ignore-zeros -tf "$work/earlier.wdb" | grep -q '^during/end.json'
result $? "tar finds what follows such a baseline when it is asked to"

# ---- a namespace that is new ----

"$wheredrop" record --baseline --duration 300ms "$work/late.wdb" >/dev/null 2>"$work/error"
ip netns add "$netns-late"
"$wheredrop" record --during --duration 300ms --until 'UdpRcvbufErrors>5' "$work/late.wdb" >/dev/null 2>>"$work/error"
"$wheredrop" diagnose --json --netns "$netns-late" --from "$work/late.wdb" >"$work/answer" 2>>"$work/error"
[ $? -ne 2 ] && jq -e '.baseline | .differences == [] and .compared.enough == false and (.compared.not_compared[0] | test("not in the baseline"))' \
	"$work/answer" >/dev/null
result $? "what the baseline does not have is not compared" "$work/error" <(jq -c .baseline "$work/answer")
"$wheredrop" diagnose --json --netns "$netns" --from "$work/late.wdb" 2>"$work/error" | jq -e .baseline.compared.enough >/dev/null
result $? "what it has is" "$work/error"

# ---- refused in one line ----

repacked "$work/base.wdb" "$work/redacted.wdb" '.redacted = true'
repacked "$work/base.wdb" "$work/wide.wdb" '.asked.netns_inode = "0x0"'
head -c $((size - 30)) "$work/base.wdb" >"$work/cut.wdb"
head -c 300 "$work/base.wdb" >"$work/short.wdb"
echo text >"$work/text.wdb"
"$wheredrop" record --netns "$netns" --duration 200ms "$work/alone.wdb" >/dev/null 2>&1
says 'No such file' record --during "$work/nothing.wdb"
says 'no bundle of wheredrop' record --during "$work/text.wdb"
says 'holds no baseline' record --during "$work/alone.wdb"
says 'has no end' record --during --netns "$netns" "$work/cut.wdb"
says 'cannot add to' record --during --netns "$netns" "$work/short.wdb"
says "head -c $size " record --during --netns "$netns" "$work/lost.wdb"
(cd "$work/unpacked" && tar --zstd -cf "$work/together.wdb" manifest.json window-1/* end.json during/manifest.json during/window-1/* during/end.json)
says 'packed together' record --during --netns "$netns" "$work/together.wdb"
says 'is redacted' record --during --netns "$netns" "$work/redacted.wdb"
says 'is of every network namespace' record --during --netns "$netns" "$work/wide.wdb"
says 'is of one network namespace' record --during "$work/base.wdb"
says 'one at a time' record --during --baseline "$work/base.wdb"
says 'could not be compared' record --during --redact "$work/base.wdb"
says 'could not be compared' record --baseline --redact "$work/base.wdb"
says 'name another file' record --baseline "$work/lost.wdb"
says 'name another file' record "$work/lost.wdb"
says 'holds a baseline: record --during adds to it' record "$work/base.wdb"
says 'holds a baseline: record --during adds to it' diagnose --record "$work/base.wdb"
line=$(unshare --uts sh -c 'echo elsewhere >/proc/sys/kernel/hostname; exec "$0" record --during --netns "$1" "$2"' "$wheredrop" "$netns" "$work/base.wdb" 2>&1)
[ $? -eq 2 ] && [[ $line == *"is of the host"*"and this is elsewhere" ]]
result $? "another host's: $line"
says 'no such network namespace' diff --netns nowhere "$work/lost.wdb"
cmp -s "$work/base.wdb" <(head -c "$size" "$work/lost.wdb") && [ "$(stat -c %s "$work/base.wdb")" -eq "$size" ]
result $? "what was refused has changed nothing"
head -c "$size" "$work/lost.wdb" >"$work/again.wdb"
"$wheredrop" record --during --netns "$netns" --duration 200ms "$work/again.wdb" >/dev/null 2>"$work/error"
result $? "what the refusal says can be done" "$work/error"

# ---- killed ----

readable=0 whole=0 longest=0
for ((i = 0; i < kills; i++)); do
	cp "$work/base.wdb" "$work/killed.wdb"
	"$wheredrop" record --during --netns "$netns" --interval 10ms --duration 60s "$work/killed.wdb" >/dev/null 2>&1 &
	recorder=$!
	sleep "0.$((RANDOM % 7))$((RANDOM % 1000))"
	{ kill -KILL "$recorder" && wait "$recorder"; } 2>/dev/null
	head -c "$size" "$work/killed.wdb" | cmp -s - "$work/base.wdb" && whole=$((whole + 1))
	"$wheredrop" diagnose --json --from "$work/killed.wdb" >"$work/killed" 2>"$work/error"
	[ $? -ne 2 ] && jq -e 'if has("baseline") then .window.ended == "cut" else any(.tool.notes[]; test("baseline")) end' \
		"$work/killed" >/dev/null && readable=$((readable + 1))
	seconds=$(jq 'if has("baseline") then .window.seconds * 1000 | floor else 0 end' "$work/killed")
	[ "${seconds:-0}" -le "$longest" ] || longest=$seconds
done
[ "$readable" -eq "$kills" ] && [ "$whole" -eq "$kills" ]
result $? "killed $kills times, $readable files can be read, with $whole baselines" "$work/error"
[ "$longest" -gt 200 ]
result $? "up to $longest ms of the second recording"

# ---- no room ----

mkdir "$work/small"
if mount -t tmpfs -o size=$(((size + 24000) / 4096 * 4))k tmpfs "$work/small" 2>/dev/null; then
	cp "$work/base.wdb" "$work/small/full.wdb"
	"$wheredrop" record --during --netns "$netns" --interval 10ms --duration 3s "$work/small/full.wdb" >/dev/null 2>"$work/error"
	[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q 'No space left on device; what is in it can be read' "$work/error"
	result $? "a full disk is one clear line" "$work/error"
	"$wheredrop" diagnose --json --from "$work/small/full.wdb" 2>"$work/error" | jq -e '.window.ended == "cut" and .baseline.seconds > 2.9' >/dev/null
	result $? "and what had room can be read, and the baseline" "$work/error"
	cp "$work/base.wdb" "$work/small/full.wdb" && dd if=/dev/zero of="$work/small/rest" bs=4k 2>/dev/null
	"$wheredrop" record --during --netns "$netns" --duration 200ms "$work/small/full.wdb" >/dev/null 2>"$work/error"
	[ $? -eq 2 ] && cmp -s "$work/small/full.wdb" "$work/base.wdb"
	result $? "where nothing has room, the file stays as it was" "$work/error"
else
	echo "ok $((number += 1)) - a full disk # SKIP no right to mount"
fi
echo "1..$number"
