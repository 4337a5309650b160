# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Somebody looks for hosts: most of the pings go to a host that answers none, by its own choice.
TITLE='Pings of which most are to somebody who answers none'
LOOKS_LIKE='remote-loss peer-not-answering'

setup() {
	net_router
	in_ns b sysctl -qw net.ipv4.icmp_echo_ignore_all=1
	((FAMILY == 4)) || in_ns b sysctl -qw net.ipv6.icmp.echo_ignore_all=1
	NETNS_ARG="--netns $(ns a)"
}

run_fault() {
	in_ns a ping -q -i 0.002 -c 20 "$RA" >/dev/null
	in_ns a ping -q -i 0.002 -c 300 -w 1 "$B" >/dev/null || :
}
