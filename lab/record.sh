# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The record of a judged answer: one line of JSON, for whoever counts how often the answers are right.
#
# A record has the scene, what ran beside it, the truth, the answer, which parts of it are right, how long it took, and, as
# "wrong", the first expectation that was not met. A scene that was skipped, or broke, has the reason instead: there was no
# answer to judge.

MACHINE=${LAB_MACHINE:-host}

# record_frame NAME FAMILY BESIDE KIND [FIELD TEXT]: what every record begins with.
record_frame() {
	# shellcheck disable=SC2016
	jq -cn --arg kernel "$(uname -r)" --arg machine "$MACHINE" --arg scene "$1" --arg family "$2" --arg beside "$3" \
		--arg kind "$4" --arg field "${5:-}" --arg text "${6:-}" '
		{scene: $scene, beside: $beside, kind: $kind, family: ($family | tonumber), kernel: $kernel, machine: $machine} +
		if $field == "" then {} else {($field): $text} end'
}

# record_judged BESIDE MODE TRUE MISCOUNTED ONSET_US WRONG: of the scene that is loaded. TRUE is empty when the loss is not
# known; MISCOUNTED says what is wrong with the number.
record_judged() {
	local beside=$1 mode=$2 true=$3 miscounted=$4 onset=$5 wrong=$6 kind=innocent written
	[[ $FAULT == no ]] || kind=fault
	written=$(date -r "$LAB_ANSWER" +%s%6N)
	# shellcheck disable=SC2016
	jq -c --argjson frame "$(record_frame "$SCENE" "$FAMILY" "$beside" "$kind")" --arg mode "$mode" \
		--arg where "$WHERE" --arg cause "$CAUSE" --arg because "$BECAUSE" --arg lost "$true" --arg least "$AT_LEAST" \
		--arg miscounted "$miscounted" --arg wrong "$wrong" --rawfile extra "$LAB_STATE/extra" \
		--argjson status "$ANSWER_STATUS" --argjson us $((written - onset)) --slurpfile found "$LAB_STATE/finding.json" '
		def known: if . == "" then null else . end;
		def number: known | if . == null then null else tonumber end;
		($found[0] // {}) as $found | ($extra | split("\n") | map(select(. != ""))) as $extra |
		[$found.because[]?.cause] as $said | ($because | split(" ") | map(select(. != ""))) as $because |
		def right(as_told): if $where == "" then $extra == [] else as_told end;
		$frame + {
			mode: $mode,
			events: (if .ledger.events == null then null else .ledger.events.way // "yes" end),
			truth: {where: ($where | known), cause: ($cause | known), $because, lost: ($lost | number),
				at_least: ($least | number)},
			answer: {$status, where: $found.where, cause: $found.cause, because: $said, lost: $found.packets,
				confidence: $found.confidence, $extra},
			right: {where: right($found.where == $where),
				cause: right($found.where == $where and $found.cause == $cause),
				because: right($found.cause == $cause and $because - $said == []),
				count: (if $mode != "window" or $lost == "" or $where == "" then null
					else $miscounted == "" and $found.packets != null end)},
			seconds: ($us / 10000 | round / 100),
			window: .window.seconds,
			ended: .window.ended,
			$wrong
		}' "$LAB_ANSWER"
}
