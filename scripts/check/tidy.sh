#!/bin/bash
# clang-tidy with the allow-list of .clang-tidy, over everything that is compiled.
set -euo pipefail
cd "$(dirname "$0")/../.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
scripts/build.sh build-asan wheredrop -- --native-file scripts/developer.ini -Dtests=enabled
jq -r '.[] | select(.file | endswith(".c")) | .file' build-asan/compile_commands.json | sed 's,^\(\.\./\)*,,' | sort -u |
	xargs -r -P "$(nproc)" -n 2 clang-tidy-14 -p build-asan --quiet >"$log" 2>/dev/null || {
	# The path that leads there is long; clang-tidy-14 -p build-asan FILE shows it.
	grep -A 2 -E '(warning|error):' "$log" || cat "$log"
	exit 1
}
