#!/bin/bash
# Installs what the named groups of scripts/packages.list need and the machine lacks.
# Touches nothing, and needs neither root nor network, when all of it is there.
# Usage: install-deps.sh GROUP...
set -euo pipefail
cd "$(dirname "$0")"

mapfile -t wanted < <(awk -v groups=" $* " '!/^#/ && NF && index(groups, " " $1 " ") { print $2 }' packages.list | sort -u)
[ "${#wanted[@]}" -gt 0 ] || { echo "install-deps.sh: no package in group: $*" >&2; exit 2; }

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
	{
		echo "wheredrop: this is not a Debian system; install what these Debian packages hold, then add DEPS=no to make:"
		printf '  %s\n' "${wanted[@]}"
	} >&2
	exit 2
fi

missing=()
for package in "${wanted[@]}"; do
	status=$(dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null || true)
	grep -qx installed <<<"$status" || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || { echo "wheredrop: not root and no sudo; as root: apt-get install ${missing[*]}" >&2; exit 2; }
	as_root=(sudo)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)

echo "installing: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
	tail -n 30 "$log" >&2
	echo "wheredrop: apt-get could not install: ${missing[*]}" >&2
	exit 2
fi
