#!/bin/bash
# The folder rule: a folder of src/ includes only from itself and from the folders before it.
# The order is that of the subdir() lines in src/meson.build. Usage: layout.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

mapfile -t folders < <(sed -n "s/^subdir('\([a-z]*\)').*/\1/p" src/meson.build)
[ "${#folders[@]}" -gt 0 ] || { echo "layout: no subdir() lines in src/meson.build" >&2; exit 1; }

failed=0
for path in src/*/; do
	folder=$(basename "$path")
	[[ " ${folders[*]} " == *" $folder "* ]] || { echo "$path: not listed in src/meson.build"; failed=1; }
done

for folder in "${folders[@]}"; do
	allowed="${allowed:+$allowed|}$folder"
	upward=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "src/$folder" --include='*.c' --include='*.h' --include='*.def' |
		grep -vE "\"(config\.h|($allowed)/[^\"/]+)\"" || true)
	[ -z "$upward" ] || { printf '%s: may include only "config.h" and from: %s\n%s\n' "src/$folder" "${allowed//|/ }" "$upward"; failed=1; }
done
exit "$failed"
