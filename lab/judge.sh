# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Holds an answer against the truth of the scene that is loaded.
#
# judge_begin picks the finding that is this scene's and everything that no scene of the run accounts for; the others then
# print what is wrong, or nothing. What a run's scenes account for is in LAB_EXPECTED, a line for each: OWNER WHERE/CAUSE
# RANK, the owner being the lab whose namespaces the finding must be in, the rank "first" or "also".

# What jq knows besides: whose a finding is. One without a namespace, such as a CPU's, may be any scene's.
# shellcheck disable=SC2016
JUDGE='
	($expected | split("\n") | map(select(. != "") | split(" ") | {owner: .[0], name: .[1]})) as $all |
	def of($owner): .object.netns // "" | startswith("\($prefix)-\($owner)-");
	def nobodys: .object.netns_inode == null;
	def name: "\(.where)/\(.cause)";
	def is($expected): name == $expected.name and (of($expected.owner) or nobodys);
	def accounted: . as $it | any($all[]; . as $expected | $it | is($expected));
	def anothers: . as $it | any($all[]; .owner != $owner and (. as $expected | $it | is($expected)));
	def of_scene: of($owner) or (nobodys and (anothers | not));
	def of_lab: nobodys or (.object.netns // "" | startswith("\($prefix)-"));'

# judge FILTER [JQ OPTION]...: raw, of the whole answer, with the above.
judge() {
	local filter=$1
	shift
	jq -r --arg prefix "$LAB_PREFIX" --arg owner "$LAB_OWNER" --arg expected "$(cat "$LAB_EXPECTED")" "$@" \
		"$JUDGE $filter" "$LAB_ANSWER"
}

# judge_begin BESIDE: alone a scene's finding is the worst one. Beside others it is the one that is expected; failing that,
# one in the same place or at least in a namespace of the scene that nobody expects: a wrong answer rather than none.
judge_begin() {
	# shellcheck disable=SC2016
	judge 'if $mine == "/" then null elif $beside == "" then .findings[0] else
		[.findings[] | select(name == $mine and of($owner))] +
		[.findings[] | select(name == $mine and nobodys)] +
		[.findings[] | select(of($owner) and (accounted | not) and .where == $where)] +
		[.findings[] | select(of($owner) and (accounted | not))] | .[0] end' \
		--arg beside "$1" --arg mine "$WHERE/$CAUSE" --arg where "$WHERE" >"$LAB_STATE/finding.json"
	# shellcheck disable=SC2016
	judge '[.findings[] | select(of_lab and (accounted | not)) | select(. != $found[0]) | name] | .[]' \
		--slurpfile found "$LAB_STATE/finding.json" >"$LAB_STATE/extra"
}

# found FILTER: of the finding that is this scene's; nothing when there is none.
found() {
	jq -r "select(. != null) | $1" "$LAB_STATE/finding.json"
}

# answer FILTER: of the whole answer.
answer() {
	jq -r "$1" "$LAB_ANSWER" 2>/dev/null
}

# near TRUE SAID: within 2 %, and within one packet of a small number.
near() {
	local difference=$(($1 > $2 ? $1 - $2 : $2 - $1))
	((difference * 50 <= $1 || difference <= 1))
}

# Starts what holds the answers against the schema, where there is one and python3-jsonschema is installed.
VALIDATOR=''
validator_start() {
	[[ -f $SCHEMA ]] && python3 -c 'import jsonschema' 2>/dev/null || return 0
	mkfifo "$RESULTS/ask" "$RESULTS/told" || return 0
	python3 "$LAB_DIR/validate.py" "$SCHEMA" <"$RESULTS/ask" >"$RESULTS/told" &
	exec 5>"$RESULTS/ask" 6<"$RESULTS/told"
	VALIDATOR=yes
}

answer_shape_wrong() {
	if ! jq -e . "$LAB_ANSWER" >/dev/null 2>&1; then
		echo "no JSON (status $ANSWER_STATUS): $(head -n 1 "$RUN/answer.err")"
	elif [[ -n $VALIDATOR ]]; then
		local fault
		echo "$LAB_ANSWER" >&5
		IFS= read -r fault <&6
		[[ -z $fault ]] || echo "$fault"
	fi
}

# because_missing: the ids of BECAUSE that the finding does not give.
because_missing() {
	local id
	for id in $BECAUSE; do
		found '.because[].cause' | grep -qx "$id" || echo "$id"
	done
}

# also_finding PAIR FILTER: of the worst finding of that WHERE/CAUSE.
also_finding() {
	# shellcheck disable=SC2016
	judge '[.findings[] | select(name == $pair and of_scene)][0] | select(. != null) | '"$2" --arg pair "$1"
}

# also_missing: the WHERE/CAUSE pairs of ALSO that are not among the findings.
also_missing() {
	local pair
	for pair in $ALSO; do
		[[ -n $(also_finding "$pair" .cause) ]] || echo "$pair"
	done
}

# also_miscounted TRUE...: the pairs of ALSO whose finding's number is not the one given for it, in their order.
also_miscounted() {
	local pair said
	for pair in $ALSO; do
		(($# > 0)) || return
		said=$(also_finding "$pair" .packets)
		{ [[ $said =~ ^[0-9]+$ ]] && near "$1" "$said"; } || echo "$pair $said instead of $1"
		shift
	done
}

events_observed() {
	[[ $(answer '.ledger.events != null') == true ]]
}

# What the kernel told of each dropped packet, where that was observed: it proves the answer, and nothing of it is left over
# (what others on this machine lose meanwhile is theirs).
events_wrong() {
	local left
	events_observed || return
	if [[ $FAULT == yes && $PROVEN != no && $(found .confidence) != proven ]]; then
		echo "$(found .confidence), not proven"
		return
	fi
	# shellcheck disable=SC2016
	left=$(judge '.ledger.events | ([.unmatched_kinds[] |
		select(.least > 0 and ({object: .} | nobodys or of($owner)))]) as $rest |
		if $rest != [] then $rest[0] | "\(.least) to \(.most) drop events unmatched: \(.reason) at \(.place)"
		elif .untold > .nameless then "\(.untold) counted without an event" else empty end')
	[[ -z $left || -n $UNTOLD ]] || echo "$left"
}

# Part of the truth may have gone with a counter that was set back: no more than it, no less than the part that can be
# seen, and the answer says "at least". Drop events are not set back: with them it is all of it.
at_least_wrong() {
	local true=$1 said=$2
	if events_observed; then
		near "$true" "$said" || echo "count"
	elif [[ $(found .at_least) != true ]]; then
		echo "not at least"
	elif ((said > true || said * 100 < true * AT_LEAST)); then
		echo "count"
	fi
}

# count_wrong TRUE SAID
count_wrong() {
	local true=$1 said=$2
	if [[ -z $true ]]; then
		return
	elif [[ ! $said =~ ^[0-9]+$ ]]; then
		echo "no count"
	elif [[ -n $AT_LEAST ]]; then
		at_least_wrong "$true" "$said"
	elif ! near "$true" "$said"; then
		echo "count"
	fi
}

# report_wrong: what the report for people should say and does not, or the other way round. Its lines are joined.
report_wrong() {
	local pattern report
	[[ -e $RUN/report ]] || return
	report=$(tr -s ' \n' ' ' <"$RUN/answer.txt")
	while IFS= read -r pattern; do
		[[ -z $pattern ]] || grep -qE -- "$pattern" <<<"$report" || echo "report without $pattern"
	done <<<"$SHOWS"
	while IFS= read -r pattern; do
		[[ -z $pattern ]] || ! grep -qE -- "$pattern" <<<"$report" || echo "report with $pattern"
	done <<<"$HIDES"
}

# mistaken_for: the ids of LOOKS_LIKE that the answer names, as a finding, an innocent one or a reason.
mistaken_for() {
	local id named
	named=$(judge '(.findings[], .innocent[]) | select(of_scene) | .cause, .because[]?.cause')
	for id in $LOOKS_LIKE; do
		! grep -qx "$id" <<<"$named" || echo "taken for $id"
	done
}

# window_wrong TRUE SAID ALSO_TRUE...: what the whole window shows, and an answer that came early need not.
window_wrong() {
	local also
	count_wrong "$1" "$2"
	shift 2
	also=$(also_miscounted "$@")
	if [[ -n $also ]]; then
		echo "count of ${also//$'\n'/, }"
	elif [[ -n $SPREAD && $(found ".spread | $SPREAD") != true ]]; then
		echo "spread"
	elif [[ -n $PATTERN && $(found .pattern) != "$PATTERN" ]]; then
		echo "not $PATTERN"
	fi
}

# The verdict must be one of the faults of the run; alone there is one.
fault_wrong() {
	local missing also verdict
	missing=$(because_missing)
	also=$(also_missing)
	verdict=$(answer '"\(.verdict.where)/\(.verdict.cause)"')
	if ((ANSWER_STATUS != 1)); then
		echo "status $ANSWER_STATUS"
	elif ! grep -qF " $verdict first" "$LAB_EXPECTED"; then
		echo "verdict $verdict"
	elif [[ $(found '"\(.where)/\(.cause)"') != "$WHERE/$CAUSE" ]]; then
		echo "no finding $WHERE/$CAUSE"
	elif [[ -n $missing ]]; then
		echo "because lacks ${missing//$'\n'/ }"
	elif [[ -n $also ]]; then
		echo "no finding ${also//$'\n'/ }"
	elif [[ -n $HOST && $(found .object.netns) != "$(ns "$HOST")" ]]; then
		echo "namespace"
	elif [[ -n $OBJECT && $(found ".object | $OBJECT") != true ]]; then
		echo "object"
	fi
}

innocent_wrong() {
	local id named
	if ! grep -q ' first$' "$LAB_EXPECTED" && ((ANSWER_STATUS != 0 && ANSWER_STATUS != 3)); then
		echo "status $ANSWER_STATUS"
	fi
	named=$(judge '.innocent[] | select(of_scene) | .cause')
	for id in $EXPECT_INNOCENT; do
		grep -qx "$id" <<<"$named" || echo "$id not listed as innocent"
	done
}

# extra_wrong: a finding that no scene of the run accounts for.
extra_wrong() {
	[[ ! -s $LAB_STATE/extra ]] || echo "finding $(head -n 1 "$LAB_STATE/extra") besides"
}

# judge_scene MODE TRUE SAID ALSO_TRUE...: every expectation of the scene that the answer does not meet, a line each.
judge_scene() {
	local mode=$1 true=$2 said=$3
	shift 3
	mistaken_for
	if [[ $FAULT == no ]]; then
		innocent_wrong
		extra_wrong
	else
		fault_wrong
		extra_wrong
		[[ $mode != window ]] || window_wrong "$true" "$said" "$@"
	fi
	[[ $mode == window ]] || return 0
	events_wrong
	report_wrong
}
