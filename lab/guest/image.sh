#!/bin/bash
# Makes the root file system of a guest, an initramfs, and prints it: image.sh DIRECTORY KERNEL [PROGRAM...]
# KERNEL is a place that kernel.sh printed. programs.list says which of this host's programs go with it, modules.list which of
# the kernel's modules; the PROGRAMs are then in /opt, and so is the lab. The pieces that cost time are kept in DIRECTORY and
# made again when what they are made of has changed. Touches nothing outside of DIRECTORY.
# Exit status 77: a program is missing here.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$1"
place=$(cd "$1" && pwd) kernel=$2
shift 2
version=$(basename "$kernel"/lib/modules/*)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

entries() # FILE
{
	sed 's/#.*//; /^\s*$/d' "$1"
}

# What a program cannot run without, at the place where it looks for it.
add_libraries() # FILE...
{
	local library
	{ ldd "$@" 2>/dev/null || true; } | grep -oE '/[^ :]+ \(' | tr -d ' (' | sort -u | while read -r library; do
		install -D "$(readlink -f "$library")" "$work/root$library"
	done
}

# What was put together, as a part of an initramfs: these may follow each other in one file.
pack()
{
	(cd "$work/root" && find . -mindepth 1 | busybox cpio -o -H newc 2>/dev/null)
	rm -rf "$work/root"
}

# piece NAME WHAT COMMAND: has the command make that piece, unless it is there and was made of the same.
piece()
{
	local stamp
	stamp=$(sha256sum <<<"$2$(cat "$0")")
	if [ "$(cat "$place/$1.made-of" 2>/dev/null)" != "$stamp" ]; then
		"$3"
		pack >"$place/$1.new"
		mv "$place/$1.new" "$place/$1"
		echo "$stamp" >"$place/$1.made-of"
	fi
	cat "$place/$1"
}

programs_find()
{
	local name file
	while read -r name; do
		case $name in
		/*) file=$name ;;
		*) file=$(type -P "$name") ;;
		esac || true
		[ -e "$file" ] || { echo "a guest needs ${name##*/}, which is not here" >&2; exit 77; }
		find -L "$file" -type f
	done < <(entries "$here/programs.list")
}

programs_add()
{
	local file
	mkdir -p "$work"/root/{dev,etc,proc,root,run,sys,tmp,usr/bin,usr/sbin,usr/lib,usr/lib64,var/tmp}
	ln -s usr/{bin,sbin,lib,lib64} "$work/root/"
	for file in "${programs[@]}"; do
		install -D "$(readlink -f "$file")" "$work/root$file"
	done
	ln -s busybox "$work/root/bin/sh"
	cp "$here/init" "$work/root/init"
	add_libraries "${programs[@]}"
}

modules_add()
{
	local name file modules=$work/root/lib/modules/$version
	entries "$here/modules.list" | while read -r name; do
		modprobe -d "$kernel" -S "$version" --show-depends "$name" 2>/dev/null || true # this kernel may not have it
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/modules"
	while read -r file; do
		install -D "$file" "$modules/kernel/${file##*/kernel/}"
	done <"$work/modules"
	find "$modules" -name '*.xz' -exec xz -d {} +
	cp "$kernel/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$modules/"
	depmod -b "$work/root" "$version"
}

given_add() # PROGRAM...
{
	mkdir -p "$work/root/opt"
	cp -r "$here/.." "$work/root/opt/lab"
	(($# == 0)) || { cp -L "$@" "$work/root/opt/" && add_libraries "$@"; }
}

programs_found=$(programs_find) # on its own: its exit status counts
mapfile -t programs <<<"$programs_found"
# What a package was updated to has another date.
piece programs "$(stat -Lc '%n %s %Y' "${programs[@]}" "$here/init")" programs_add
piece "modules-$version" "$(cat "$here/modules.list")" modules_add
given_add "$@"
pack
