#!/bin/bash
# Sets a build directory up when it is new, then builds in it, quietly unless something is wrong.
# Usage: build.sh DIRECTORY [TARGET... --] [MESON SETUP OPTION...]
set -euo pipefail
cd "$(dirname "$0")/.."
directory=$1
shift

targets=()
if [[ " $* " == *" -- "* ]]; then
	while [ "$1" != -- ]; do
		targets+=("$1")
		shift
	done
	shift
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [ ! -f "$directory/build.ninja" ]; then
	meson setup "$directory" "$@" >"$log" 2>&1 || { cat "$log"; exit 1; }
fi
ninja --quiet -k 0 -C "$directory" "${targets[@]}" >"$log" 2>&1 || { sed '/^The Meson build system/,/^Found ninja/d' "$log"; exit 1; }
grep -E 'warning:' -A 6 "$log" || true
