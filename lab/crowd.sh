# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The crowd: what is at work beside a fault, and must not lose a packet. Heavy traffic of one flow, fifty namespaces, and
# namespaces that come and go. When any of it was lost, the scene is broken, not the diagnosis.

# --- heavy traffic of one flow --------------------------------------------------------------------------------

# crowd_receive HOST ADDRESS: a reader on port 7100 that keeps up.
crowd_receive() {
	receive crowd_reader "$1" udp-recv --on "$2" --port 7100 --rcvbuf 16000000
}

# crowd_start HOST ADDRESS COUNT RATE: begins to send to it, beside whatever follows. A machine that cannot do as much is
# given less, for as long (LAB_LOAD, packets per second).
crowd_start() {
	local count=$3 rate=$4
	if [[ -n ${LAB_LOAD:-} ]] && ((rate > LAB_LOAD)); then
		count=$((count * LAB_LOAD / rate)) rate=$LAB_LOAD
	fi
	start crowd "$1" "$LAB_TRAFFIC" udp-send --to "$2" --port 7100 --sport 9000 --count "$count" --size 200 --rate "$rate" \
		--burst 10
}

# crowd_wait: until all of it was sent.
crowd_wait() {
	wait "${LAB_PID[crowd]}" || fail "crowd: $(cat "$LAB_STATE/crowd.err")"
}

# crowd_arrived: the scene is broken when any of it was lost.
crowd_arrived() {
	local lost
	lost=$(sent_minus_received crowd crowd_reader) || exit
	((lost == 0)) || fail "$lost datagrams of the clean traffic were lost as well"
}

# --- fifty namespaces -----------------------------------------------------------------------------------------

# fifty_number INDEX: the last part of an address: decimal in IPv4, hexadecimal in IPv6.
fifty_number() {
	if ((FAMILY == 4)); then echo "$1"; else printf '%x\n' "$1"; fi
}

# fifty_address INDEX: of host nINDEX, 1 to 50.
fifty_address() {
	address 1 "$(fifty_number "$1")"
}

# Hosts n1 to n50 at the bridge br0 of r, which has an address itself; each of them reads on port 7000.
net_fifty() {
	local index mac
	host_add r
	in_ns r ip link add br0 address "$MAC_RA" type bridge mcast_snooping 0 || skip "no bridge"
	in_ns r ip link set br0 up
	address_add r br0 1 254
	for index in {1..50}; do
		mac=$(printf '02:00:00:00:02:%02x' "$index")
		host_add "n$index"
		link_add "n$index" eth0 "$mac" r "p$index" "$(printf '02:00:00:00:03:%02x' "$index")"
		address_add "n$index" eth0 1 "$(fifty_number "$index")"
		echo "link set p$index master br0"
		echo "neigh replace $(fifty_address "$index") lladdr $mac dev br0 nud permanent"
	done >"$LAB_STATE/fifty"
	in_ns r ip -batch "$LAB_STATE/fifty" || fail "cannot make the fifty hosts"
	net_settle
	for index in {1..50}; do
		start "fifty$index" "n$index" "$LAB_TRAFFIC" udp-recv --on "$(fifty_address "$index")" --rcvbuf 1000000
	done
	for index in {1..50}; do
		await_ready "fifty$index"
	done
}

# fifty_start COUNT RATE: begins to send so many from r to all of them in turn.
fifty_start() {
	start fifty r "$LAB_TRAFFIC" udp-send --to "$(fifty_address 1)" --targets 50 --count "$1" --rate "$2" --burst 10
}

fifty_wait() {
	wait "${LAB_PID[fifty]}" || fail "fifty: $(cat "$LAB_STATE/fifty.err")"
}

fifty_arrived() {
	local index received=0
	for index in {1..50}; do
		finish "fifty$index"
		received=$((received + $(result "fifty$index" received)))
	done
	((received == $(result fifty sent))) || fail "$received datagrams of the clean traffic arrived"
}

# --- coming and going -----------------------------------------------------------------------------------------

# churn_add INDEX: hosts cINDEX and dINDEX on a link of their own; churn_address is that of cINDEX.
churn_add() {
	local net=$((30 + $1)) c_mac=02:00:00:00:04:0$1 d_mac=02:00:00:00:05:0$1
	host_add "c$1"
	host_add "d$1"
	link_add "c$1" c0 "$c_mac" "d$1" d0 "$d_mac"
	address_add "c$1" c0 "$net" 1
	address_add "d$1" d0 "$net" 2
	neighbour "c$1" c0 "$(address "$net" 2)" "$d_mac"
	neighbour "d$1" d0 "$(address "$net" 1)" "$c_mac"
}

churn_address() {
	address $((30 + $1)) 1
}

# churn TIMES COUNT: so often two namespaces are made, so many datagrams are sent between them, and both are removed.
churn() {
	local index
	for ((index = 1; index <= $1; index++)); do
		churn_add "$index"
		receive "come$index" "c$index" udp-recv --on "$(churn_address "$index")" --rcvbuf 4000000
		send "go$index" "d$index" udp-send --to "$(churn_address "$index")" --count "$2" --size 200
		finish "come$index"
		namespace_remove "$(ns "c$index")"
		namespace_remove "$(ns "d$index")"
	done
}

# churn_arrived TIMES
churn_arrived() {
	local index
	for ((index = 1; index <= $1; index++)); do
		(($(result "go$index" sent) == $(result "come$index" received))) ||
			fail "the clean traffic of the namespaces that came and went was lost as well"
	done
}
