#!/bin/bash
# wheredrop diff: in ten pairs of scenes of the lab the planted difference is the first that is named, and in twelve pairs of
# recordings of the same scene nothing is. Prints TAP. Needs root.
set -u
: "${WHEREDROP:?}" "${BUILD:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh

if [ "$(id -u)" -ne 0 ]; then
	echo "1..0 # SKIP only root can run the lab"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
once=(two-uplinks-strict two-uplinks-loose unreachable-route)
twice=(udp-buffer-small burst-that-fits shaper-tbf clean-udp conntrack-table-full conntrack-quiet reverse-path-filter
	rp-filter-loose iptables-legacy-drop stateful-firewall no-route clean-tcp)

# record DIRECTORY SCENE...
record()
{
	mkdir "$work/$1"
	LAB_TRAFFIC=${LAB_TRAFFIC:-$BUILD/lab-traffic} LAB_KEEP=$work/$1 LAB_BUNDLES=1 FAMILIES=4 \
		lab/run run --once "${@:2}" >"$work/$1.said" 2>&1
}

# bundles FILE FILE: whether both are there; a machine without a kernel module has some scenes less
bundles()
{
	[ -e "$1" ] && [ -e "$2" ]
}

skip()
{
	number=$((number + 1))
	echo "ok $number - $1 # SKIP not recorded here"
}

# planted A B FILTER: jq's FILTER holds for the first difference
planted()
{
	local a=$work/first/$1-4.wdb b=$work/first/$2-4.wdb what="$1 against $2: the difference comes first"
	if ! bundles "$a" "$b"; then
		skip "$what"
		return
	fi
	"$WHEREDROP" diff --json "$a" "$b" >"$work/answer" 2>"$work/error"
	[ $? -eq 1 ] && jq -e ".differences[0] | $3" "$work/answer" >/dev/null
	result $? "$what" "$work/error" <(jq -c '.headline, (.differences[], .unsure[] | [.kind, .what, .p])' "$work/answer")
}

# same SCENE
same()
{
	local a=$work/first/$1-4.wdb b=$work/second/$1-4.wdb what="$1 twice: nothing differs"
	if ! bundles "$a" "$b"; then
		skip "$what"
		return
	fi
	"$WHEREDROP" diff --json "$a" "$b" >"$work/answer" 2>"$work/error" && jq -e '.differences == []' "$work/answer" >/dev/null
	result $? "$what" "$work/error" <(jq -c '.headline, (.differences[] | [.kind, .what, .a, .b, .p])' "$work/answer")
}

record first "${twice[@]}" "${once[@]}"
record second "${twice[@]}"

loss='.kind == "loss" and .b.count == 0 and .where'
planted udp-buffer-small burst-that-fits "$loss == \"socket\" and (.why | test(\"too small\"))"
planted shaper-tbf clean-udp "$loss == \"qdisc\" and (.why | test(\"tbf\"))"
planted conntrack-table-full conntrack-quiet "$loss == \"filter\" and (.why | test(\"connection tracking table\"))"
planted reverse-path-filter rp-filter-loose "$loss == \"routing\" and (.why | test(\"rp_filter\"))"
planted two-uplinks-strict two-uplinks-loose "$loss == \"routing\" and (.why | test(\"rp_filter\"))"
planted iptables-legacy-drop stateful-firewall "$loss == \"filter\" and (.why | test(\"iptables filter flows rule 1\"))"
planted no-route clean-udp "$loss == \"routing\" and (.why | test(\"no route\"))"
planted unreachable-route clean-udp "$loss == \"routing\" and (.why | test(\"blackhole\"))"
planted burst-that-fits clean-udp '.kind == "setting" and .counter == "socket.rcvbuf"'
planted clean-tcp stateful-firewall '.kind == "setting" and .where == "filter" and .b.value == "there"'

for scene in "${twice[@]}"; do
	same "$scene"
done

# What of the settings may be the cause is named right behind the loss.
if bundles "$work"/first/{udp-buffer-small,burst-that-fits}-4.wdb; then
	"$WHEREDROP" diff --color never "$work"/first/{udp-buffer-small,burst-that-fits}-4.wdb >"$work/text" 2>&1
	tr '\n' ' ' <"$work/text" | grep -q '^A loses packets at the socket and B does not: .* 8,192 bytes on A and 2,000,000 bytes on B\.'
	result $? "the sentence has the loss and both values of the setting behind it" "$work/text"
	! grep -qE '.{81}' "$work/text"
	result $? "it fits 80 columns" "$work/text"
	"$WHEREDROP" diff --json "$work"/first/{burst-that-fits,udp-buffer-small}-4.wdb | jq -e '.headline | test("^B loses")' >/dev/null
	result $? "the other way round it says so"
fi

if bundles "$work"/first/{udp-buffer-small,burst-that-fits}-4.wdb && python3 -c 'import jsonschema' 2>/dev/null; then
	"$WHEREDROP" diff --json "$work"/first/{udp-buffer-small,burst-that-fits}-4.wdb >"$work/answer"
	python3 - docs/diff.schema.json "$work/answer" >"$work/said" 2>&1 <<-'CHECK'
		import json, sys, jsonschema
		schema, answer = (json.load(open(name)) for name in sys.argv[1:])
		jsonschema.Draft202012Validator.check_schema(schema)
		validator = jsonschema.Draft202012Validator(schema)
		validator.validate(answer)
		def broken(change):
		    document = json.loads(json.dumps(answer))
		    change(document)
		    assert not validator.is_valid(document)
		broken(lambda d: d.update(schema="wheredrop.diff/2"))
		broken(lambda d: d["differences"][0].update(kind="rumour"))
		broken(lambda d: d["differences"][0].update(p=1.5))
		broken(lambda d: d["compared"].pop("enough"))
	CHECK
	result $? "the answer is as docs/diff.schema.json has it, which refuses others" "$work/said"
fi

# This host, and what was pasted.
"$WHEREDROP" record --duration 500ms "$work/here.wdb" >/dev/null 2>"$work/error"
"$WHEREDROP" diff --json --duration 500ms "$work/here.wdb" >"$work/answer" 2>>"$work/error"
[ $? -ne 2 ] && jq -e '.b.from == "this host, now" and .compared.settings > 50 and .compared.counters > 50' "$work/answer" >/dev/null
result $? "a recording is held against this host" "$work/error" "$work/answer"
for file in a b; do
	{ date; nstat -az; ip -s -s link; sysctl net.core net.ipv4; } >"$work/$file.txt" 2>/dev/null
done
sed -i -E 's/^(net.core.rmem_max = ).*/\1 4711/' "$work/b.txt"
"$WHEREDROP" diff --json "$work/a.txt" "$work/b.txt" >"$work/answer" 2>"$work/error"
[ $? -eq 1 ] && jq -e '[.differences[].counter] == ["sysctl.net.core.rmem_max"] and .differences[0].b.value == "4,711 bytes"' \
	"$work/answer" >/dev/null
result $? "pasted outputs are compared" "$work/error" "$work/answer"

for arguments in '' 'a b c' /nowhere '--interval 1h --duration 1s here.wdb'; do
	# shellcheck disable=SC2086 # several words
	"$WHEREDROP" diff $arguments >"$work/out" 2>"$work/error"
	[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && [ ! -s "$work/out" ]
	result $? "refused in one line: diff $arguments" "$work/error"
done

echo "1..$number"
