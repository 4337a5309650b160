#!/bin/bash
# Calls that do not occur: unbounded or error-blind conversions and copies (base/parse and base/text
# replace them), and alloca. Usage: banned.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

calls='atoi|atol|atoll|atof|strto(l|ll|ul|ull|d|f|ld|imax|umax)|v?f?s?scanf|v?sprintf|st[rp]cpy|strn?cat|strtok(_r)?|gets|alloca'
mapfile -t files < <(find src lab tests -name '*.c' -o -name '*.h' -o -name '*.def' | sort)
! grep -nE "(^|[^[:alnum:]_.>])($calls)[[:space:]]*\(" "${files[@]}" /dev/null
