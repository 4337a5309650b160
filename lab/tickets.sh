# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The ticket of a run: what the standard tools print before the faults and after them, as somebody would paste it. The
# program is asked about that text, too, and its answer is held against the truth (ticket.jq). What cannot be told from
# outputs is in tickets.tsv, with the reason.

# ticket_host: what exists once for the machine.
ticket_host() {
	local file
	for file in net/softnet_stat net/stat/arp_cache net/stat/ndisc_cache net/stat/rt_cache; do
		echo "# cat /proc/$file"
		cat "/proc/$file" 2>/dev/null
	done
	echo "# sysctl -a -r ^net"
	sysctl -a -r ^net 2>/dev/null
	echo "# dmesg"
	dmesg 2>/dev/null
}

# ticket_namespace NAME: what the tools say in it, with the prompt of who asks from outside.
ticket_namespace() {
	ip netns exec "$1" bash -s "$1" <<-'INSIDE'
		name=$1
		show() {
			command -v "$1" >/dev/null || return
			echo "# ip netns exec $name $*"
			"$@" 2>&1
		}
		show nstat -az
		show ip -s -s -d link
		show tc -s -d qdisc
		for path in /sys/class/net/*; do
			device=${path##*/}
			[[ $device != lo ]] || continue
			[[ -z $(tc class show dev "$device") ]] || show tc -s class show dev "$device"
			for where in '' ingress egress; do
				[[ -z $(tc filter show dev "$device" $where 2>/dev/null) ]] || show tc -s filter show dev "$device" $where
			done
			[[ $(ethtool -i "$device" 2>/dev/null) == *'supports-statistics: yes'* ]] || continue
			for option in -i -S -g -k; do
				show ethtool "$option" "$device"
			done
		done
		show ss -tuanmpi
		show ss -lnt
		show ss -0anmp
		show nft -a list ruleset
		for tool in iptables ip6tables; do
			# Where a table is there; asked for, it would be made.
			if [[ -n $(cat "/proc/net/${tool/tables/_tables}_names" 2>/dev/null) ]]; then
				show "$tool-legacy-save" -c
			else
				show "$tool-save" -c
			fi
		done
		show conntrack -S
		show ip -s neigh
		show ip route show table all
		show sysctl -a -r '^net'
		for file in stat/nf_conntrack netfilter/nfnetlink_queue xfrm_stat sctp/snmp sockstat raw raw6 netlink; do
			show cat "/proc/net/$file"
		done
		for file in /proc/net/bonding/*; do
			[[ ! -e $file ]] || show cat "$file"
		done
	INSIDE
}

# ticket_namespaces: those of the run's scenes; where the diagnosis is told which to look at, only these.
ticket_namespaces() {
	local index netns
	if grep -q . "$RUN/netns"; then
		sed 's/--netns//g' "$RUN/netns" | xargs -n 1
		return
	fi
	for index in "${!PARTS[@]}"; do
		ip netns list | awk -v prefix="$LAB_PREFIX-${PARTS[index]}-" 'index($1, prefix) == 1 { print $1 }' | sort -V
	done
}

# ticket_take: one reading of all of it.
ticket_take() {
	local netns
	date '+# date%n%a %b %e %H:%M:%S %Z %Y'
	ticket_host
	for netns in $(ticket_namespaces); do
		ticket_namespace "$netns"
	done
}

# ticket_begin / ticket_end: before the diagnosis begins to watch, and when the faults are over.
ticket_begin() {
	ticket_take >"$RUN/ticket.txt"
}

ticket_end() {
	ticket_take >>"$RUN/ticket.txt"
	"$WHEREDROP" diagnose --json --from "$RUN/ticket.txt" >"$RUN/ticket.json" 2>"$RUN/ticket.err"
	jq -e .findings "$RUN/ticket.json" >/dev/null 2>&1 || echo "no answer from a ticket: $(head -n 1 "$RUN/ticket.err")"
}

# ticket_expected SCENE: what the answer is from a ticket where that is not the truth (see tickets.tsv).
ticket_expected() {
	awk -F '\t' -v scene="$1" '$1 == scene { print $2 }' "$LAB_DIR/tickets.tsv"
}
