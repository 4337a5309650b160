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

# Whatever pasting did: the answer is that of the text itself.
marks()
{
	sed 's/^/> /' "$1" >"$work/quoted.txt"
	sed 's/$/\r/' "$1" >"$work/returns.txt"
	cat -n "$1" | sed 's/^ *\([0-9]*\)\t/\1: /' >"$work/numbered.txt"
	expand "$1" >"$work/blanks.txt"
	{ echo '```'; cat "$1"; echo '```'; } >"$work/fenced.txt"
	printf '\033[1m%s\033[0m\n' "$(cat "$1")" >"$work/coloured.txt"
}

for name in accept-queue-before-after interrupts-one-cpu udp-receive-buffer tun-reader; do
	marks "$tickets/$name.txt"
	for how in quoted returns numbered blanks fenced coloured; do
		ask "$work/$how.txt"
		fits "$(expected "$name")" "$(first)"
		result $? "$name, $how"
	done
	ask - <"$tickets/$name.txt"
	fits "$(expected "$name")" "$(first)"
	result $? "$name, from standard input"
done

# Two readings in files of their own: by directories, by their order on the command line, in an archive.
mkdir -p "$work/all/before/proc/net" "$work/all/during/proc/net"
row='000000ff %s 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000'
# shellcheck disable=SC2059
printf "$row\n" 00000010 >"$work/all/before/proc/net/softnet_stat"
# shellcheck disable=SC2059
printf "$row\n" 00000110 >"$work/all/during/proc/net/softnet_stat"
printf 'UdpRcvbufErrors 40 0.0\n' >"$work/all/before/nstat_-az.txt"
printf 'UdpRcvbufErrors 1040 0.0\n' >"$work/all/during/nstat_-az.txt"
echo 'a letter to somebody' >"$work/all/during/letter.txt"
ln -s /etc/passwd "$work/all/during/link"
two_losses()
{
	[ "$(jq -c '[.findings[] | [.where, .packets]] | sort' "$work/answer")" = '[["backlog",256],["socket",1000]]' ]
}
ask "$work/all"
two_losses
result $? 'a directory of outputs, before and during'
for packer in gzip xz zstd bzip2; do
	command -v "$packer" >/dev/null || continue
	tar -C "$work" -cf - all | "$packer" -q >"$work/all.tar.$packer"
	ask "$work/all.tar.$packer"
	two_losses
	result $? "the same as an archive, packed by $packer"
done
ask "$work/all/before" "$work/all/during"
two_losses
result $? 'the same as two directories, the earlier one first'

# What cannot be read is one line, and no more than that happens.
refused() # MESSAGE FILE
{
	ask "$2"
	[ "$status" -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ] && grep -q "$1" "$work/error"
	result $? "one line: $1"
}
: >"$work/empty.txt"
echo 'nothing works since this morning' >"$work/prose.txt"
head -c 5000 /dev/zero >"$work/zeros"
(cd "$work" && mkdir up && echo 'UdpRcvbufErrors 900 0.0' >up/nstat_-az && tar -Pcf outside.tar ../"$(basename "$work")"/up/nstat_-az &&
	tar -cf links.tar all/during/link)
refused 'it is empty' "$work/empty.txt"
refused 'no output of a known tool' "$work/prose.txt"
refused 'no output of a known tool' "$work/zeros"
refused 'No such file' "$work/none.txt"
refused 'no output of a known tool' "$work/links.tar"
head -c 200 "$work/all.tar.gzip" >"$work/cut.tar.gz"
refused 'neither a bundle, nor a text, nor an archive' "$work/cut.tar.gz"
ask "$work/outside.tar"
[ "$status" -eq 1 ] && [ "$(first | cut -f 3)" = 900 ]
result $? 'a path that leads outside is a name, nothing is written'
# Unpacked it would be 3 GB; it is looked at and left.
truncate -s 3G "$work/big" && tar -C "$work" -S -cf - big 2>/dev/null | gzip -1 >"$work/bomb.tar.gz"
refused 'no output of a known tool' "$work/bomb.tar.gz"

echo "1..$number"
