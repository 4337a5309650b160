#!/bin/bash
# Formatting: .clang-format, as clang-format 14 understands it. To repair: format.sh --fix
set -euo pipefail
cd "$(dirname "$0")/../.."

mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
find src lab tests -name '*.[ch]' -print0 | xargs -0 -r clang-format-14 "${mode[@]}"
