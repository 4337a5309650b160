#!/bin/bash
# What the lab's judge finds wrong with an answer: each expectation that is not met is told, and nothing when all are.
# Prints TAP.
# shellcheck disable=SC2034,SC2317
set -u
LAB_DIR=$(cd "$(dirname "$0")/../../lab" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
LAB_PREFIX=wd-lab LAB_OWNER=7 RUN=$work LAB_ANSWER=$work/answer.json LAB_EXPECTED=$work/expected LAB_RESULT=$work/0 MACHINE=host
# shellcheck source=lab/judge.sh
. "$LAB_DIR/judge.sh"

ns()
{
	echo "$LAB_PREFIX-$LAB_OWNER-$1"
}

fail()
{
	echo "Bail out! $*"
	exit 1
}

# A shaper of scene 7 that lost 1000, a rule of scene 8 that dropped 50, and a quiet innocent.
cat >"$LAB_ANSWER" <<'ANSWER'
{"verdict": {"loss": "yes", "where": "qdisc", "cause": "shaper-limit"}, "window": {"seconds": 2.0, "ended": "time"},
 "findings": [
  {"where": "qdisc", "cause": "shaper-limit", "packets": 1000, "confidence": "proven", "pattern": "steady", "at_least": false,
   "because": [{"cause": "syn-flood"}], "object": {"netns": "wd-lab-7-a", "netns_inode": 5, "ifname": "a0"}},
  {"where": "filter", "cause": "firewall-rule-drop", "packets": 50, "confidence": "likely", "because": [],
   "object": {"netns": "wd-lab-8-b", "netns_inode": 6}}],
 "innocent": [{"where": "nic", "cause": "unknown-protocol-frames", "because": [], "object": {"netns": "wd-lab-7-b", "netns_inode": 9}}],
 "ledger": {"events": {"unmatched_kinds": [], "untold": 0, "nameless": 0}}}
ANSWER
echo "1000 packets were lost in qdisc." >"$work/answer.txt"

# The scene that the answer is right about.
scene()
{
	SCENE=shaper FAMILY=4 FAULT=yes WHERE=qdisc CAUSE=shaper-limit BECAUSE=syn-flood ALSO='' HOST=a PATTERN=steady AT_LEAST=''
	PROVEN='' UNTOLD='' SHOWS='were lost' HIDES='nowhere' EXPECT_INNOCENT='' LOOKS_LIKE=policer-drop OBJECT='.ifname == "a0"' SPREAD=''
	lost=1000 also='' beside=other mode=window
	echo 1 >"$work/status"
	: >"$work/shape"
	date +%s%6N >"$work/onset"
	printf '7 qdisc/shaper-limit first\n8 filter/firewall-rule-drop first\n' >"$LAB_EXPECTED"
}

# judged WRONG WHAT: the scene as it was changed is found wrong so, or right when WRONG is empty.
judged()
{
	local wrong
	judge "$mode" "$beside" "$lost" "$also"
	IFS=$'\t' read -r _ _ _ _ wrong <"$LAB_RESULT.line"
	number=$((number + 1))
	if [[ $wrong == "$1" && $(jq -r .wrong "$LAB_RESULT.record") == "$1" ]]; then
		echo "ok $number - $2"
	else
		printf 'not ok %d - %s\n# "%s" instead of "%s"\n' "$number" "$2" "$wrong" "$1"
	fi
	scene
}

answer_changed() # FILTER
{
	jq "$1" "$work/answer.json" >"$work/changed.json"
	LAB_ANSWER=$work/changed.json
}

answer_back()
{
	LAB_ANSWER=$work/answer.json
}

recorded() # FILTER WHAT
{
	judge "$mode" "$beside" "$lost" "$also"
	number=$((number + 1))
	if [[ $(jq "$1" "$LAB_RESULT.record") == true ]]; then
		echo "ok $number - $2"
	else
		printf 'not ok %d - %s\n# %s\n' "$number" "$2" "$(cat "$LAB_RESULT.record")"
	fi
	scene
}

# shape TEXT WHAT: what is said of the answer's form begins so.
shape()
{
	local told
	ANSWER_STATUS=137
	told=$(answer_shape_wrong 2>&1)
	number=$((number + 1))
	if [[ $told == "$1"* && (-n $1 || -z $told) ]]; then
		echo "ok $number - $2"
	else
		printf 'not ok %d - %s\n# %s\n' "$number" "$2" "$told"
	fi
}

scene
shape '' 'an answer in JSON'
LAB_ANSWER=$work/none.json
echo 'a word of complaint' >"$work/none.err"
: >"$LAB_ANSWER"
shape 'no answer (status 137): a word of complaint' 'an empty answer is none'
echo '{"findings": [' >"$LAB_ANSWER"
shape 'no JSON (status 137): a word of complaint' 'an answer that was cut short'
LAB_ANSWER=$work/answer.json
judged '' 'an answer that meets every expectation'
lost=1015; judged '' 'a count within 2 %'
lost=1025; judged count 'a count that is 2.5 % off'
lost=''; judged '' 'a loss that nobody can know'
BECAUSE='syn-flood irq-imbalance'; judged 'because lacks irq-imbalance' 'a reason that is not given'
CAUSE=qdisc-queue-full; judged 'no finding qdisc/qdisc-queue-full' 'another cause'
HOST=b; judged namespace 'another namespace'
OBJECT='.ifname == "b0"'; judged object 'another object'
OBJECT='.ifname | tonumber == 1'; judged object 'an object of another shape'
PATTERN=bursty; judged 'not bursty' 'another course'
LOOKS_LIKE=syn-flood; judged 'taken for syn-flood' 'a look-alike that is named'
beside='' SHOWS='gremlins'; judged 'report without gremlins' 'a report without what it must show'
beside='' HIDES='were lost'; judged 'report with were lost' 'a report with what it must not show'
echo 0 >"$work/status"; judged 'status 0' 'another exit status'
echo 'no JSON' >"$work/shape"; judged 'no JSON' 'an answer of another shape'
ALSO=filter/firewall-rule-drop; also=50; judged 'no finding filter/firewall-rule-drop' "another scene's finding is not this one's"
echo '7 qdisc/shaper-limit first' >"$LAB_EXPECTED"; judged 'finding filter/firewall-rule-drop besides' 'a finding that no scene accounts for'
beside=''; echo '7 filter/firewall-rule-drop first' >"$LAB_EXPECTED"
CAUSE=firewall-rule-drop WHERE=filter; judged 'verdict qdisc/shaper-limit' 'a verdict about something else'
AT_LEAST=50; lost=3000; answer_changed '.ledger.events = null'; judged 'not at least' 'a part that is not told as one'
answer_changed '.ledger.events = null | .findings[0].at_least = true'
AT_LEAST=50; lost=1900; judged '' 'at least so many percent'
AT_LEAST=50; lost=3000; judged count 'less than so many percent'
answer_changed '.findings[0].confidence = "likely"'; judged 'likely, not proven' 'an answer that is not proven'
PROVEN=no; judged '' 'an answer that nothing proves'
answer_changed '.ledger.events.unmatched_kinds = [{"least": 3, "most": 4, "netns": "wd-lab-7-b", "netns_inode": 9, "reason": "X", "place": "y"}]'
judged '3 to 4 drop events unmatched: X at y' 'drop events that are left over'
answer_changed '.ledger.events.unmatched_kinds = [{"least": 3, "most": 4, "netns": "wd-lab-8-b", "netns_inode": 6, "reason": "X", "place": "y"}]'
judged '' "another scene's drop events"
answer_changed '.ledger.events.untold = 2'; judged '2 counted without an event' 'a count without events'
answer_back
FAULT=no EXPECT_INNOCENT=unknown-protocol-frames; judged '' 'an innocent scene beside a fault'
FAULT=no EXPECT_INNOCENT=aqm-signal; judged 'aqm-signal not listed as innocent' 'an innocent that is not listed'
FAULT=no; : >"$LAB_EXPECTED"; judged 'status 1' 'a false alarm'
FAULT=no; : >"$LAB_EXPECTED"; recorded '.right.where == false and (.answer.extra | length) == 2' 'the record of a false alarm'
lost=1025; recorded '.right == {where: true, cause: true, because: true, count: false}' 'the record of a wrong count'
beside='' WHERE=filter; recorded '.right == {where: false, cause: false, because: true, count: true}' 'the record of a wrong place'
mode=until-proven lost=''; recorded '.right.count == null' 'an answer that came early has no count'
echo "1..$number"
