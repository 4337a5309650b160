#!/bin/bash
# Runs every test that tests/meson.build lists and counts its TAP lines. C programs and scripts run in
# the ASan+UBSan build, the lab and the guests with the plain one; those that meson calls parallel side by side, one per
# processor. Prints a line per test program, details only for failures, and last "N passed, N failed[, N skipped]"; the exit
# status is 1 when anything failed.
# QUICK=1 leaves out the suites "slow" and "guest" and is passed on; ONLY=REGEX picks by "suite/name".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

export QUICK=${QUICK:-} LC_ALL=C.UTF-8
# Given to each test by name, since sudo empties the environment.
settings=(
	"ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:detect_stack_use_after_return=1}"
	"UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}"
	"TMPDIR=${TMPDIR:-/tmp}" "QUICK=$QUICK" "LC_ALL=$LC_ALL"
)
# What makes namespaces needs root. Who may use sudo without being asked now gets it; others see it skipped.
as_root=()
[ "$(id -u)" -eq 0 ] || ! sudo -n true 2>/dev/null || as_root=(sudo -n)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
counts=$work/counts # a line of each program: passed failed skipped
touch "$counts"

finish()
{
	awk '{ passed += $1; failed += $2; skipped += $3 }
		END {
			if (!(passed + failed + skipped)) { print "FAIL  no test ran"; failed = 1 }
			printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
			exit failed != 0
		}' "$counts"
	exit
}

tests_known() # BUILD-DIRECTORY
{
	[ "$(meson introspect --tests "$1" | jq length)" -gt 0 ]
}

# A directory that `make run` set up before cmocka was installed knows of no test until it looks again.
build() # DIRECTORY ARGUMENT... of build.sh
{
	if scripts/build.sh "$@"; then
		tests_known "$1" || { meson setup --reconfigure "$1" >/dev/null && scripts/build.sh "$@"; }
		tests_known "$1" && return
		echo "no test is known in $1: is cmocka installed?"
	fi
	echo "FAIL build: $1"
	echo 0 1 0 >>"$counts"
	finish
}

# Prints "passed failed skipped" of a TAP stream. A program that ends early, without a plan or with an
# error that no line tells of has failed, whatever its lines say.
count_tap() # FILE EXIT-STATUS
{
	awk -v status="$2" '
		/^(not )?ok( |$)/ {
			seen++
			if (tolower($0) ~ /# *skip/) skipped++ # cmocka writes "not ok 2 # SKIP name"
			else if ($1 == "ok") passed++
			else failed++
		}
		/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; planned = 1; if (plan == 0 && tolower($0) ~ /# *skip/) { skipped++; none = 1 } }
		/^Bail out!/ { failed++ }
		END {
			if (!planned || seen < plan || (plan == 0 && !none) || seen > plan) failed += (plan > seen ? plan - seen : 1)
			if (status != 0 && !failed) failed++
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}

# What a reader needs of a failed program: each "not ok" with the lines after it, and what was said
# outside of any result (sanitizer reports, crashes).
show_failures()
{
	awk '
		/^ok( |$)/ { show = 0; next }
		/^1\.\.[0-9]+/ { next }
		/^not ok( |$)/ { show = tolower($0) !~ /# *skip/ }
		show || !/^#/ { print "    " $0 }' "$1" | head -n 120
	grep '^# input' "$1" | tail -n 1
}

# Its report is one write, so that those of programs side by side do not mix.
run_program() # SUITE NAME TIMEOUT COMMAND...
{
	local suite=$1 name=$2 limit=$3 status=0 started=$SECONDS p f s note='' privilege=() output=$work/$1.$2
	shift 3
	[[ $suite =~ ^(lab|engine)$ ]] && privilege=("${as_root[@]}")
	"${privilege[@]}" timeout --kill-after=10 "$limit" "$@" >"$output" 2>&1 </dev/null || status=$?
	read -r p f s < <(count_tap "$output" "$status")
	echo "$p $f $s" >>"$counts"
	[ "$s" -eq 0 ] || note=", $s skipped"
	[ "$((SECONDS - started))" -lt 5 ] || note="$note, $((SECONDS - started)) s"
	{
		if [ "$f" -eq 0 ]; then
			echo "ok    $suite/$name: $p passed$note"
		else
			[ "$status" -ne 124 ] || note="$note, stopped after $limit s"
			echo "FAIL  $suite/$name: $p passed, $f failed$note, exit status $status"
			show_failures "$output"
		fi
		[ "$s" -eq 0 ] || sed -nE 's/^((not )?ok|1\.\.0).*# *(SKIP|skip) */      skipped: /p' "$output" | sort | uniq -c | sed 's/^ *1 //'
	} >"$output.report"
	cat "$output.report"
}

run_suites() # BUILD-DIRECTORY REGEX
{
	local suite name limit parallel quoted command running=0 most tests line
	most=$(nproc)
	mapfile -t tests < <(meson introspect --tests "$1" | jq -r 'sort_by(.is_parallel | not) | .[] |
		[(.suite[0] | sub(".*:"; "")), .name, .timeout, .is_parallel, ([.env | to_entries[] | "\(.key)=\(.value)"] + .cmd | @sh)] | join("\t")')
	for line in "${tests[@]}"; do
		IFS=$'\t' read -r suite name limit parallel quoted <<<"$line"
		[[ $suite =~ ^($2)$ ]] || continue
		[[ $suite/$name =~ ${ONLY:-} ]] || continue
		[[ ! $suite =~ ^(slow|guest)$ ]] || [ -z "$QUICK" ] || continue
		eval "command=($quoted)"
		if [ "$parallel" = true ]; then
			[ "$running" -lt "$most" ] || { wait -n; running=$((running - 1)); }
			run_program "$suite" "$name" "$limit" env "${settings[@]}" "${command[@]}" &
			running=$((running + 1))
		else
			wait
			running=0
			run_program "$suite" "$name" "$limit" env "${settings[@]}" "${command[@]}"
		fi
	done
	wait
}

# The guests' kernels come from the network while the processors build. What fails here fails there, too, and says why.
kernels_fetch()
{
	local kernel
	while read -r kernel; do
		lab/guest/kernel.sh build/guest "$kernel"
	done < <(awk '!/^#/ { print $1 }' lab/guest/kernels.list)
} >/dev/null 2>&1

build build for-tests --
[ -n "$QUICK" ] || [[ ! guest/ =~ ${ONLY:-} ]] || { kernels_fetch & disown; }
build build-asan -- --native-file scripts/developer.ini -Dtests=enabled
run_suites build-asan 'unit|fuzz|check|cli|engine|golden|slow'
run_suites build guest
run_suites build lab
finish
