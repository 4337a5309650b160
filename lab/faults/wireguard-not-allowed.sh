# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# a's tunnel address is not among those that b allows it: b decrypts its packets and throws them away, and counts them
# as frame errors (drivers/net/wireguard/receive.c: wg_packet_consume_data_done).
TITLE='A WireGuard peer sends from an address that it is not allowed'
FAMILIES=4 WHERE=overlay CAUSE=tunnel-drop LOOKS_LIKE=crc-errors

setup() {
	net_two_hosts
	wireguard_add a
	wireguard_add b
	tunnel_addresses w0
	wireguard_peer a "$(wireguard_key b)" "$B" "$TB/32"
	wireguard_peer b "$(wireguard_key a)" "$A" "$(address 6 1)/32"
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
