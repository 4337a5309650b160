# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Network cards: those of a guest (guest/boot.sh), which were made for the lab. A real machine's own are never touched: without
# LAB_CARDS, which a guest alone sets, there are none.

# card NUMBER: the name of that card's interface, which is the last byte of its address.
card() {
	[[ -n ${LAB_CARDS:-} ]] || skip "no network cards to play with; see lab/guest/run"
	local address
	address=$(grep -il "^52:54:00:00:..:$(printf '%02x' "$1")\$" /sys/class/net/*/address)
	[[ -n $address ]] || fail "card $1 is not there"
	basename "${address%/address}"
}

# card_add HOST DEV NUMBER: that card becomes an interface of a host, until the scene ends.
card_add() {
	local name
	name=$(card "$3") || exit
	undo ip -n "$(ns "$1")" link set "$2" down netns 1 name "$name"
	ip link set "$name" netns "$(ns "$1")" name "$2" || fail "cannot move card $3"
	in_ns "$1" ip link set "$2" up || fail "cannot set card $3 up"
}

# card_address HOST DEV: its hardware address.
card_address() {
	in_ns "$1" cat "/sys/class/net/$2/address"
}

# Like net_two_hosts, with the first card (b0) in the sick host and the second (a0) in the other, on one wire.
net_two_cards() {
	host_add a
	host_add b
	card_add b b0 0
	card_add a a0 1
	address_add a a0 1 1
	address_add b b0 1 2
	A=$(address 1 1) B=$(address 1 2)
	neighbour a a0 "$B" "$(card_address b b0)"
	neighbour b b0 "$A" "$(card_address a a0)"
	carrier_await a a0
	carrier_await b b0
	net_settle
}

# card_ring HOST DEV NUMBER: a receive ring of so many buffers, until the scene ends. The driver starts the card again for that.
card_ring() {
	local before
	before=$(in_ns "$1" ethtool -g "$2" | awk '/^RX:/ { now = $2 } END { print now }')
	undo ip netns exec "$(ns "$1")" ethtool -G "$2" rx "$before"
	in_ns "$1" ethtool -G "$2" rx "$3" || fail "$2 does not take a ring of $3"
	carrier_await "$1" "$2"
}

# carrier_await HOST DEV [0]: until it has a link, or none; some drivers look every two seconds.
carrier_await() {
	local try wanted=${3:-1}
	for try in {1..100}; do
		[[ $(in_ns "$1" cat "/sys/class/net/$2/carrier" 2>/dev/null) == "$wanted" ]] && return
		sleep 0.1
	done
	fail "the link of $2 does not become $wanted ($try attempts)"
}

# monitor COMMAND...: has the virtual machine do it, such as: monitor set_link card0 off
monitor() {
	local name
	for name in /sys/class/virtio-ports/*/name; do
		[[ $(cat "$name" 2>/dev/null) == monitor ]] || continue
		name=${name%/name}
		echo "$*" >"/dev/${name##*/}"
		return
	done
	skip "no way to pull a plug here; see lab/guest/run"
}
