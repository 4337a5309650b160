# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What moved: every counter of the scene's namespaces, before and after the fault, from the plain kernel
# files and the standard tools, so that a scene's truth can be checked by eye and without wheredrop.

# counters_of HOST: lines "KEY VALUE"
counters_of() {
	in_ns "$1" bash -s "$1" <<-'INSIDE'
		awk -v host="$1" '
			FILENAME ~ /snmp6$/ { print host "|snmp6." $1, $2; next }
			$1 in names { split(names[$1], name); for (i = 2; i <= NF; i++) print host "|" $1 name[i], $i
				      delete names[$1]; next }
			{ names[$1] = $0 }' /proc/net/snmp /proc/net/netstat /proc/net/snmp6 2>/dev/null
		ip -j -s -s link | jq -r --arg host "$1" '.[] | .ifname as $dev | .stats64 | to_entries[] |
			.key as $way | .value | to_entries[] | "\($host)|\($dev).\($way)_\(.key) \(.value)"'
		tc -j -s qdisc | jq -r --arg host "$1" '.[] | "\($host)|\(.dev)/\(.kind)" as $object | to_entries[] |
			select(.key != "handle" and (.value | type == "number")) | "\($object).\(.key) \(.value)"'
		nft -a -t list ruleset 2>/dev/null | awk -v host="$1" '
			$1 == "chain" { chain = $2 }
			match($0, /counter packets [0-9]+/) {
				print host "|nft." chain "." $NF, substr($0, RSTART + 16, RLENGTH - 16) }'
		for tool in iptables ip6tables; do
			for table in $(cat "/proc/net/${tool/tables/_tables}_names" 2>/dev/null); do
				"$tool-legacy-save" -c -t "$table" | awk -F'\\[|\\]|:' -v what="$1|$tool.$table." '
					/^:/ { split($2, chain, " "); print what chain[1] ".policy", $3 }
					/^\[/ { count = $2; sub(/.*-A /, ""); gsub(/ /, "_"); print what $0, count }'
			done
		done
		ss -Hn0 --memory 2>/dev/null | awk -v host="$1" '
			match($0, /,d[0-9]+\)/) { drops += substr($0, RSTART + 2, RLENGTH - 3) }
			END { print host "|ss.packet_drops", drops + 0 }'
		ss -Hanup --memory 2>/dev/null | awk -v host="$1" '
			match($0, /,d[0-9]+\)/) { drops += substr($0, RSTART + 2, RLENGTH - 3) }
			END { print host "|ss.udp_drops", drops + 0 }'
	INSIDE
}

counters_snapshot() {
	local name
	for name in $(ip netns list | sed -n "s/^$LAB_PREFIX-$LAB_OWNER-\([^ ]*\).*/\1/p" | sort); do
		counters_of "$name"
		ip netns exec "$(ns "$name")" bash -c "$(declare -f statistics_snapshot); statistics_snapshot $name nf_conntrack"
	done
	softnet_snapshot
	# The neighbour tables and the routing statistics exist once for the machine.
	statistics_snapshot host arp_cache ndisc_cache rt_cache
}

# statistics_snapshot NAME FILE...: /proc/net/stat: a line of names, then a line of hexadecimal numbers per CPU.
statistics_snapshot() {
	local who=$1 file names values index
	shift
	for file in "$@"; do
		local -A sum=()
		{
			read -ra names
			while read -ra values; do
				for index in "${!names[@]}"; do
					sum[${names[index]}]=$((${sum[${names[index]}]:-0} + 16#${values[index]}))
				done
			done
		} <"/proc/net/stat/$file" || continue
		# What is there now, and how often the tables were looked at, is no loss.
		for index in "${!sum[@]}"; do
			[[ $index =~ entries|lookups|hits|_slow_|gc_runs ]] || echo "$who|$file.$index ${sum[$index]}"
		done
		unset sum
	done
}

# Columns 2, 3, 10 and 11 of net/core/net-procfs.c: softnet_seq_show; not with awk, which adds hexadecimal as decimal.
softnet_snapshot() {
	local cpu=0 field
	while read -ra field; do
		echo "cpu$cpu|softnet.dropped $((16#${field[1]}))"
		echo "cpu$cpu|softnet.time_squeeze $((16#${field[2]}))"
		echo "cpu$cpu|softnet.received_rps $((16#${field[9]}))"
		echo "cpu$cpu|softnet.flow_limit $((16#${field[10]}))"
		cpu=$((cpu + 1))
	done </proc/net/softnet_stat
}

# counters_moved BEFORE AFTER: what changed, without the bytes.
counters_moved() {
	awk 'NR == FNR { before[$1] = $2; next }
	     $1 !~ /[Oo]ctets|bytes/ && $2 != before[$1] { printf "  %-44s %+d\n", $1, $2 - before[$1] }' "$1" "$2"
}

# events_start / events_print: the kernel's own drop events by reason and place, where perf is installed.
events_start() {
	command -v perf >/dev/null || return
	# shellcheck disable=SC2016
	unshare --mount bash -c 'mount -t tracefs none /sys/kernel/tracing 2>/dev/null
		exec perf record -q -a -e skb:kfree_skb -o "$0" sleep 60' "$LAB_STATE/events" \
		>/dev/null 2>&1 9>&- &
	LAB_PID['events']=$!
	sleep 0.7
}

events_print() {
	[[ -n ${LAB_PID[events]:-} ]] || return
	kill -INT "${LAB_PID[events]}"
	wait "${LAB_PID[events]}" 2>/dev/null
	unset 'LAB_PID[events]'
	# shellcheck disable=SC2016
	unshare --mount bash -c 'mount -t tracefs none /sys/kernel/tracing 2>/dev/null
		exec perf script -i "$0" -F event,trace 2>/dev/null' "$LAB_STATE/events" |
		sed -n 's/.*protocol=\([0-9]*\) location=\([^ ]*\) reason: \(.*\)/\3 at \2 protocol \1/p' |
		sort | uniq -c | sort -rn | sed 's/^/  event/'
}

# The whole truth of one scene: runs inside the scene's own shell.
scene_truth() {
	local lost
	setup || fail "setup failed"
	events_start
	counters_snapshot >"$LAB_STATE/before"
	run_fault || fail "run_fault failed"
	sleep 0.2
	counters_snapshot >"$LAB_STATE/after"
	echo "$SCENE IPv$FAMILY: $TITLE"
	counters_moved "$LAB_STATE/before" "$LAB_STATE/after"
	events_print
	lost=$(lost) || fail "lost failed"
	echo "  lost: ${lost:-not known}"
}

# truth_run NAME FAMILY: in a shell of its own, so that its end takes everything back.
truth_run() (
	lab_lock || fail "cannot lock ${TMPDIR:-/tmp}/wheredrop-lab.lock"
	lab_sweep
	FAMILY=$2
	# shellcheck disable=SC2034
	LAB_RESULT=$RESULTS/truth
	lab_begin
	scene_load "$1"
	scene_truth
)

truth_show() {
	local name family failed=0
	for name in "$@"; do
		for family in $(scene_families "$name"); do
			truth_run "$name" "$family"
			case $? in
			0) ;;
			77) echo "$name IPv$family: skipped: $(cat "$RESULTS/truth.skip")" ;;
			130) exit 130 ;;
			*) failed=1 ;;
			esac
		done
	done
	return $failed
}
