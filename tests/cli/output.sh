#!/bin/bash
# Standard output that is closed, full or gone, interrupts in the window, colours, an ordinary user: one line, the
# right exit status, nothing left behind. Prints TAP.
set -u
: "${WHEREDROP:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh
work=$(mktemp -d)
said=("$work/error" "$work/output")
trap 'rm -rf "$work"' EXIT
# Counters of the host belong to whoever measures.
# shellcheck source=lab/lock.sh
. lab/lock.sh
lab_lock

one_line_about_output()
{
	[ "$(wc -l <"$work/error")" -eq 1 ] && grep -q '^wheredrop: cannot write the answer to standard output: ' "$work/error"
}

watch() # ARGUMENT...: a short window
{
	"$WHEREDROP" --duration 300ms "$@" 9>&-
}

for format in '' --json --markdown; do
	watch ${format:+"$format"} >/dev/full 2>"$work/error"
	[ $? -eq 2 ] && one_line_about_output
	result $? "a full disk is noticed ($format)"
done
"$WHEREDROP" version >/dev/full 2>"$work/error"
[ $? -eq 2 ] && one_line_about_output
result $? 'a full disk is noticed by version'
watch >&- 2>"$work/error"
[ $? -eq 2 ] && one_line_about_output
result $? 'a closed standard output is noticed'
watch >&- 2>&- <&-
[ $? -eq 2 ]
result $? 'with every descriptor closed it ends with status 2'
(trap '' PIPE; watch --json 2>"$work/error"; echo $? >"$work/status") | true
[ "$(cat "$work/status")" -eq 2 ] && one_line_about_output
result $? 'a closed pipe is noticed'
watch >/dev/null 2>"$work/error"
status=$?
[ ! -s "$work/error" ] && [ "$status" -ne 2 ]
result $? 'standard error stays empty in a pipe'

watch --json >"$work/output" 2>"$work/error"
status=$?
python3 - "$work/output" "$status" <<-'CHECK'
	import json, sys
	answer = json.load(open(sys.argv[1]))
	lowered = any(miss["lowers_the_answer"] for miss in answer["not_observed"])
	expected = {"yes": 1, "unknown": 3, "no": 3 if lowered else 0}[answer["verdict"]["loss"]]
	sys.exit(int(sys.argv[2]) != expected)
CHECK
result $? 'the exit status says what the answer says'

escape=$(printf '\033')
watch >"$work/output"
[ -s "$work/output" ] && ! grep -q "$escape" "$work/output"
result $? 'no colour in a file'
watch --color always >"$work/output"
grep -q "$escape" "$work/output"
result $? '--color always colours a file'
NO_COLOR=1 script -qec "$WHEREDROP --duration 300ms --no-progress" /dev/null >"$work/output" 2>&1 9>&-
grep -q "The packet's way" "$work/output" && ! grep -q "$escape" "$work/output"
result $? 'NO_COLOR is heeded on a terminal'
TERM=xterm NO_COLOR='' script -qec "$WHEREDROP --duration 300ms" /dev/null >"$work/output" 2>&1 9>&-
grep -q "$escape" "$work/output" && grep -q 'watching' "$work/output"
result $? 'a terminal gets colour and a progress line'
LC_ALL=C watch >"$work/output"
[ -s "$work/output" ] && ! LC_ALL=C grep -q '[^ -~]' "$work/output"
result $? 'plain ASCII where the locale is not UTF-8'
LC_ALL=C.UTF-8 watch >"$work/output"
[ -s "$work/output" ] &&
	python3 -c 'import sys; sys.exit(any(len(line.rstrip("\n")) > 80 and line[:14].strip() for line in open(sys.argv[1])))' "$work/output"
result $? 'at most 80 columns, but for commands'

was_interrupted() # True or False
{
	[ "$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["window"]["interrupted"])' "$work/output")" = "$1" ]
}

# Bash starts background jobs with SIGINT ignored, which the program would leave as it is.
open_signals=(env --default-signal=INT --default-signal=HUP)

for signal in INT TERM HUP; do
	"${open_signals[@]}" "$WHEREDROP" --duration 1m --json >"$work/output" 2>"$work/error" 9>&- &
	pid=$!
	sleep 1
	kill -s "$signal" "$pid"
	wait "$pid"
	status=$?
	[ "$status" -ne 2 ] && [ "$status" -lt 4 ] && was_interrupted True
	result $? "SIG$signal ends the window and the answer so far is printed"
done

# The terminal and the shell may both say that the session is over.
"${open_signals[@]}" "$WHEREDROP" --duration 1m --json >"$work/output" 2>"$work/error" 9>&- &
pid=$!
sleep 1
kill -s HUP "$pid"
sleep 0.1
kill -s HUP "$pid" 2>/dev/null
wait "$pid"
status=$?
[ "$status" -ne 2 ] && [ "$status" -lt 4 ] && was_interrupted True
result $? 'two hangups end the window like one'

(trap '' INT HUP; exec "$WHEREDROP" --duration 2s --json >"$work/output" 2>"$work/error" 9>&-) &
pid=$!
sleep 0.7
kill -s INT "$pid"
kill -s HUP "$pid"
wait "$pid"
status=$?
[ "$status" -ne 2 ] && [ "$status" -lt 4 ] && was_interrupted False
result $? 'signals that whoever started it ignores stay ignored'

"${open_signals[@]}" "$WHEREDROP" --duration 1m >"$work/output" 2>"$work/error" 9>&- &
pid=$!
sleep 0.7
children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
kill -s INT "$pid"
kill -s INT "$pid" 2>/dev/null
wait "$pid"
left=
for child in $children; do
	[ ! -d "/proc/$child" ] || left="$left $child"
done
[ -z "$left" ]
result $? 'two interrupts leave no helper behind'

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	cp "$WHEREDROP" "$work/wheredrop" && chmod 755 "$work" "$work/wheredrop"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$work/wheredrop" --duration 300ms --json \
		>"$work/output" 2>"$work/error" 9>&-
	status=$?
	{ [ "$status" -eq 3 ] || [ "$status" -eq 1 ]; } && [ ! -s "$work/error" ] &&
		python3 -c 'import json,sys; sys.exit(not json.load(open(sys.argv[1]))["not_observed"])' "$work/output"
	result $? 'an ordinary user gets an answer that says what was not observed'
else
	number=$((number + 1))
	echo "ok $number - an ordinary user # SKIP needs root and setpriv"
fi

echo "1..$number"
