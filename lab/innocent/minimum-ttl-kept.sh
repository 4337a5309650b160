# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The same listener as in minimum-ttl-drop, and a peer that sends as it asks.
TITLE='A listener that takes nothing from afar, and a peer beside it'
LOOKS_LIKE=minimum-ttl-drop

setup() {
	net_two_hosts
	if ((FAMILY == 4)); then
		in_ns a sysctl -qw net.ipv4.ip_default_ttl=255
	else
		in_ns a sysctl -qw net.ipv6.conf.a0.hop_limit=255
	fi
	receive listener b tcp-listen --on "$B" --min-ttl 255
}

run_fault() {
	send client a tcp-connect --to "$B" --count 100 --bytes 1000 --rate 200
}

lost() {
	result client failed
}
