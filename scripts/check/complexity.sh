#!/bin/bash
# Cyclomatic complexity at most 15 per function. pmccabe's first column counts a whole switch as one
# branch, so that a table written as a switch without default stays welcome. Usage: complexity.sh [ROOT]
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "${1:-$here}"

# pmccabe reads the text before the preprocessor: it takes VEC(...) for the head of a function and gives the
# file up there, and does not know loops that are macros (those of .clang-format). It gets copies in which a
# vector is a pointer and a loop is a loop.
loops=$(sed -n 's/^ForEachMacros: \[\(.*\)\]$/\1/p' "$here/.clang-format")
[ -n "$loops" ] || { echo "complexity: no ForEachMacros in .clang-format"; exit 1; }
copies=$(mktemp -d)
trap 'rm -rf "$copies"' EXIT
find src lab tests -name '*.c' -exec cp --parents -t "$copies" {} +
cd "$copies"
find . -name '*.c' -exec sed -i -E "s/\bVEC\(([^()]*)\)/\1 */; s/\b(${loops//, /|}) ?\(/while (/" {} +

failed=0
find . -name '*.c' -printf '%P\n' | sort | xargs -r pmccabe 2>complaints | awk -F'\t' '
	$1 > 15 { print $6 ": complexity " $1 " of at most 15"; failed = 1 }
	END { exit failed }' || failed=1
# What it says there is about a file that it did not understand, and so did not judge.
! grep . complaints || failed=1
exit "$failed"
