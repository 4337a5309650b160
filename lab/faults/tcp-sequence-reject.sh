# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A client, or the NAT before it, forgot its connection and asks for a new one from the same port: for the server the old one is
# there, and it takes none of these requests.
TITLE='Connection requests for a connection that is there'
WHERE=transport CAUSE=tcp-sequence-reject LOOKS_LIKE='tcp-header-error syn-refused' HOST=b

setup() {
	net_two_hosts
	in_ns a sysctl -qw net.ipv4.ip_local_port_range='40000 40000'
	receive listener b tcp-listen --on "$B"
	# Its first attempt has the only port, so that the others fail.
	start client a "$LAB_TRAFFIC" tcp-connect --to "$B" --count 30 --rate 1
	sleep 0.2
}

run_fault() {
	send sender a raw --kind syn --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$A" --sport 40000 --to "$B" \
		--count 300 --rate 1000
}

lost() {
	result sender sent
}
