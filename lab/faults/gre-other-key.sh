# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Both ends have a GRE tunnel to each other, and not the same key: b has none for what arrives.
TITLE='GRE packets arrive with a key that no tunnel has'
FAMILIES=4 WHERE=overlay CAUSE=tunnel-drop

setup() {
	net_two_hosts
	tunnel_add gre ttl 64 key 1
	in_ns b ip link change t0 type gre local "$B" remote "$A" ttl 64 key 2 || fail "cannot change the key"
	receive reader b udp-recv --on "$TB"
}

run_fault() {
	send sender a udp-send --to "$TB" --count 500 --rate 1000
}

lost() {
	sent_minus_received sender reader
}
