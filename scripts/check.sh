#!/bin/bash
# Runs every check of scripts/check, or those named. Each is a script of its own, silent when it has
# nothing to say. One line per check; the output of those that fail; exit status 1 if any did.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

# The slow ones first; two of them use every CPU by themselves.
checks=("$@")
[ "${#checks[@]}" -gt 0 ] || checks=(tidy analyzer cppcheck complexity format shellcheck spelling layout banned length)

scripts/build.sh build-asan wheredrop -- --native-file scripts/developer.ini -Dtests=enabled || exit 1

one_check()
{
	local started=$SECONDS output
	if output=$("scripts/check/$1.sh" 2>&1); then
		printf 'ok    %s (%d s)\n' "$1" "$((SECONDS - started))"
	else
		printf 'FAIL  %s (%d s)\n%s\n' "$1" "$((SECONDS - started))" "$output"
		return 1
	fi
}
export -f one_check

printf '%s\n' "${checks[@]}" | xargs -P 2 -I '{}' bash -c 'one_check {}' && exit
echo "make check: failed" >&2
exit 1
