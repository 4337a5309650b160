#!/bin/bash
# wheredrop where it cannot see a namespace, as in a container with the host's network: what the kernel drops there is told of
# that namespace by its number, not of this host. Prints TAP.
set -u
: "${WHEREDROP:?}" "${BUILD:?}"
# shellcheck source=tests/trace_host.sh
. tests/trace_host.sh

inode=$(ip netns exec "$host" stat -Lc %i /proc/self/ns/net)
ip netns exec "$host" nft -f - <<-'RULES' || exit 1
	table inet lab {
		chain input {
			type filter hook input priority 0
			udp dport 9 drop
		}
	}
RULES

# diagnosed COMMAND...: by this, while 500 datagrams are lost
diagnosed()
{
	local pid
	"$@" "$WHEREDROP" --json --duration 3s >"$work/output" 2>"$work/error" 9>&- &
	pid=$!
	sleep 1
	lose 500
	wait "$pid"
}
found() # FIELD of the object of the finding with these packets
{
	jq -r ".findings[] | select(.packets == 500) | .object.$1" "$work/output"
}

# shellcheck disable=SC2016 # the inner shell expands them
diagnosed unshare --pid --fork --mount --mount-proc bash -c 'umount --lazy /run/netns/* && exec "$0" "$@"'
[ "$(found netns_inode)" = "$inode" ]
result $? 'drops in a namespace that cannot be seen have its number' "$work/output"
jq -e '.verdict.summary | test("net:\\['"$inode"'\\]")' "$work/output" >/dev/null
result $? 'the sentence has it too' "$work/output"
diagnosed env
[ "$(found netns_inode)" = "$inode" ] && [ "$(found netns)" = "$host" ]
result $? 'where it can be seen it has its name' "$work/output"
echo "1..$number"
