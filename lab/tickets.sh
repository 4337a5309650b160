# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The ticket of a run: what the standard tools print before the faults and after them, as somebody would paste it. The
# program is asked about that text, too, and its answer is held against the truth (ticket.jq). What cannot be told from
# outputs is in tickets.tsv, with the reason.

# ticket_host: what exists once for the machine.
ticket_host() {
	local file
	for file in net/softnet_stat net/stat/arp_cache net/stat/ndisc_cache; do
		echo "# cat /proc/$file"
		cat "/proc/$file" 2>/dev/null
	done
}

# ticket_namespace NAME: what the tools say in it, with the prompt of who asks from outside.
ticket_namespace() {
	ip netns exec "$1" bash -s "$1" <<-'INSIDE'
		name=$1
		show() {
			command -v "$1" >/dev/null || return
			echo "# ip netns exec $name $*"
			"$@" 2>/dev/null
		}
		show nstat -az
		show ip -s -s -d link
		show tc -s -d qdisc
		for path in /sys/class/net/*; do
			device=${path##*/}
			[[ $device != lo ]] || continue
			[[ -z $(tc class show dev "$device") ]] || show tc -s class show dev "$device"
			[[ $(ethtool -i "$device" 2>/dev/null) == *'supports-statistics: yes'* ]] || continue
			for option in -i -S -g -k; do
				show ethtool "$option" "$device"
			done
		done
		show ss -tuanmpi
		show ss -lnt
		show ss -wanmp
		show nft -a list ruleset
		for tool in iptables ip6tables; do
			[[ -z $(cat "/proc/net/${tool/tables/_tables}_names" 2>/dev/null) ]] || show "$tool-legacy-save" -c
		done
		show conntrack -S
		show ip -s neigh
		show sysctl -a -r '^net'
		for file in stat/nf_conntrack netfilter/nfnetlink_queue xfrm_stat sctp/snmp raw raw6 bonding/*; do
			[[ ! -e /proc/net/$file ]] || show cat "/proc/net/$file"
		done
	INSIDE
}

# ticket_take: one reading of all of it, of every namespace of the run's scenes.
ticket_take() {
	local netns
	date '+# date%n%a %b %e %H:%M:%S %Z %Y'
	ticket_host
	for netns in $(ip netns list | awk '{ print $1 }' | sort -V); do
		[[ $TICKET_OF != *" ${netns%-*} "* ]] || ticket_namespace "$netns"
	done
}

# ticket_begin / ticket_end: before the diagnosis begins to watch, and when the faults are over.
ticket_begin() {
	local index
	TICKET_OF=' '
	for index in "${!PARTS[@]}"; do
		TICKET_OF+="$LAB_PREFIX-${PARTS[index]} "
	done
	ticket_take >"$RUN/ticket.txt"
}

ticket_end() {
	local netns
	ticket_take >>"$RUN/ticket.txt"
	read -ra netns < <(tr '\n' ' ' <"$RUN/netns")
	"$WHEREDROP" diagnose --json --from "$RUN/ticket.txt" "${netns[@]}" >"$RUN/ticket.json" 2>"$RUN/ticket.err"
	jq -e .findings "$RUN/ticket.json" >/dev/null 2>&1 || echo "no answer from a ticket: $(head -n 1 "$RUN/ticket.err")"
}

# ticket_expected SCENE: what the answer is from a ticket where that is not the truth (see tickets.tsv).
ticket_expected() {
	awk -F '\t' -v scene="$1" '$1 == scene { print $2 }' "$LAB_DIR/tickets.tsv"
}
