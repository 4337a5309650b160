#!/bin/bash
# Drop events on the kernels of Debian 12 and its backports: each boots in a small virtual machine and runs the test of
# tests/engine/kernel.c there, side by side. Prints TAP. Downloads the kernels once, into the build directory.
set -u
guest=$(dirname "$0")/../../lab/guest
program=${BUILD:?}/tests/test-kernel
modules='mac80211 openvswitch' # they bring reasons of their own
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0

# A result of our own: line NUMBER of the whole.
say() # STATUS DESCRIPTION
{
	number=$((number + 1))
	echo "$1 $number - $2"
}

# The guest's lines with the kernel's name, numbered on: what its program said, and that it said all of it. Only reasons of
# subsystems may be missing: 6.1 has none.
retell() # VERSION EXIT-STATUS OUTPUT
{
	local line planned=0 seen=0 left_out output=$3
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

# What a guest printed stays in a file of its own, and its status.
run() # KERNEL PLACE
{
	mkdir "$work/$1.shared"
	GUEST_PROGRAMS=$program GUEST_CACHE=$BUILD/guest/images "$guest/boot.sh" "$2" "$work/$1.shared" \
		bash -c "modprobe -a $modules; /opt/${program##*/}" >"$work/$1" 2>&1
	echo $? >"$work/$1.status"
}

mapfile -t kernels < <(awk '!/^#/ { print $1 }' "$guest/kernels.list")
declare -A places=()
for kernel in "${kernels[@]}"; do
	place=$("$guest/kernel.sh" "$BUILD/guest" "$kernel" 2>"$work/$kernel")
	case $? in
	0)
		places[$kernel]=$place
		run "$kernel" "$place" &
		;;
	77) say ok "kernel $kernel # SKIP $(tail -n 1 "$work/$kernel")" ;;
	*) say 'not ok' "kernel $kernel: $(tail -n 1 "$work/$kernel")" ;;
	esac
done
wait
for kernel in "${!places[@]}"; do
	retell "${places[$kernel]##*/linux-image-}" "$(cat "$work/$kernel.status")" "$work/$kernel"
done
echo "1..$number"
