# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A BGP daemon was given a password for its peer, and the peer has none. Each attempt to connect is one lost SYN.
TITLE='Connections without the signature that the listener asks for'
WHERE=transport CAUSE=tcp-auth-failure HOST=b

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B" --from "$A" --key secret
}

run_fault() {
	send client a tcp-connect --to "$B" --count 100 --timeout-ms 5
}

lost() {
	result client failed
}
