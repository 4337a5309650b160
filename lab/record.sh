# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The record of a judged answer: one line of JSON, for whoever counts how often the answers are right. judge.jq writes it.
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
