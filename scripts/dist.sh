#!/bin/bash
# Builds build/dist/wheredrop: one static binary of the core commands, to be copied to a sick host.
# Debian 12 ships no static libmnl and Debian 13 does: its libmnl-dev is downloaded through apt (signed) and
# unpacked into build-dist, never installed. libnftables has no static library, so the text of nftables rules is left out;
# nor has libsystemd, which libpcap needs, so the expressions of trace --filter are.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/build-dist
# shellcheck source=scripts/other-suite.sh
. scripts/other-suite.sh
mkdir -p "$work"

# Leaves $work/prefix with libmnl.a, its header and its pkg-config file.
static_libmnl()
{
	local root=$work/libmnl-dev apt library

	rm -rf "$work/apt" "$root"
	mkdir -p "$work/prefix/lib/pkgconfig"
	apt_of_suite "$work/apt" trixie
	(cd "$work/apt" && apt-get "${apt[@]}" update && apt-get "${apt[@]}" download libmnl-dev) >"$work/apt.log" 2>&1 ||
		{ tail -n 5 "$work/apt.log"; echo "make dist: could not get Debian 13's libmnl-dev through apt"; exit 1; } >&2
	dpkg-deb -x "$work"/apt/libmnl-dev_*.deb "$root"
	library=$(find "$root" -name libmnl.a)
	printf 'Name: libmnl\nDescription: netlink\nVersion: 1.0.5\nLibs: -L%s -lmnl\nCflags: -I%s\n' \
		"$work/prefix/lib" "$root/usr/include" >"$work/prefix/lib/pkgconfig/libmnl.pc"
	cp "$library" "$work/prefix/lib/"
}

[ -f "$work/prefix/lib/libmnl.a" ] || static_libmnl
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
scripts/build.sh "$work/meson" wheredrop -- --buildtype=release -Dprefer_static=true -Dnftables=disabled -Dpcap=disabled -Dtests=disabled \
	-Dc_link_args=-static -Db_pie=false
mkdir -p build/dist
install -m 755 -s "$work/meson/wheredrop" build/dist/wheredrop

# ldd fails on a static binary: that is the proof wanted.
linked=$(ldd build/dist/wheredrop 2>&1) && { echo "make dist: the binary is dynamic: $linked" >&2; exit 1; }
build/dist/wheredrop help >/dev/null || { echo "make dist: the binary does not run" >&2; exit 1; }
echo "build/dist/wheredrop: $(stat -c %s build/dist/wheredrop) bytes, static"
