#!/bin/bash
# The sampler on real namespaces: deleted, created and hidden ones in the window, an interrupted window, a killed
# sampler, and one without rights. Prints TAP. Needs root; what it makes is called wd-engine-PID-….
set -u
window=${BUILD:?}/tests/sampler-window
prefix=wd-engine-$$
work=$(mktemp -d)
# shellcheck source=tests/tap.sh
. tests/tap.sh
children=()

cleanup()
{
	local name pid
	for pid in "${children[@]}"; do
		kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	for name in $(ip netns list 2>/dev/null | awk '{ print $1 }' | grep "^$prefix-"); do
		ip netns del "$name"
	done
	rm -rf "$work"
}

# Starts a window in the background and waits for its first tick. Sets $pid and $out.
begin() # NAME ARGUMENT…
{
	out=$work/$1
	shift
	"$window" "$@" >"$out" 2>"$out.error" &
	pid=$!
	children+=("$pid")
	until grep -qs '^ready$' "$out" || ! kill -0 "$pid" 2>/dev/null; do
		sleep 0.02
	done
}

readings() # NAME FILE: of the namespace with that name
{
	sed -n "s/^netns .* name \"$1\" .* readings \([0-9]*\) .*/\1/p" "$2"
}

milliseconds()
{
	echo $(($(date +%s%N) / 1000000))
}

# A network namespace that only a mount holds, in a mount namespace of its own.
hold_in_private_mounts()
{
	# shellcheck disable=SC2016 # the inner shell expands them
	unshare --mount --propagation private bash -c '
		mount -t tmpfs none "$1" && touch "$1/hidden" &&
		unshare --net mount --bind /proc/self/ns/net "$1/hidden" && exec sleep 60' bash "$work/mnt" &
	children+=("$!")
}

if [ "$(id -u)" -ne 0 ] || ! ip netns add "$prefix-probe" 2>/dev/null; then
	echo "1..0 # SKIP no right to make network namespaces"
	exit 0
fi
trap cleanup EXIT
ip netns del "$prefix-probe"

# A deleted namespace: the host's end of its veth goes with it, and nothing is said to be missing.
ip netns add "$prefix-dies"
ip link add "wde$$a" type veth peer name "wde$$b" netns "$prefix-dies"
begin dies 3s
sleep 1
start=$(milliseconds)
ip netns del "$prefix-dies"
while [ -e "/sys/class/net/wde$$a" ] && [ $(($(milliseconds) - start)) -lt 3000 ]; do
	sleep 0.005
done
took=$(($(milliseconds) - start))
wait "$pid"
result $? "the window survives a namespace that is deleted in it" "$out.error"
[ "$took" -le 200 ]
result $? "the host's end of its veth is gone within 200 ms (took $took ms)"
grep -q ' vanished [1-9]' "$out"
result $? "the namespace is said to have vanished" "$out"
! grep -q "^miss .*$prefix-dies" "$out"
result $? "what vanished is not a miss" "$out"
[ "$(readings "$prefix-dies" "$out")" -gt 3 ]
result $? "it was read while it lived" "$out"

# A created one: what it counted before its first reading was counted in the window.
begin comes 2s
kill -STOP "$pid"
ip netns add "$prefix-comes"
ip -n "$prefix-comes" link set lo up
ip netns exec "$prefix-comes" bash -c 'for _ in {1..7}; do echo x >/dev/udp/127.0.0.1/9; done'
kill -CONT "$pid"
wait "$pid"
grep -q "name \"$prefix-comes\" path \"/run/netns/$prefix-comes\" pid 0 born 1" "$out"
result $? "a namespace that is created in the window is named and born in it" "$out"
[ "$(readings "$prefix-comes" "$out")" -gt 3 ]
result $? "it is read from then on" "$out"
grep -q "name \"$prefix-comes\" .* no_ports 7$" "$out"
result $? "what it lost before its first reading counts" "$out"

# One of a process, and a hidden one.
mkdir "$work/mnt"
unshare --net sleep 60 &
holder=$!
children+=("$holder")
hold_in_private_mounts
for _ in {1..100}; do
	grep -q /hidden "/proc/${children[-1]}/mountinfo" 2>/dev/null && break
	sleep 0.02
done
begin kinds 1s
wait "$pid"
[ "$(readings "pid $holder (sleep)" "$out")" -gt 3 ]
result $? "a process's namespace is read" "$out"
[ "$(readings hidden "$out")" -gt 3 ]
result $? "a namespace that another mount namespace holds is read" "$out"

# One alone.
begin one 500ms 100ms "$prefix-comes"
wait "$pid"
grep -q '^namespaces 1 ' "$out" && [ "$(readings "$prefix-comes" "$out")" -gt 2 ]
result $? "one namespace alone is read" "$out"
begin none 500ms 100ms "$prefix-none"
wait "$pid"
[ $? -eq 2 ] && grep -q 'no such network namespace' "$out.error"
result $? "one that is not there is an error" "$out.error"

# Ended early.
begin stopped 60s
start=$(milliseconds)
kill -INT "$pid"
wait "$pid"
result $? "an interrupted window ends well" "$out.error"
[ $(($(milliseconds) - start)) -lt 5000 ] && grep -q ' stopped 1 ' "$out"
result $? "it ends soon and says so" "$out"

# Killed while helpers run: they go with it.
begin killed 61s 100ms ''
kill -KILL "$pid"
wait "$pid" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do
	left=$(pgrep -fc "^$window 61s") || true
	[ "$left" -eq 0 ] && break
	sleep 0.1
done
[ "$left" -eq 0 ]
result $? "no helper outlives a killed sampler"

# Without any right.
install -m 0755 "$window" "$work/window"
chmod 0755 "$work"
setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$work/window" 500ms >"$work/nobody" 2>&1
result $? "without rights the window runs" "$work/nobody"
[ "$(readings '' "$work/nobody")" -gt 2 ]
result $? "without rights the own namespace is read" "$work/nobody"
grep -q "^miss snmp on \"$prefix-comes\": -1 cannot enter the namespace: no permission (needs root)" "$work/nobody"
result $? "without rights every other namespace is a miss with its reason" "$work/nobody"

echo "1..$number"
