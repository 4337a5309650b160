#!/bin/bash
# Builds build/dist/wheredrop: one static binary of the core commands, to be copied to a sick host.
# Debian 12 has no static libmnl, so that one is compiled from its Debian source package (signed, through
# apt); libnftables has no static library either, so nftables rules are left out.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/build-dist
mkdir -p "$work"

# Leaves $work/prefix with libmnl.a, its header and its pkg-config file.
static_libmnl()
{
	local apt=(apt-get -q -o "Dir::State::Lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache"
		-o "Dir::Etc::SourceList=$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
		-o APT::Get::List-Cleanup=0 -o APT::Sandbox::User=root)
	local source prefix=$work/prefix objects=()

	mkdir -p "$work"/apt/{lists,cache}/partial "$work"/{objects,prefix/lib/pkgconfig}
	echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main" \
		>"$work/apt/sources.list"
	rm -rf "$work"/libmnl-*
	(cd "$work" && "${apt[@]}" update && "${apt[@]}" source libmnl) >"$work/apt.log" 2>&1 ||
		{ tail -n 5 "$work/apt.log"; echo "make dist: could not get the source of libmnl through apt"; exit 1; } >&2
	source=$(find "$work" -maxdepth 1 -type d -name 'libmnl-*')

	for file in socket callback nlmsg attr; do
		gcc -O2 -std=gnu17 -D_GNU_SOURCE -DHAVE_VISIBILITY_HIDDEN -I"$source/include" -c "$source/src/$file.c" -o "$work/objects/$file.o"
		objects+=("$work/objects/$file.o")
	done
	ar rcs "$prefix/lib/libmnl.a" "${objects[@]}"
	printf 'Name: libmnl\nDescription: netlink\nVersion: %s\nLibs: -L%s -lmnl\nCflags: -I%s\n' \
		"${source##*-}" "$prefix/lib" "$source/include" >"$prefix/lib/pkgconfig/libmnl.pc"
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
