#!/bin/bash
# Builds build/dist/wheredrop: one static binary of the core commands, to be copied to a sick host.
# Debian 12 ships no static libmnl and Debian 13 does: its libmnl-dev is downloaded through apt (signed) and
# unpacked into build-dist, never installed. libnftables has no static library, so nftables rules are left out.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/build-dist
mkdir -p "$work"

# Leaves $work/prefix with libmnl.a, its header and its pkg-config file.
static_libmnl()
{
	local apt=(apt-get -q -o "Dir::State::Lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache"
		-o "Dir::Etc::SourceList=$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=root)
	local root=$work/libmnl-dev library

	rm -rf "$work/apt" "$root"
	mkdir -p "$work"/apt/{lists,cache}/partial "$work/prefix/lib/pkgconfig"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" \
		>"$work/apt/sources.list"
	(cd "$work/apt" && "${apt[@]}" update && "${apt[@]}" download libmnl-dev) >"$work/apt.log" 2>&1 ||
		{ tail -n 5 "$work/apt.log"; echo "make dist: could not get Debian 13's libmnl-dev through apt"; exit 1; } >&2
	dpkg-deb -x "$work"/apt/libmnl-dev_*.deb "$root"
	library=$(find "$root" -name libmnl.a)
	printf 'Name: libmnl\nDescription: netlink\nVersion: 1.0.5\nLibs: -L%s -lmnl\nCflags: -I%s\n' \
		"$work/prefix/lib" "$root/usr/include" >"$work/prefix/lib/pkgconfig/libmnl.pc"
	cp "$library" "$work/prefix/lib/"
}

[ -f "$work/prefix/lib/libmnl.a" ] || static_libmnl
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
scripts/build.sh "$work/meson" wheredrop -- --buildtype=release -Dprefer_static=true -Dnftables=disabled -Dtests=disabled \
	-Dc_link_args=-static -Db_pie=false
mkdir -p build/dist
install -m 755 -s "$work/meson/wheredrop" build/dist/wheredrop

# ldd fails on a static binary: that is the proof wanted.
linked=$(ldd build/dist/wheredrop 2>&1) && { echo "make dist: the binary is dynamic: $linked" >&2; exit 1; }
build/dist/wheredrop help >/dev/null || { echo "make dist: the binary does not run" >&2; exit 1; }
echo "build/dist/wheredrop: $(stat -c %s build/dist/wheredrop) bytes, static"
