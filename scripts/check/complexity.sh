#!/bin/bash
# Cyclomatic complexity at most 15 per function. pmccabe's first column counts a whole switch as one
# branch, so that a table written as a switch without default stays welcome. Usage: complexity.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

find src -name '*.c' | sort | xargs -r pmccabe | awk -F'\t' '
	$1 > 15 { print $6 ": complexity " $1 " of at most 15"; failed = 1 }
	END { exit failed }'
