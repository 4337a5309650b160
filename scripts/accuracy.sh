#!/bin/bash
# The exam: runs the lab on this kernel and on those of lab/guest/kernels.list, and writes docs/ACCURACY.md.
# A sample is drawn by SEED (1): every scene here, in one IP version; 60 pairs of faults; faults beside each background; how
# soon the answer is there; on each other kernel GUEST_SCENES (14) of these scenes, a share of those that this kernel cannot make,
# so that each runs on one of the others, and a few pairs; with BTF hidden and with bpf() refused some of them again.
# FULL=1 runs the whole matrix, which takes hours.
# Records, wrong answers and what was printed meanwhile stay in build/accuracy. Exit status 1 when a goal was not met.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
seed=${SEED:-1} scenes=${GUEST_SCENES:-14}
# shellcheck source=lab/pairs.sh
. lab/pairs.sh
backgrounds=(heavy-load fifty-namespaces innocent-drops)
results=build/accuracy
records=$results/records
once=(--once) count=() pairs=60 beside=12 onsets=(--count 40) guest_pairs=4 reduced=8
if [ -n "${FULL:-}" ]; then
	once=() pairs=600 beside=1000 onsets=() guest_pairs=60 reduced=60
else
	count=(--count "$scenes")
fi

# part NAME COMMAND...: one part of the exam, with a line about how it went; a wrong answer is no reason to stop.
part()
{
	local name=$1 started=$SECONDS
	shift
	"$@" >"$results/$name.txt" 2>&1
	echo "$name: $(grep -E '^(accuracy: |[0-9]+ right)' "$results/$name.txt" | sed 's/^accuracy: //' | paste -sd ';') ($((SECONDS - started)) s)"
}

here()
{
	lab/run "$1" --seed "$seed" "${once[@]}" --records "$records.host" "${@:2}"
}

# only_of INDEX: what this machine cannot make and others may. Of a sample half for each of these, from the list's two ends.
only_of()
{
	local most=${#skipped[@]}
	[ -n "${FULL:-}" ] || most=$(((most + 1) / 2))
	printf '%s\n' "${skipped[@]}" | shuffled "$seed" | if [ "$1" -eq 0 ]; then head -n "$most"; else tail -n "$most"; fi
}

guest() # KERNEL INDEX
{
	local name=$1 only
	mapfile -t only < <(only_of "$2")
	part "$name" lab/guest/run "$name" all --seed "$seed" "${once[@]}" "${count[@]}" --records "$records.$name"
	part "$name-only" lab/guest/run "$name" run --seed "$seed" "${once[@]}" --records "$records.$name" "${only[@]}"
	part "$name-pairs" lab/guest/run "$name" pairs --seed "$seed" --once --count "$guest_pairs" --records "$records.$name"
}

reduced() # KERNEL WITHOUT
{
	part "$1-without-$2" lab/guest/run "$1" --without "$2" all --seed "$seed" --once --count "$reduced" --records "$records.$1.$2"
}

rm -rf "$results"
mkdir -p "$results"
kernels=()
mapfile -t wanted < <(awk '!/^#/ { print $1 }' lab/guest/kernels.list)
for name in "${wanted[@]}"; do
	if lab/guest/kernel.sh build/guest "$name" >/dev/null 2>"$results/kernel"; then
		kernels+=("$name")
	else
		echo "kernel $name: $(tail -n 1 "$results/kernel")"
	fi
done
part scenes here all
part pairs here pairs --count "$pairs"
for background in "${backgrounds[@]}"; do
	part "$background" here pairs --with "$background" --count "$beside"
done
part onset here onset all "${onsets[@]}"
mapfile -t skipped < <(jq -r 'select(.skipped and .beside == "").scene' "$records.host" | sort -u)
# Side by side: each has a processor of its own more or less.
for index in "${!kernels[@]}"; do
	guest "${kernels[index]}" "$index" &
done
wait
for name in "${kernels[@]}"; do
	{
		reduced "$name" bpf
		reduced "$name" btf
	} &
done
wait
python3 lab/accuracy.py "$records".* --seed "$seed" ${FULL:+--full} --output docs/ACCURACY.md || exit
echo
python3 lab/accuracy.py "$records".* --summary
python3 lab/accuracy.py "$records".* --check
