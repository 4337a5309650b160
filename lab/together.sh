# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A run: one scene, or several at the same time, under one diagnosis. All are set up, one after the other; then the diagnosis
# watches; then all faults happen at once; then each scene is held against the same answer.
#
# What they tell each other is in RUN, the directory of the run: INDEX.ready and INDEX.over of each scene, go and answered of
# the run, and the answer. Who waits sleeps at a bell of its own (a pipe, descriptor 7), which is rung after each of them.

# Some of that is used in the files beside this one.
# shellcheck disable=SC2034

diagnose_start() {
	local netns
	read -ra netns < <(tr '\n' ' ' <"$RUN/netns")
	if [[ -e $RUN/report ]]; then
		"$WHEREDROP" diagnose "${DIAGNOSE[@]}" "${netns[@]}" \
			>"$RUN/answer.txt" 2>&1 </dev/null 9>&- &
		LAB_PID['report']=$!
	fi
	# In a session of its own, so that other load on the machine weighs less (see priority_raise() in traffic.c).
	setsid "$WHEREDROP" diagnose --json ${LAB_BUNDLES:+--record "$RUN/answer.wdb"} "${DIAGNOSE[@]}" "${netns[@]}" \
		>"$LAB_ANSWER" 2>"$RUN/answer.err" </dev/null 9>&- &
	LAB_PID['diagnose']=$!
	sleep 0.02
	{ echo -20 >"/proc/${LAB_PID[diagnose]}/autogroup"; } 2>/dev/null
	diagnose_ready
}

# Returns when everything was read once: the program sleeps until its next tick, twice in a row, and none of its helpers
# is left. Starts no process: on a slow machine the window would be over before they are.
diagnose_ready() {
	local tries asleep=0
	sleep 0.1
	for ((tries = 0; tries < 40 && asleep < 2; tries++)); do
		diagnose_sleeps
		case $? in
		0) asleep=$((asleep + 1)) ;;
		1) asleep=0 ;;
		*) return 0 ;;
		esac
		sleep 0.02
	done
}

