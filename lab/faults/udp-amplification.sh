# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Answers of 1300 bytes that nobody asked for, from port 53 of many hosts.
TITLE='A flood of amplified answers'
WHERE=socket CAUSE=no-listener BECAUSE=udp-amplification LOOKS_LIKE=udp-flood
NEEDS=backlog

# Who would get the refusals, and is not there; otherwise those are lost as well, once nobody has said for seconds who has
# that address.
sources() {
	local index first=50
	((FAMILY == 4)) || first=$((0x50))
	for ((index = first; index < first + 50; index++)); do
		echo "neigh replace $(address 1 "$(fifty_number $index)") lladdr $MAC_NOBODY dev b0 nud permanent"
	done
}

setup() {
	net_two_hosts
	sources >"$LAB_STATE/sources"
	in_ns b ip -batch "$LAB_STATE/sources" || fail "cannot make the neighbours"
	receive reader b udp-recv --on "$B"
	start chatter a "$LAB_TRAFFIC" udp-send --to "$B" --count 6000 --size 100 --rate 150
}

run_fault() {
	sleep 0.5
	send_within 1300 flood a raw --dev a0 --from-mac "$MAC_A" --to-mac "$MAC_B" --from "$(address 1 50)" --sources 50 --sport 53 \
		--to "$B" --port 40000 --size 1300 --count 7000 --rate 10000
}

lost() {
	result flood sent
}
