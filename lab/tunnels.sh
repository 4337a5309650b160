# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Tunnels, IPsec and bonds between two hosts. Each skips the scene where the kernel lacks it.

# Some of what is set here is used in the scenes.
# shellcheck disable=SC2034

# net_two_links: like net_two_hosts with a second pair a1 -- b1 and no addresses; a bond or team in b takes both as members.
net_two_links() {
	host_add a
	host_add b
	link_add a a0 "$MAC_A" b b0 "$MAC_B"
	link_add a a1 "$MAC_RA" b b1 "$MAC_RB"
}

# bond_add HOST DEV... -- OPTION...: those devices become members of a bond u0.
bond_add() {
	local host=$1 member members=()
	shift
	while [[ $1 != -- ]]; do
		members+=("$1")
		shift
	done
	shift
	in_ns "$host" ip link add u0 type bond "$@" || skip "no bonds"
	for member in "${members[@]}"; do
		in_ns "$host" ip link set "$member" down
		in_ns "$host" ip link set "$member" master u0 || fail "$member cannot be in a bond"
	done
	in_ns "$host" ip link set u0 up
}

# net_macvlans: a and b, each with a macvlan (a0, b0) of one device in r, and a route to the group 239.1.2.3.
net_macvlans() {
	local host number=1
	host_add a
	host_add b
	host_add r
	link_add r r0 "$MAC_RA" r r1 "$MAC_RB"
	for host in a b; do
		in_ns r ip link add "${host}0" link r0 type macvlan mode bridge || skip "no macvlan"
		in_ns r ip link set "${host}0" netns "$(ns "$host")"
		in_ns "$host" ip link set "${host}0" up
		address_add "$host" "${host}0" 1 "$number"
		in_ns "$host" ip route add 239.1.2.0/24 dev "${host}0"
		number=$((number + 1))
	done
	A=$(address 1 1) B=$(address 1 2)
}

# tunnel_add KIND OPTION...: a tunnel t0 between a and b of net_two_hosts, with addresses 5.1 and 5.2. Sets TA and TB.
tunnel_add() {
	local kind=$1 host from to
	shift
	for host in a b; do
		from=$A to=$B
		[[ $host == a ]] || from=$B to=$A
		[[ $kind == geneve ]] && from='' # leaves by the address of its route
		in_ns "$host" ip link add t0 type "$kind" ${from:+local "$from"} remote "$to" "$@" || skip "no $kind"
		in_ns "$host" ip link set t0 up
	done
	tunnel_addresses t0
}

# tunnel_addresses DEV: those of tunnel_add, for one that was made otherwise.
tunnel_addresses() {
	TA=$(address 5 1) TB=$(address 5 2)
	address_add a "$1" 5 1
	address_add b "$1" 5 2
	if [[ $(in_ns a cat "/sys/class/net/$1/type") == 1 ]]; then # Ethernet
		neighbour a "$1" "$TB" "$(in_ns b cat "/sys/class/net/$1/address")"
		neighbour b "$1" "$TA" "$(in_ns a cat "/sys/class/net/$1/address")"
	fi
	net_settle
}

# security_add HOST FROM TO KEY: an IPsec association (ESP, transport mode), whose 128-bit key ends in those two digits.
security_add() {
	in_ns "$1" ip xfrm state add src "$2" dst "$3" proto esp spi 0x100 reqid 1 mode transport replay-window 32 \
		aead 'rfc4106(gcm(aes))' "0x00112233445566778899aabbccddee${4}01020304" 128 || skip "no IPsec with AES-GCM"
}

# security_policy_add HOST DIRECTION FROM TO: what goes that way has to be in the association above.
security_policy_add() {
	in_ns "$1" ip xfrm policy add src "$3" dst "$4" dir "$2" tmpl src "$3" dst "$4" proto esp reqid 1 mode transport ||
		skip "no IPsec policies"
}

# wireguard_add HOST: one end of a WireGuard tunnel w0; wireguard_key HOST prints its public key.
wireguard_add() {
	command -v wg >/dev/null || skip "there is no wg (package wireguard-tools)"
	in_ns "$1" ip link add w0 type wireguard || skip "no wireguard"
	(umask 077 && wg genkey >"$LAB_STATE/$1.key")
	in_ns "$1" wg set w0 listen-port 51820 private-key "$LAB_STATE/$1.key" || fail "wg does not take a key"
	in_ns "$1" ip link set w0 up
}

wireguard_key() {
	wg pubkey <"$LAB_STATE/$1.key"
}

# wireguard_peer HOST KEY ENDPOINT ALLOWED
wireguard_peer() {
	in_ns "$1" wg set w0 peer "$2" endpoint "$3:51820" allowed-ips "$4" || fail "wg does not take a peer"
}
