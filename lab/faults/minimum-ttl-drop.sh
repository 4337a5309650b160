# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# A routing daemon takes only what comes from its own link (RFC 5082: a TTL of 255), and its peer does not send so. Each
# attempt to connect is one lost SYN.
TITLE='A listener that takes nothing from afar'
WHERE=transport CAUSE=minimum-ttl-drop HOST=b

setup() {
	net_two_hosts
	receive listener b tcp-listen --on "$B" --min-ttl 255
}

run_fault() {
	send client a tcp-connect --to "$B" --count 100 --timeout-ms 5
}

lost() {
	result client failed
}
