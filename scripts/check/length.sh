#!/bin/bash
# No source file over 600 lines; tables (*.def) may be as long as the knowledge is. Usage: length.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

find src lab tests -name '*.[ch]' -exec awk '
	FNR == 601 { print FILENAME ": over 600 lines; does it hold two things?"; failed = 1 }
	END { exit failed }' {} +
