#!/bin/bash
# Boots a kernel in a small virtual machine (no KVM, no network, no disk), runs a program in it as root and prints what that
# says: boot.sh KERNEL PROGRAM [MODULE...]
# KERNEL is a place that kernel.sh printed. The exit status is the program's, or 125 when the guest did not get that far
# or took longer than GUEST_SECONDS (default 120). GUEST_APPEND are further words for the kernel, such as
# lockdown=confidentiality. The program's shared libraries go with it; nothing else of this host does.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # kmod
kernel=$1 program=$2
shift 2
version=$(basename "$kernel"/lib/modules/*)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

add_libraries() # PROGRAM
{
	local library
	ldd "$1" | grep -oE '/[^ ]+' | while read -r library; do
		mkdir -p "$work/root/$(dirname "$library")"
		cp -L "$library" "$work/root/$library"
	done
}

# In the order in which they have to be loaded; 6.12 has them compressed.
add_modules() # MODULE...
{
	local module file number=100
	for module; do
		modprobe -d "$kernel" -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
	done | awk '!seen[$0]++' >"$work/modules"
	while read -r file; do
		number=$((number + 1))
		case $file in
		*.xz) xz -dc "$file" >"$work/root/modules/$number.ko" ;;
		*) cp "$file" "$work/root/modules/$number.ko" ;;
		esac
	done <"$work/modules"
}

mkdir -p "$work"/root/{bin,dev,modules,proc,sys,tmp}
cp "$(dirname "$0")/init" "$work/root/init"
cp "$(command -v busybox)" "$work/root/bin/busybox"
cp "$program" "$work/root/program"
add_libraries "$program"
add_modules "$@"
(cd "$work/root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/initramfs"

timeout --kill-after=5 "${GUEST_SECONDS:-120}" qemu-system-x86_64 -M q35 -accel tcg -m 512 -smp 2 -nodefaults -no-reboot \
	-display none -serial stdio -kernel "$kernel/vmlinux" -initrd "$work/initramfs" \
	-append 'console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off nokaslr '"${GUEST_APPEND:-}" </dev/null 2>&1 | tr -d '\r' >"$work/console" || true
if ! grep -q '^guest ends: [0-9]*$' "$work/console"; then
	tail -n 20 "$work/console" >&2
	exit 125
fi
sed -n '/^guest begins: /,/^guest ends: /p' "$work/console"
exit "$(sed -n 's/^guest ends: //p' "$work/console")"