# diagnose_sleeps: 0 when it does, 1 when it or a helper is at work, 2 when it is gone.
diagnose_sleeps() {
	local stat child children='' name process=/proc/${LAB_PID[diagnose]}
	{ read -r stat <"$process/stat"; } 2>/dev/null || return 2
	[[ ${stat##*) } == S* ]] || return 1
	{ read -r children <"$process/task/${LAB_PID[diagnose]}/children"; } 2>/dev/null
	for child in $children; do
		{ read -r name <"/proc/$child/comm"; } 2>/dev/null && [[ $name == wheredrop ]] && return 1
	done
	return 0
}

# diagnose_end NAME: waits for it, much longer than it was told to watch; returns its status.
diagnose_end() {
	timeout $((WINDOW + 20)) tail --pid="${LAB_PID[$1]}" -s 0.02 -f /dev/null || kill -KILL "${LAB_PID[$1]}"
	wait "${LAB_PID[$1]}"
}

diagnose_wait() {
	if [[ -n ${LAB_PID[report]:-} ]]; then
		diagnose_end report
		unset 'LAB_PID[report]'
	fi
	diagnose_end diagnose
	ANSWER_STATUS=$?
	unset 'LAB_PID[diagnose]'
}

# bundle_differs: says so when the recording of the run gives another answer than the run did.
bundle_differs() {
	"$WHEREDROP" diagnose --json --from "$RUN/answer.wdb" >"$RUN/again.json" 2>&1
	[[ $(jq -S . "$LAB_ANSWER") == "$(jq -S . "$RUN/again.json")" ]] || echo "its bundle gives another answer"
}

# --- the scenes of a run --------------------------------------------------------------------------------------

# part_start INDEX NAME MODE BESIDE: until the scene is set up.
part_start() {
	mkfifo "$RUN/$1.bell"
	scene_part "$@" &
	PARTS[$1]=$!
	part_await "$1" ready
}

# part_await INDEX PHASE: until the scene is so far; fails when it ended before.
part_await() {
	until [[ -e $RUN/$1.$2 ]]; do
		kill -0 "${PARTS[$1]}" 2>/dev/null || return 1
		read -r -t 0.2 -u 7
	done
	# Not that of the bell, which may have been silent.
	return 0
}

# phase_begin NAME: tells every scene.
phase_begin() {
	local index
	: >"$RUN/$1"
	for index in "${!PARTS[@]}"; do
		echo >"$RUN/$index.bell"
	done
}

# A fault that was not over when the window closed tells nothing about the answer: the scene is run again.
OUTLASTED=75

# run_lasts MODE: how the diagnosis is told to watch: as long as the most patient of the scenes wants, and longer when the run
# is made again.
run_lasts() {
	local lasts
	for lasts in $(cat "$RUN/lasts"); do
		((lasts <= WINDOW)) || WINDOW=$lasts
	done
	WINDOW=$((WINDOW << ATTEMPT))
	DIAGNOSE=(--duration "${WINDOW}s")
	[[ $1 == window ]] || DIAGNOSE=(--until-proven --duration "$((WINDOW + 8))s")
}

# window_closed: when the answer's window did, in microseconds since 1970.
window_closed() {
	jq '.window | (.start[:19] + "Z" | fromdateiso8601) * 1e6 + (.start[20:23] | tonumber) * 1e3 + .seconds * 1e6 | floor' \
		"$LAB_ANSWER" 2>/dev/null
}

# run_watched MODE: from the beginning of the diagnosis to its answer.
run_watched() {
	local index over closed
	run_lasts "$1"
	[[ -z ${LAB_WATCHER:-} ]] || "$LAB_WATCHER" begin "$RUN" "$FAMILY" "${names[@]}" || return
	[[ -z ${LAB_TICKETS:-} ]] || ticket_begin
	diagnose_start
	echo "${EPOCHREALTIME/[.,]/}" >"$RUN/onset"
	phase_begin go
	for index in "${!PARTS[@]}"; do
		part_await "$index" over || return
	done
	over=${EPOCHREALTIME/[.,]/}
	diagnose_wait
	[[ -z ${LAB_WATCHER:-} ]] || "$LAB_WATCHER" end "$RUN" "$FAMILY" "${names[@]}" || return
	# The program is there for a while after its last reading.
	closed=$(window_closed)
	if [[ $1 == window ]] && ((over > ${closed:-over})); then
		return "$OUTLASTED"
	fi
	echo "$ANSWER_STATUS" >"$RUN/status"
	{
		answer_shape_wrong
		[[ -z ${LAB_BUNDLES:-} ]] || bundle_differs
		[[ -z ${LAB_TICKETS:-} ]] || ticket_end
	} >"$RUN/shape"
	# An answer that is none is judged as one that says nothing.
	[[ ! -s $RUN/shape ]] || jq -es '.[0].findings' "$LAB_ANSWER" >/dev/null 2>&1 || echo '{"findings": []}' >"$LAB_ANSWER"
	phase_begin answered
}

# Nothing outlives a run: the scenes take back what they did, and their statuses are in the results.
run_end() {
	local index
	trap '' INT TERM HUP
	[[ -e $RUN/answered ]] || kill -TERM "${PARTS[@]}" 2>/dev/null
	for index in "${!PARTS[@]}"; do
		wait "${PARTS[index]}"
		echo $? >"$RESULTS/$index.status"
	done
	lab_end
}

# in_setup_order NAME...: the indexes. What is innocent may take long to set up, and a fault may not last.
in_setup_order() {
	local kind index
	for kind in innocent faults; do
		for ((index = 1; index <= $#; index++)); do
			[[ $(scene_file "${!index}") != */$kind/* ]] || echo $((index - 1))
		done
	done
}

# answer_keep NAME: for whoever wants to look at it.
answer_keep() {
	cp "$LAB_ANSWER" "$LAB_KEEP/$1.json"
	[[ ! -e $RUN/answer.wdb ]] || cp "$RUN/answer.wdb" "$LAB_KEEP/$1.wdb"
	[[ ! -e $RUN/report ]] || cp "$RUN/answer.txt" "$LAB_KEEP/$1.txt"
	[[ ! -e $RUN/ticket.json ]] || cp "$RUN/ticket.json" "$LAB_KEEP/$1.ticket.json"
	[[ ! -e $RUN/ticket.txt ]] || cp "$RUN/ticket.txt" "$LAB_KEEP/$1.ticket.txt"
}

# together MODE FAMILY NAME...: in a shell of its own, so that its end takes everything back.
together() (
	local mode=$1 names index
	FAMILY=$2
	shift 2
	names=("$@")
	PARTS=()
	lab_lock || fail "cannot lock ${TMPDIR:-/tmp}/wheredrop-lab.lock"
	# Under the lock: a setting that a killed run left must not be taken for the machine's own.
	lab_sweep
	echo "${EPOCHREALTIME/[.,]/}" >"$RESULTS/start"
	lab_begin
	RUN=$LAB_STATE RUN_OWNER=$LAB_OWNER LAB_ANSWER=$RUN/answer.json LAB_EXPECTED=$RUN/expected
	mkfifo "$RUN/bell"
	exec 7<>"$RUN/bell"
	: >"$LAB_EXPECTED"
	trap run_end EXIT
	for index in $(in_setup_order "${names[@]}"); do
		part_start "$index" "${names[index]}" "$mode" "$(beside "$index" "${names[@]}")" || exit 1
	done
	run_watched "$mode" || exit
	[[ -z ${LAB_KEEP:-} ]] || answer_keep "$(IFS=+; echo "${names[*]}")-$FAMILY"
)

# beside INDEX NAME...: the others, joined.
beside() {
	local index=$1 others=()
	shift
	others=("$@")
	unset "others[$index]"
	(IFS=+; echo "${others[*]}")
}
