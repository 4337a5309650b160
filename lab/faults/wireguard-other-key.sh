# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# b knows another key of a and does not answer its handshakes. What a has to send waits, 128 packets at most
# (drivers/net/wireguard/messages.h: MAX_STAGED_PACKETS); the oldest go first, and no drop event tells of those.
TITLE='A WireGuard peer does not answer the handshake'
FAMILIES=4 WHERE=overlay CAUSE=tunnel-drop LOOKS_LIKE=overlay-mtu-mismatch PROVEN=no

setup() {
	net_two_hosts
	wireguard_add a
	wireguard_add b
	tunnel_addresses w0
	wireguard_peer a "$(wireguard_key b)" "$B" "$TB/32"
	wireguard_peer b "$(wg genkey | wg pubkey)" "$A" "$TA/32"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --rate 1000
}

lost() {
	echo $(($(result sender sent) - 128))
}
