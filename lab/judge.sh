# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Holds an answer against the truth of the scene that is loaded, all at once (judge.jq): jq takes longer to start than to judge.

# Starts what holds the answers against the schema, where there is one and python3-jsonschema is installed.
VALIDATOR=''
validator_start() {
	[[ -f $SCHEMA ]] && python3 -c 'import jsonschema' 2>/dev/null || return 0
	mkfifo "$RESULTS/ask" "$RESULTS/told" || return 0
	python3 "$LAB_DIR/validate.py" "$SCHEMA" <"$RESULTS/ask" >"$RESULTS/told" &
	exec 5>"$RESULTS/ask" 6<"$RESULTS/told"
	VALIDATOR=yes
}

# jq takes nothing at all for well-formed.
answer_shape_wrong() {
	if [[ ! -s $LAB_ANSWER ]]; then
		echo "no answer (status $ANSWER_STATUS): $(head -n 1 "${LAB_ANSWER%.json}.err")"
	elif ! jq -e . "$LAB_ANSWER" >/dev/null 2>&1; then
		echo "no JSON (status $ANSWER_STATUS): $(head -n 1 "${LAB_ANSWER%.json}.err")"
	elif [[ -n $VALIDATOR ]]; then
		local fault
		echo "$LAB_ANSWER" >&5
		IFS= read -r fault <&6
		[[ -z $fault ]] || echo "$fault"
	fi
}

# judge MODE BESIDE TRUE ALSO_TRUE: writes the line for the table to LAB_RESULT.line, the record to LAB_RESULT.record, and an
# answer that is wrong to LAB_RESULT.answer.
# TRUE is empty when the loss is not known.
judge() {
	local report=/dev/null ticket=/dev/null scene line
	[[ ! -f $RUN/answer.txt ]] || report=$RUN/answer.txt
	[[ ! -f $RUN/ticket.json ]] || ticket=$RUN/ticket.json
	scene=(
		--arg scene "$SCENE" --arg family "$FAMILY" --arg fault "$FAULT" --arg where "$WHERE" --arg cause "$CAUSE"
		--arg because "$BECAUSE" --arg also "$ALSO" --arg host "${HOST:+$(ns "$HOST")}" --arg pattern "$PATTERN"
		--arg least "$AT_LEAST" --arg proven "$PROVEN" --arg untold "$UNTOLD" --arg shows "$SHOWS" --arg hides "$HIDES"
		--arg innocent "$EXPECT_INNOCENT" --arg looks_like "$LOOKS_LIKE"
	)
	jq -r "${scene[@]}" --arg mode "$1" --arg beside "$2" --arg lost "$3" --arg also_lost "$4" \
		--arg prefix "$LAB_PREFIX" --arg owner "$LAB_OWNER" --rawfile expected "$LAB_EXPECTED" \
		--arg status "$(<"$RUN/status")" --arg shape "$(<"$RUN/shape")" --rawfile report "$report" \
		--arg us "$(($(date -r "$LAB_ANSWER" +%s%6N) - $(<"$RUN/onset")))" \
		--arg kernel "$(uname -r)" --arg machine "$MACHINE" \
		--slurpfile ticket "$ticket" --arg told "$(ticket_expected "$SCENE")" \
		"def object_is: ${OBJECT:-true}; def spread_is: ${SPREAD:-true}; $(<"$LAB_DIR/judge.jq")" \
		"$LAB_ANSWER" >"$LAB_RESULT.judged" && [[ -s $LAB_RESULT.judged ]] || fail "judge.jq failed"
	{
		IFS= read -r line
		echo "$line" >"$LAB_RESULT.line"
		cat >"$LAB_RESULT.record"
	} <"$LAB_RESULT.judged"
	# The last field says what is wrong.
	[[ $line == *$'\t' ]] || cp "$LAB_ANSWER" "$LAB_RESULT.answer"
}
