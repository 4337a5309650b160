#!/bin/bash
# Boots a kernel in a small virtual machine (no KVM, no disk, no way out), runs a command in it as root and prints what that
# says: boot.sh KERNEL DIRECTORY COMMAND [ARGUMENT...]
# KERNEL is a place that kernel.sh printed. The command runs in DIRECTORY, which the guest sees as /host and may write to: what
# it needs beyond image.sh's programs has to be there, its answers are left there.
# The exit status is the command's, or 125 when the guest did not get that far or took longer than GUEST_SECONDS (120), 77 when
# this machine lacks what it takes. Further settings by environment:
#   GUEST_PROGRAMS programs of this host that are then in /opt, with their libraries
#   GUEST_APPEND   words for the kernel, such as lockdown=confidentiality
#   GUEST_CARDS    network cards, a word for each wire, such as "e1000,virtio-net-pci e1000e,virtio-net-pci"; the number of a
#                  card's wire and its own are the last two bytes of its address
#   GUEST_OPTIONS  further options of QEMU
#   GUEST_CACHE    where images are kept (default: beside the kernel)
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
kernel=$1 shared=$(readlink -f "$2")
shift 2
cache=${GUEST_CACHE:-$(dirname "$kernel")/images}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

missing()
{
	echo "$1" >&2
	exit 77
}

command -v qemu-system-x86_64 >/dev/null || missing "there is no qemu-system-x86_64 (package qemu-system-x86)"
mkdir -p "$cache"
read -ra programs <<<"${GUEST_PROGRAMS:-}"
flock "$cache" "$here/image.sh" "$cache" "$kernel" "${programs[@]}" >"$work/initramfs" || exit
printf '%q ' "$@" >"$shared/command"

# A wire is a hub within the virtual machine. What the guest writes to the channel "monitor" QEMU takes as a command, so that a
# scene can pull a plug.
options=()
card=0 wire=0
for models in ${GUEST_CARDS:-}; do
	for model in ${models//,/ }; do
		options+=(-netdev "hubport,id=net$card,hubid=$wire"
			-device "$model,netdev=net$card,id=card$card,mac=$(printf '52:54:00:00:%02x:%02x' "$wire" "$card")")
		card=$((card + 1))
	done
	wire=$((wire + 1))
done
options+=(-chardev "socket,id=monitor,path=$work/monitor,server=on,wait=off" -mon "chardev=monitor,mode=readline"
	-chardev "socket,id=way,path=$work/monitor,reconnect=1" -device virtio-serial
	-device "virtserialport,chardev=way,name=monitor")
read -ra more <<<"${GUEST_OPTIONS:-}"

timeout --kill-after=5 "${GUEST_SECONDS:-120}" qemu-system-x86_64 -M q35 -accel tcg,thread=multi,tb-size=1024 -cpu Haswell -m "${GUEST_MEMORY:-1024}" \
	-smp 2 -nodefaults -no-reboot -display none -serial stdio -kernel "$kernel/vmlinux" -initrd "$work/initramfs" \
	-virtfs "local,path=$shared,mount_tag=host,security_model=none,multidevs=remap" "${options[@]}" "${more[@]}" \
	-append "console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off nokaslr ${GUEST_APPEND:-}" </dev/null 2>&1 |
	tee "$work/console" | stdbuf -oL tr -d '\r' | sed -un '/^guest begins: /,/^guest ends: /p' || true
sed -i 's/\r//g' "$work/console"
if ! grep -q '^guest ends: [0-9]*$' "$work/console"; then
	tail -n 20 "$work/console" >&2
	exit 125
fi
exit "$(sed -n 's/^guest ends: //p' "$work/console")"
