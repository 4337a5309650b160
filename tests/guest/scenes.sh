#!/bin/bash
# Scenes of the lab on the kernels of Debian, in small virtual machines, side by side: a fault that every host has, what only real
# cards and these kernels show, and that fault and its twin without the kernel's types (BTF) or without bpf(), shared out among
# them.
# `make accuracy` runs many more. Prints TAP.
set -u
guest=$(dirname "$0")/../../lab/guest
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
fault=udp-reader-stopped twin=firewall-rule-no-hits
guests_only=('ring-overflow-vmxnet3 ring-small-but-enough' 'fq-codel-aqm fq-codel-fits')
without=(btf bpf)

say() # STATUS DESCRIPTION
{
	number=$((number + 1))
	echo "$1 $number - $2"
}

run() # KERNEL NAME ARGUMENT...
{
	"$guest/run" "$1" "${@:3}" --once --records "$work/$1.$2.records" >"$work/$1.$2" 2>&1
	echo $? >"$work/$1.$2.status"
}

all_on() # KERNEL LACK SCENE...
{
	run "$1" with run "$fault" "${@:3}"
	run "$1" "$2" --without "$2" run "$fault" "$twin"
}

# The records as TAP, and that there is one for each scene.
retell() # KERNEL NAME COUNT
{
	local file=$work/$1.$2 line
	if [ "$(cat "$file.status")" -eq 77 ]; then
		say ok "kernel $1 # SKIP $(tail -n 1 "$file")"
		return
	fi
	touch "$file.records"
	while IFS= read -r line; do
		say "${line%%|*}" "${line#*|}"
	done < <(jq -r '"\(.kernel), \(.machine): \(.scene) IPv\(.family)" as $what |
		if .skipped then "ok|\($what) # SKIP \(.skipped)"
		elif (.broken // .wrong) == "" then "ok|\($what)"
		else "not ok|\($what): \(.broken // .wrong)" end' "$file.records")
	if [ "$(wc -l <"$file.records")" -eq "$3" ]; then
		say ok "kernel $1, $2: all $3 scenes ran"
	else
		say 'not ok' "kernel $1, $2: $(wc -l <"$file.records") of $3 scenes ran"
		sed 's/^/# /' "$file" | tail -n 20
	fi
}

mapfile -t kernels < <(awk '!/^#/ { print $1 }' "$guest/kernels.list")
for index in "${!kernels[@]}"; do
	read -ra own <<<"${guests_only[index % ${#guests_only[@]}]}"
	all_on "${kernels[index]}" "${without[index % ${#without[@]}]}" "${own[@]}" &
done
wait
for index in "${!kernels[@]}"; do
	read -ra own <<<"${guests_only[index % ${#guests_only[@]}]}"
	retell "${kernels[index]}" with $((1 + ${#own[@]}))
	retell "${kernels[index]}" "${without[index % ${#without[@]}]}" 2
done
echo "1..$number"
