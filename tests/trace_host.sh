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

# shellcheck source=tests/tracing.sh
. tests/tracing.sh

# of REASON FIELD: a number of the totals
of()
{
	jq -r --arg reason "$1" "select(.type == \"totals\") | [.reasons[] | select(.reason == \$reason) | .$2] | add // 0" "$work/output"
}

if ! "$WHEREDROP" trace --duration 100ms >/dev/null 2>"$work/error"; then
	echo "1..0 # SKIP $(head -n 1 "$work/error")"
	exit 0
fi

