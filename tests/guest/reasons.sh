#!/bin/bash
# Drop events on the kernels of Debian 12 and its backports: each boots in a small virtual machine and runs the test of
# tests/engine/kernel.c there. Prints TAP. Downloads the kernels once, into the build directory.
set -u
here=$(dirname "$0")
program=${BUILD:?}/tests/test-kernel
kernels=(
	'bookworm linux-image-6\.1\.0-[0-9]+-amd64'
	'bookworm-backports linux-image-6\.12\.[0-9.]+\+deb12[0-9.]*-amd64'
)
modules=(mac80211 openvswitch) # they bring reasons of their own
output=$(mktemp)
trap 'rm -f "$output"' EXIT
number=0

# A result of our own: line NUMBER of the whole.
say() # STATUS DESCRIPTION
{
	number=$((number + 1))
	echo "$1 $number - $2"
}

# The guest's lines with the kernel's name, numbered on: what its program said, and that it said all of it. Only reasons of
# subsystems may be missing: 6.1 has none.
retell() # VERSION EXIT-STATUS
{
	local line planned=0 seen=0 left_out
	left_out=$(grep '# SKIP' "$output" | grep -vc loaded_subsystems_have_their_reasons)
	while IFS= read -r line; do
		case $line in
		1..*) planned=${line#1..} ;;
		'ok '* | 'not ok '*)
			seen=$((seen + 1))
			say "${line%% [0-9]*}" "$1: $(sed -E 's/^(not )?ok [0-9]+ (- )?//; s/^# SKIP (.*)/\1 # SKIP not on this kernel/' <<<"$line")"
			;;
		*) echo "# $1: ${line#\# }" ;;
		esac
	done <"$output"
	if [ "$2" -eq 0 ] && [ "$planned" -gt 0 ] && [ "$seen" -eq "$planned" ] && [ "$left_out" -eq 0 ]; then
		say ok "$1: the guest ran all of its $planned tests"
	else
		say 'not ok' "$1: the guest ran $((seen - left_out)) of $planned tests, exit status $2"
	fi
}

for kernel in "${kernels[@]}"; do
	read -r suite regex <<<"$kernel"
	place=$("$here/kernel.sh" "$BUILD/guest" "$suite" "$regex" 2>"$output")
	case $? in
	0) ;;
	77) say ok "a kernel of $suite # SKIP $(tail -n 1 "$output")" && continue ;;
	*) say 'not ok' "a kernel of $suite: $(tail -n 1 "$output")" && continue ;;
	esac
	"$here/boot.sh" "$place" "$program" "${modules[@]}" >"$output" 2>&1
	retell "${place##*/linux-image-}" $?
done
echo "1..$number"
