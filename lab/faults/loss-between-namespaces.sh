# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same router as in remote-loss, but on this host: what it drops is this host's loss, and the retransmissions of the
# sender, in another namespace, are its consequence. How many segments were lost only the rule itself knows.
TITLE='A bulk transfer between two namespaces loses to a firewall rule of a third'
FAMILIES=4 WHERE=filter CAUSE=firewall-rule-drop

setup() {
	net_router
	in_ns r nft -f - <<-'RULES' || skip "no nftables"
		table inet lab {
			chain forward {
				type filter hook forward priority 0
				iifname "ra" meta length > 500 numgen inc mod 50 == 0 counter drop
			}
		}
	RULES
	in_ns a ethtool -K a0 tso off gso off >/dev/null 2>&1
	receive listener b tcp-listen --on "$B"
}

run_fault() {
	send client a tcp-connect --to "$B" --count 4 --bytes 2000000
}

lost() {
	:
}
