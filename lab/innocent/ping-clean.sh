# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Each echo reply is delivered to ping's socket and once more, as a clone, to nobody: a drop event (NO_SOCKET)
# without a loss.
TITLE='A ping without loss, whose cloned replies end as drop events'
EXPECT_INNOCENT=cloned-icmp-reply

setup() {
	net_two_hosts
}

run_fault() {
	in_ns a ping -q -i 0.002 -c 300 "$B" >"$LAB_STATE/ping.out"
}

lost() {
	sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$LAB_STATE/ping.out" |
		{ read -r sent received && echo $((sent - received)); }
}
