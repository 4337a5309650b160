# shellcheck shell=bash
# For tests of wheredrop trace: a namespace whose packets can be lost, and the trace of them. Source this; it ends the
# test as skipped where that cannot be had.
# shellcheck source=tests/tap.sh
. tests/tap.sh
traffic=$BUILD/lab-traffic
host=wd-trace-$$
work=$(mktemp -d)
said=("$work/error")

if ! ip netns add "$host" 2>/dev/null; then
	echo "1..0 # SKIP needs the right to make a network namespace"
	exit 0
fi
clean_up()
{
	ip netns del "$host"
	rm -rf "$work"
}
trap clean_up EXIT
ip -n "$host" link set lo up
# Counters of the host belong to whoever measures.
# shellcheck source=lab/lock.sh
. lab/lock.sh
lab_lock

# lose NUMBER [FAMILY]: so many datagrams to a port where nobody listens
lose()
{
	local to=127.0.0.1
	[ "${2:-4}" = 4 ] || to=::1
	ip netns exec "$host" "$traffic" udp-send --to "$to" --port 9 --count "$1" --rate 1000000 >/dev/null 9>&-
}

# traced ARGUMENT... -- COMMAND...: trace runs while the command does, and half a second longer
traced()
{
	local arguments=() pid
	while [ "$1" != -- ]; do
		arguments+=("$1")
		shift
	done
	shift
	detached
	"$WHEREDROP" trace "${arguments[@]}" >"$work/output" 2>"$work/error" 9>&- &
	pid=$!
	attached
	"$@"
	sleep 0.5
	kill -INT "$pid" 2>/dev/null
	wait "$pid"
}

# The ids of attached probes that are not somebody else's: one line each.
probes()
{
	bpftool prog show 2>/dev/null | sed -n 's/^\([0-9]*\): .*name wd_drop_.*/\1/p' | grep -vxF "${others:-none}"
}

attached() # until the probe is there
{
	for _ in $(seq 100); do
		[ -n "$(probes)" ] && return
		sleep 0.05
	done
}
detached() # until that of the trace before is gone
{
	for _ in $(seq 100); do
		[ -z "$(probes)" ] && return
		sleep 0.05
	done
}
others=$(bpftool prog show 2>/dev/null | sed -n 's/^\([0-9]*\): .*name wd_drop_.*/\1/p')

# of REASON FIELD: a number of the totals
of()
{
	jq -r --arg reason "$1" "select(.type == \"totals\") | [.reasons[] | select(.reason == \$reason) | .$2] | add // 0" "$work/output"
}

if ! "$WHEREDROP" trace --duration 100ms >/dev/null 2>"$work/error"; then
	echo "1..0 # SKIP $(head -n 1 "$work/error")"
	exit 0
fi

