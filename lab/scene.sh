# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A scene: where it is read from, and its part in a run: it is set up, its fault happens, its truth is held against the
# answer. Each runs in a shell of its own with namespaces of its own, whether alone or beside others (see together.sh).

# The actions of a scene are called by name, and what it says of itself is used in the files beside this one.
# shellcheck disable=SC2317,SC2034

scene_names() {
	find "$LAB_DIR/faults" "$LAB_DIR/innocent" -name '*.sh' | sed 's,.*/,,; s,\.sh$,,' | sort
}

scene_file() {
	local kind
	for kind in faults innocent; do
		if [[ -f $LAB_DIR/$kind/$1.sh ]]; then
			echo "$LAB_DIR/$kind/$1.sh"
			return
		fi
	done
	echo "lab: no scene called $1 (lab/run list shows them)" >&2
	return 1
}

# Declares everything a scene may leave out, then reads it.
scene_load() {
	SCENE=$1
	local file
	file=$(scene_file "$SCENE") || exit 2
	TITLE='' WHERE='' CAUSE='' BECAUSE='' ALSO='' FAMILIES='4 6' EXPECT_INNOCENT='' LOOKS_LIKE='' NETNS_ARG=''
	PATTERN='' HOST='' AT_LEAST='' PROVEN='' UNTOLD='' SHOWS='' HIDES='' OBJECT='' SPREAD=''
	LASTS='' HOSTWIDE='' NEEDS=''
	FAULT=$([[ $file == */faults/* ]] && echo yes || echo no)
	lost() { echo 0; }
	also_lost() { :; }
	# shellcheck disable=SC1090
	. "$file"
}

# scene_families NAME...: those that all of them have and that are asked for.
scene_families() (
	local name family families=$ONLY_FAMILIES both
	for name in "$@"; do
		scene_load "$name"
		both=''
		for family in $families; do
			[[ " $FAMILIES " != *" $family "* ]] || both+=" $family"
		done
		families=$both
	done
	echo "$families"
)

# --- its part in a run ----------------------------------------------------------------------------------------

# phase_end NAME: tells the run that the scene is so far. phase_await NAME: waits until the run is (see together.sh).
phase_end() {
	: >"$RUN/$PART.$1"
	echo >"$RUN/bell"
}

phase_await() {
	until [[ -e $RUN/$1 ]]; do
		[[ -d /proc/$RUN_OWNER ]] || exit 143
		read -r -t 1 -u 7
	done
}

# scene_expect: what the run must know of the scene: the findings it accounts for and what the diagnosis is to print.
scene_expect() {
	local pair
	[[ $FAULT == no ]] || echo "$LAB_OWNER $WHERE/$CAUSE first"
	for pair in $ALSO; do
		echo "$LAB_OWNER $pair also"
	done
} >>"$RUN/expected"

# scene_part INDEX NAME MODE BESIDE
scene_part() {
	PART=$1 LAB_RESULT=$RESULTS/$1
	local mode=$3 beside=$4
	exec 7<>"$RUN/$PART.bell"
	lab_begin
	scene_load "$2"
	setup || fail "setup failed"
	scene_expect
	# The report of several faults begins with the worst one.
	[[ -z $SHOWS$HIDES || -n $beside ]] || : >"$RUN/report"
	echo "$NETNS_ARG" >>"$RUN/netns"
	echo "$LASTS" >>"$RUN/lasts"
	phase_end ready
	phase_await go
	run_fault || fail "run_fault failed"
	phase_end over
	phase_await answered
	scene_judge "$mode" "$beside"
}

# scene_judge MODE BESIDE
scene_judge() {
	local true='' also=''
	if [[ $1 == window ]]; then
		true=$(lost) || fail "lost failed"
		also=$(also_lost) || fail "also_lost failed"
		if [[ $FAULT == yes && -n $true ]] && ((true == 0)); then
			fail "nothing was lost"
		elif [[ $FAULT == no ]] && ((${true:-0} > 0)); then
			fail "$true packets were lost that nothing should have taken"
		fi
	fi
	judge "$@" "$true" "${also//$'\n'/ }"
}
