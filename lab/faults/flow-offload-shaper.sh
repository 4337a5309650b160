# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The flow takes the short way through the router's flow table, and the shaper behind it is still there.
TITLE='A shaper behind a flow table drops'
FAMILIES=4 WHERE=qdisc CAUSE=shaper-limit HOST=r

setup() {
	net_router
	in_ns r nft -f - <<-RULES || skip "no flow tables"
		table inet lab {
			flowtable fast { hook ingress priority 0; devices = { ra, rb }; }
			chain forward {
				type filter hook forward priority 0
				meta l4proto udp flow add @fast
			}
		}
	RULES
	in_ns r tc qdisc add dev rb root tbf rate 4mbit burst 5kb limit 20kb || skip "no tbf"
	receive reader b udp-recv --on "$B" --rcvbuf 4000000
}

run_fault() {
	send sender a udp-send --to "$B" --count 1000 --size 1000 --rate 1000
	sleep 0.1
}

lost() {
	sent_minus_received sender reader
}
