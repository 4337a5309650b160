#!/bin/bash
# doctor: the same twelve places for everybody, less for an ordinary user, and what is hidden is said, not passed over.
# Prints TAP.
set -u
: "${WHEREDROP:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh
work=$(mktemp -d)
said=("$work/error" "$work/answer")
trap 'rm -rf "$work"' EXIT
cp "$WHEREDROP" "$work/wheredrop" && chmod 755 "$work" "$work/wheredrop"

skip() # DESCRIPTION REASON
{
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# holds PYTHON DESCRIPTION: an expression about the answer `a` and the exit status `status`.
holds()
{
	python3 -c 'import json, sys
a, status = json.load(open(sys.argv[1])), int(sys.argv[2])
place = {domain["where"]: domain for domain in a["domains"]}
source = {source["source"]: source for source in a["sources"]}
sys.exit(not eval(sys.argv[3]))' "$work/answer" "$status" "$1" 2>"$work/error"
	result $? "$2"
}

as_user()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups "$work/wheredrop" doctor "$@"
}

"$WHEREDROP" doctor --json >"$work/answer" 2>"$work/error"
status=$?
holds 'status == (0 if a["whole"] else 3)' 'the exit status says what the answer says'
holds '[d["where"] for d in a["domains"]] == "path link nic backlog filter routing ip transport socket qdisc overlay application".split()' \
	"the places come in the packet's order"
holds 'all(d["counters"] > 0 for d in a["domains"] if d["where"] not in ("path", "application"))' \
	'counters of loss were read at every place of the host'
holds 'a["namespaces"]["seen"] >= 1 and source["snmp"]["state"] != "not read" and source["snmp"]["seconds"] > 0' \
	'sources have a state and a cost'
holds 'a["whole"] == (not any(o["counts"] for o in a["obstacles"]))' 'what is in the way counts'
holds 'all(o["sources"] for o in a["obstacles"] if o["where"])' 'what a place misses has a source'

LC_ALL=C.UTF-8 "$WHEREDROP" doctor >"$work/answer" 2>"$work/error"
awk 'length > 80 { bad = 1 } END { exit bad || NR < 20 }' "$work/answer"
result $? 'at most 80 columns'
for place in path link nic backlog filter routing ip transport socket qdisc overlay application; do
	grep -qE "^  $place +(yes|partly|no) " "$work/answer" || echo "$place"
done >"$work/error"
[ ! -s "$work/error" ]
result $? 'the text has every place'
grep -q '^  cost .* ms' "$work/answer"
result $? 'the text says what a look costs'

"$WHEREDROP" doctor --netns wd-no-such-namespace >"$work/answer" 2>"$work/error"
[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && [ ! -s "$work/answer" ]
result $? 'a namespace that is missing is refused in one line'
"$WHEREDROP" doctor --json >/dev/full 2>"$work/error"
[ $? -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ]
result $? 'a full disk is noticed'

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	as_user --json >"$work/answer" 2>"$work/error"
	status=$?
	holds 'status == 3 and not a["whole"] and not a["tool"]["root"]' 'an ordinary user sees less: status 3'
	holds 'place["filter"]["observable"] == "partly" and place["socket"]["observable"] == "partly"' \
		'an ordinary user sees neither firewall rules nor the processes of others'
	holds 'any("sudo" in (o["change"] or "") and "nftables" in o["sources"] for o in a["obstacles"])' \
		'an ordinary user is told what would change that'
	holds 'place["transport"]["counters"] > 0 and source["snmp"]["state"] != "not read"' \
		'an ordinary user still sees what everybody may'
else
	skip 'an ordinary user sees less' 'needs root and setpriv'
fi

# Container runtimes put /dev/null or an empty directory over what they hide.
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
	unshare -m sh -c 'mount --bind /dev/null /proc/interrupts && exec "$0" doctor --json' "$WHEREDROP" \
		>"$work/answer" 2>"$work/error"
	status=$?
	holds 'status == 3 and place["backlog"]["observable"] == "partly" and any("interrupts" in o["sources"] and o["change"] for o in a["obstacles"])' \
		'a masked /proc/interrupts is in the way'
	mkdir "$work/empty"
	unshare -m sh -c 'mount --bind "$1" /sys && exec "$0" doctor --json' "$WHEREDROP" "$work/empty" \
		>"$work/answer" 2>"$work/error"
	status=$?
	holds 'status in (0, 3) and place["link"]["observable"] == "yes"' 'without /sys the links are still seen'
	unshare -m sh -c 'mount --bind "$1" /proc && exec "$0" doctor --json' "$WHEREDROP" "$work/empty" \
		>"$work/answer" 2>"$work/error"
	status=$?
	# In a sanitized build the leak checker, which cannot do without /proc, ends the program with a status of its own.
	! grep -q LeakSanitizer "$work/error" || status=2
	sed -i '/^==[0-9]/d' "$work/error"
	[ "$status" -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q '/proc' "$work/error"
	result $? 'without /proc it says so in one line'
else
	skip 'a masked /proc' 'needs root and mount namespaces'
fi

echo "1..$number"
