#!/bin/bash
# Windows that end early or wait: --until-proven and --wait, with a fault that is there for 300 ms, for seconds, or not at
# all. Prints TAP. Needs root; what it makes is called wd-wait-PID-….
set -u
netns=wd-wait-$$
# shellcheck source=tests/reader_host.sh
. tests/reader_host.sh
kill -STOP "$reader"

diagnose() # FILE ARGUMENT…
{
	local file=$1
	shift
	"$wheredrop" diagnose --json --netns "$netns" "$@" >"$work/$file" 2>"$work/$file.error"
	echo $? >"$work/$file.status"
}

holds() # FILE JQ-FILTER DESCRIPTION
{
	jq -e "$2" "$work/$1" >/dev/null 2>&1
	result $? "$3" "$work/$1.error" "$work/$1.brief"
}

brief() # FILE: what a failure shows
{
	jq -c '.window, .verdict, .findings[0].spread' "$work/$1" >"$work/$1.brief" 2>&1
}

flood 100

# Nothing is lost while it waits.
diagnose quiet --wait 2s --duration 500ms
brief quiet
holds quiet '.verdict.loss != "yes" and .window.ended == "time"' "waiting in vain ends when its time is over"
holds quiet '.window.waited_seconds >= 2 and .window.waited_seconds < 4' "it waited for two seconds"
holds quiet '.window.seconds < 2' "its answer covers the last windows only"
grep -qx '[03]' "$work/quiet.status"
result $? "waiting in vain is no finding" "$work/quiet.status"

# A loss of 300 ms, late in a long wait.
diagnose rare --wait 60s --duration 2s &
waiter=$!
sleep 5
flood 300
wait "$waiter"
brief rare
holds rare '.window.ended == "loss"' "the wait ends with the loss"
holds rare '.window.waited_seconds > 5 and .window.waited_seconds < 15' "soon after it"
holds rare '.verdict.cause == "udp-receive-buffer-full" and .verdict.packets == 300' "every datagram is counted"
holds rare '.verdict.because == ["process-stopped"]' "and the reason is known"
holds rare '.findings[0].spread.first_seconds >= 1.5' "the seconds before it were kept"
holds rare '.findings[0].spread | .bursts == 1 and .longest_seconds < 0.8' "it was one short burst"
holds rare '.window.seconds < 7' "what was long before is gone"
grep -qx 1 "$work/rare.status"
result $? "exit status 1" "$work/rare.status"

# A loss that is there from the start: no need to watch for all of thirty seconds.
flood 8000 &
sender=$!
diagnose certain --until-proven --duration 30s
wait "$sender"
brief certain
holds certain '.window.ended == "certain" and .window.seconds < 5' "a proven answer ends the window"
holds certain '.verdict.confidence == "proven" and .verdict.because == ["process-stopped"]' "it is the whole answer"

# Nothing to prove: the whole window.
diagnose clean --until-proven --duration 1s
brief clean
holds clean '.window.ended == "time" and .window.seconds >= 0.9 and .verdict.loss != "yes"' \
	"without a loss it watches to the end"
echo "1..$number"
