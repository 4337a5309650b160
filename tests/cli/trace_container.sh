#!/bin/bash
# Whose packets they were: wheredrop trace names the namespace, the container and the control group of dropped packets, where
# there are such, and none elsewhere. Prints TAP. What it makes is called wd-trace-PID; its control groups are taken back.
set -u
: "${WHEREDROP:?}" "${BUILD:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh
traffic=$BUILD/lab-traffic
host=wd-trace-$$
id=5ca1ab1e0ddba11cafe0123456789abcdef5ca1ab1e0ddba11cafe0123456789
container=/system.slice/docker-$id.scope
service=/system.slice/wd-trace-$$.service
work=$(mktemp -d)
said=("$work/error" "$work/first")
reader='' made=()

root=$(findmnt -nt cgroup2 -o TARGET | head -n 1)
if [ -z "$root" ] || ! ip netns add "$host" 2>/dev/null; then
	echo "1..0 # SKIP needs control groups of version 2 and the right to make a network namespace"
	exit 0
fi

clean_up()
{
	local index
	stop_reader
	ip netns del "$host"
	for ((index = ${#made[@]} - 1; index >= 0; index--)); do
		for _ in $(seq 100); do # what was just killed may be in it for some milliseconds more
			rmdir "${made[index]}" 2>/dev/null && break
			sleep 0.02
		done
	done
	rm -rf "$work"
}

stop_reader()
{
	[ -z "$reader" ] || { kill -KILL "$reader" && wait "$reader"; } 2>/dev/null
	reader=''
}
trap clean_up EXIT

for path in /system.slice "$container" "$service"; do
	[ ! -d "$root$path" ] || continue
	mkdir "$root$path" 2>/dev/null || { echo "1..0 # SKIP cannot make a control group"; exit 0; }
	made+=("$root$path")
done
ip -n "$host" link set lo up
ip netns exec "$host" nft add table inet lab || exit 1
ip netns exec "$host" nft add chain inet lab input '{ type filter hook input priority 0; }'
ip netns exec "$host" nft add rule inet lab input udp dport 10 drop
# Counters of the host belong to whoever measures.
# shellcheck source=lab/lock.sh
. lab/lock.sh
lab_lock
# shellcheck source=tests/tracing.sh
. tests/tracing.sh
if ! "$WHEREDROP" trace --duration 100ms >/dev/null 2>"$work/error"; then
	echo "1..0 # SKIP $(head -n 1 "$work/error")"
	exit 0
fi

# start_reader CGROUP: one that is stopped, and was in that control group before it had a socket
start_reader()
{
	stop_reader
	: >"$work/reader"
	bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$root$1" \
		ip netns exec "$host" "$traffic" udp-recv --on 127.0.0.1 --port 7 --rcvbuf 4000 >"$work/reader" 2>&1 9>&- &
	reader=$!
	for _ in $(seq 250); do
		grep -qs ready "$work/reader" && break
		sleep 0.02
	done
	kill -STOP "$reader"
}

send() # PORT
{
	ip netns exec "$host" "$traffic" udp-send --to 127.0.0.1 --port "$1" --count 100 --rate 10000 >/dev/null 9>&-
}

# What a failure shows.
first()
{
	head -n 2 "$work/output" >"$work/first"
}

# drops REASON FILTER: there are lines of that reason, and each is so
drops()
{
	first
	jq -se --arg reason "$1" --arg netns "$host" --arg id "${id:0:12}" --arg container "$container" --arg service "$service" \
		--argjson pid "$reader" "[.[] | select(.type == \"drop\" and .reason == \$reason)] |
		length > 0 and all(.netns == \$netns and ($2))" "$work/output" >/dev/null
}

# lines REASON WORDS: there are lines of that reason, and each has these words
lines()
{
	first
	grep -qF " $1 " "$work/output" && ! grep -F " in $host " "$work/output" | grep -F " $1 " | grep -vqE "$2"
}

# shellcheck disable=SC2016 # the $ are of jq
{
start_reader "$container"
traced --json --netns "$host" -- send 7
drops SOCKET_RCVBUFF '.container == $id and .cgroup == $container and .pid == $pid and .comm == "lab-traffic"'
result $? 'a packet for a reader in a container has its name, its control group and its process'
traced --json --netns "$host" -- send 9
drops NO_SOCKET '.container == $id and .cgroup == null and .pid == null'
result $? 'one that was for nobody has that of the namespace'
traced --json --netns "$host" -- send 10
drops NETFILTER_DROP '.container == $id'
result $? 'and so has one that a rule dropped'
traced --netns "$host" -- send 7
lines SOCKET_RCVBUFF "  lab-traffic\\[$reader\\]  container ${id:0:12}  "
result $? 'the lines for people say so, too'

start_reader "$service"
traced --json --netns "$host" -- send 7
drops SOCKET_RCVBUFF '.container == null and .cgroup == $service and .pid == $pid'
result $? 'a packet for a service has its control group, and no container'
traced --netns "$host" -- send 7
lines SOCKET_RCVBUFF "  lab-traffic\\[$reader\\]  $service  "
result $? 'the lines for people say so, too'

start_reader ''
traced --json --netns "$host" -- send 7
drops SOCKET_RCVBUFF '.container == null and .cgroup == "/" and .pid == $pid'
result $? 'elsewhere there is neither'
traced --netns "$host" -- send 7
lines SOCKET_RCVBUFF "  lab-traffic\\[$reader\\]  [a-z_0-9]+\\+0x" && ! grep -qE 'container|slice' "$work/output"
result $? 'nor is there in the lines for people'
}
echo "1..$number"
