# shellcheck shell=bash
# A namespace in which a program reads datagrams, until a test stops it; sourced with the namespace's name in `netns`. Sets
# `work`, a directory, and `reader`, the program's process. All of it ends with the test, which may add to that in reader_end().
# shellcheck disable=SC2034 # for the test
wheredrop=${WHEREDROP:?}
netns=${netns:?} traffic=${BUILD:?}/lab-traffic
work=$(mktemp -d)
# shellcheck source=tests/tap.sh
. tests/tap.sh
reader=''

reader_end()
{
	:
}

cleanup()
{
	reader_end
	[ -z "$reader" ] || { kill -KILL "$reader" && wait "$reader"; } 2>/dev/null
	ip netns del "$netns" 2>/dev/null
	rm -rf "$work"
}

if [ "$(id -u)" -ne 0 ] || ! ip netns add "$netns" 2>/dev/null; then
	echo "1..0 # SKIP no right to make network namespaces"
	exit 0
fi
trap cleanup EXIT
ip -n "$netns" link set lo up
ip netns exec "$netns" "$traffic" udp-recv --on 127.0.0.1 --rcvbuf 20000 >"$work/reader" 2>&1 &
reader=$!
until grep -qs ready "$work/reader" || ! kill -0 "$reader" 2>/dev/null; do
	sleep 0.02
done

# Of a stopped reader the queue is full after 100 of them; from then on every datagram is lost.
flood() # COUNT, at 1000 per second
{
	ip netns exec "$netns" "$traffic" udp-send --to 127.0.0.1 --size 1000 --rate 1000 --count "$1" >/dev/null
}
