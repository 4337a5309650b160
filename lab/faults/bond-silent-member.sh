# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# b deals its packets out to both members in turn, and behind one of them everything vanishes, both ways: a switch port that is up
# and forwards nothing. Only b is watched: for it the other end is somebody else's. How often TCP sends again is up to TCP.
TITLE='A bond keeps using a member over which nothing arrives or comes back'
FAMILIES=4 PROVEN=no WHERE=overlay CAUSE=bond-hash-to-bad-member LOOKS_LIKE='pmtu-blackhole peer-not-answering'

setup() {
	net_two_links
	bond_add b b0 b1 -- mode balance-rr miimon 100
	in_ns a ip link add u0 address "$MAC_A" type bridge || skip "no bridge"
	in_ns a ip link set a0 master u0
	in_ns a ip link set a1 master u0
	in_ns a ip link set u0 up
	address_add a u0 1 1
	address_add b u0 1 2
	A=$(address 1 1) B=$(address 1 2)
	neighbour a u0 "$B" "$(in_ns b cat /sys/class/net/u0/address)"
	neighbour b u0 "$A" "$MAC_A"
	in_ns a tc qdisc add dev a1 clsact || skip "no clsact"
	in_ns a tc filter add dev a1 ingress matchall action drop || skip "no tc actions"
	in_ns a tc filter add dev a1 egress matchall action drop || skip "no tc actions"
	NETNS_ARG="--netns $(ns b)"
	receive listener a tcp-listen --on "$A"
}

run_fault() {
	# shellcheck disable=SC2016 # its own arguments
	start clients b bash -c 'for ((i = 0; i < 12; i++)); do
		"$0" tcp-connect --to "$1" --bytes 3000000 --timeout-ms 5000 &
	done; wait' "$LAB_TRAFFIC" "$A"
	sleep 1.2
}

lost() {
	:
}
