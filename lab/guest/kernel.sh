#!/bin/bash
# Gets a kernel of kernels.list for guests, without installing it: kernel.sh DIRECTORY NAME
# Downloads its package through apt (signed), with lists of its own, unpacks it into DIRECTORY once, and prints where it is:
# PLACE/vmlinux, PLACE/lib/modules/VERSION. Touches nothing outside of DIRECTORY.
# Exit status 2: there is no such name; 77: the package cannot be had from here and now.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # kmod
here=$(dirname "$(readlink -f "$0")")
read -r _ suite regex < <(awk -v name="$2" '$1 == name' "$here/kernels.list") || {
	echo "there is no kernel $2 in lab/guest/kernels.list" >&2
	exit 2
}
mkdir -p "$1"
work=$(cd "$1" && pwd)
exec 8<"$work" && flock 8 # one download at a time
# shellcheck source=scripts/other-suite.sh
. "$here/../../scripts/other-suite.sh"

unavailable()
{
	echo "$*" >&2
	exit 77
}

newest_unpacked()
{
	find "$work" -maxdepth 1 -name 'linux-image-*' -printf '%f\n' | grep -E "^($regex)\$" | sort -V | tail -n 1
}

download()
{
	local apt package

	apt_of_suite "$work/apt/$suite" "$suite"
	apt-get "${apt[@]}" update >"$work/apt.log" 2>&1 || unavailable "apt-get update: $(tail -n 1 "$work/apt.log")"
	package=$(apt-cache "${apt[@]}" pkgnames linux-image- | grep -E "^($regex)\$" | sort -V | tail -n 1)
	[ -n "$package" ] || unavailable "$suite has no package $regex"
	(cd "$work/apt/$suite" && apt-get "${apt[@]}" download "$package") >"$work/apt.log" 2>&1 ||
		unavailable "apt-get download $package: $(tail -n 1 "$work/apt.log")"
	unpack "$package"
}

# The kernel itself, out of the program that would unpack it when it boots: that takes a virtual machine without KVM half of its
# time. Documentation/arch/x86/boot.rst: the number of sectors before it, its offset there and its length, which counts
# four bytes behind it.
uncompressed() # VMLINUZ
{
	local sectors offset length
	sectors=$(od -An -tu1 -j497 -N1 "$1")
	offset=$(od -An -tu4 -j584 -N4 "$1")
	length=$(od -An -tu4 -j588 -N4 "$1")
	dd if="$1" of="$1.packed" bs=1M iflag=skip_bytes,count_bytes status=none \
		skip=$(((sectors + 1) * 512 + offset)) count=$((length - 4))
	case $(od -An -tx1 -N4 "$1.packed" | tr -d ' ') in
	fd377a58) xz -dc "$1.packed" ;;
	28b52ffd) zstd -dcq "$1.packed" ;;
	*) echo "$1: neither xz nor zstd" >&2 && return 1 ;;
	esac
	rm "$1.packed"
}

# Debian 13 has its modules below /usr.
unpack() # PACKAGE
{
	local place=$work/$1.new modules

	rm -rf "$place"
	dpkg-deb -x "$work/apt/$suite/$1"_*.deb "$place"
	modules=$(find "$place" -path '*/lib/modules/*' -prune -print)
	[ -d "$place/lib" ] || ln -s usr/lib "$place/lib"
	rm -rf "$modules"/kernel/{sound,drivers/{gpu,media,staging}} # a third of it all
	depmod -b "$place" "${modules##*/}"
	uncompressed "$place/boot/vmlinuz-${modules##*/}" >"$place/vmlinux"
	rm -rf "$work/apt" "${place:?}/boot"
	mv "$place" "$work/$1"
}

[ -n "$(newest_unpacked)" ] || download
echo "$work/$(newest_unpacked)"
