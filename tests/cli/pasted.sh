#!/bin/bash
# Outputs that people paste: each text of tests/tickets leads to the answer that expected.tsv has, whatever pasting did to it,
# and collections of outputs do as the text does. Prints TAP.
set -u
: "${WHEREDROP:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh
tickets=tests/tickets
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
said=("$work/error" "$work/answer")

ask() # FILE...: the answer as JSON in $work/answer, its status in $status
{
	local from=()
	local file
	for file; do from+=(--from "$file"); done
	"$WHEREDROP" diagnose "${from[@]}" --json >"$work/answer" 2>"$work/error"
	status=$?
}

first() # the first finding, as it stands in expected.tsv
{
	jq -r 'if .findings | length == 0 then "-" else .findings[0] |
	       [.where, .cause, (.packets | tostring), .confidence] | @tsv end' "$work/answer"
}

expected() # NAME
{
	awk -F '\t' -v name="$1" '$1 == name { sub(/^[^\t]*\t/, ""); print }' "$tickets/expected.tsv"
}

fits() # EXPECTED GOT: "|" between alternatives
{
	local -a wanted got
	local i
	IFS=$'\t' read -ra wanted <<<"$1"
	IFS=$'\t' read -ra got <<<"$2"
	[ "${#wanted[@]}" -eq "${#got[@]}" ] && [ "${#got[@]}" -gt 0 ] || return 1
	for i in "${!wanted[@]}"; do
		[[ "|${wanted[i]}|" == *"|${got[i]}|"* ]] || return 1
	done
}

for file in "$tickets"/*.txt; do
	name=$(basename "$file" .txt)
	ask "$file"
	answer=$(first)
	wanted_status=1
	[ "$answer" != - ] || wanted_status=3
	fits "$(expected "$name")" "$answer" && [ "$status" -eq "$wanted_status" ]
	result $? "$name: ${answer//$'\t'/ }"
done

echo "1..$number"
