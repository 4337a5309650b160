# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# What ordinary hosts drop all the time, all at once: frames for others, EtherTypes and groups that nobody here knows, a few
# datagrams for a closed port, the clones of echo replies, what nobody read of a socket that is closed.
TITLE='Six kinds of harmless drops at the same time'
EXPECT_INNOCENT='refused-connection frames-for-other-hosts unknown-protocol-frames'
# IPv4 has no counter of its own for groups that nobody joined.
[[ ${FAMILY:-} != 6 ]] || EXPECT_INNOCENT+=' multicast-not-joined'

setup() {
	net_two_hosts
	receive reader b udp-recv --on "$B"
	receive unread b udp-recv --on "$B" --port 7001 --mode idle
}

# frames NAME OPTION...: hand-made ones from a.
frames() {
	local name=$1
	shift
	start "$name" a "$LAB_TRAFFIC" raw --dev a0 --from-mac "$MAC_A" --count 300 --rate 400 "$@"
}

run_fault() {
	local group=239.7.7.7 group_mac=01:00:5e:07:07:07
	((FAMILY == 4)) || group=ff05::7777 group_mac=33:33:00:00:77:77
	frames others --to-mac "$MAC_NOBODY" --from "$A" --sport 4000 --to "$B"
	frames unknown --kind ethertype --to-mac ff:ff:ff:ff:ff:ff
	frames strangers --to-mac "$group_mac" --from "$A" --sport 4000 --to "$group"
	start refused a "$LAB_TRAFFIC" udp-send --to "$B" --port 9 --count 5 --rate 50
	start forgotten a "$LAB_TRAFFIC" udp-send --to "$B" --port 7001 --count 50 --rate 100
	start ping a ping -q -i 0.005 -c 100 "$B"
	send sender a udp-send --to "$B" --count 1600 --rate 2000
	for name in others unknown strangers refused forgotten ping; do
		wait "${LAB_PID[$name]}" || return
	done
	vanish unread
}

lost() {
	sent_minus_received sender reader
}
