# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Datagrams to a multicast group that nobody here joined.
TITLE='Multicast that nobody joined'
# IPv4 has no counter of its own for it: there the packets are only said to have vanished.
[[ ${FAMILY:-} != 6 ]] || EXPECT_INNOCENT=multicast-not-joined

setup() {
	net_two_hosts
	if ((FAMILY == 4)); then
		GROUP=239.7.7.7 GROUP_MAC=01:00:5e:07:07:07
	else
		GROUP=ff05::7777 GROUP_MAC=33:33:00:00:77:77
	fi
}

run_fault() {
	send sender a raw --dev a0 --from-mac "$MAC_A" --to-mac "$GROUP_MAC" --from "$A" --sport 4000 --to "$GROUP" \
		--count 300 --rate 500
}
