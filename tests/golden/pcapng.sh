#!/bin/bash
# A capture file in the hands of tshark, which was not written here: it reads every block, shows the comments, and what
# it decodes of each packet is what the comment, our own line about that packet, says. Prints TAP.
set -u
: "${BUILD:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh
work=$(mktemp -d)
said=("$work/said")
trap 'rm -rf "$work"' EXIT

if ! command -v tshark >/dev/null || ! command -v capinfos >/dev/null; then
	echo "1..0 # SKIP tshark is not installed"
	exit 0
fi
export HOME="$work" # nobody's settings

# fields FILE FIELD...: of each packet a line, tabs between the fields and commas between the values of one. It warns
# root, which is no complaint.
fields()
{
	local file=$1 status
	shift
	tshark -n -o ip.defragment:FALSE -o ipv6.defragment:FALSE -r "$file" -T fields -E occurrence=a "${@/#/-e}" \
		2>"$work/all-said"
	status=$?
	grep -v '^Running as user' "$work/all-said" >"$work/said"
	return "$status"
}

"$BUILD/tests/pcapng-sample" >"$work/sample" 2>"$work/said"
result $? "a file is written"
asked=(frame.protocols frame.comment ip.src ip.dst ipv6.src ipv6.dst arp.src.proto_ipv4 arp.dst.proto_ipv4
	tcp.srcport tcp.dstport tcp.flags udp.srcport udp.dstport sctp.srcport sctp.dstport ip.frag_offset ip.flags.mf
	ipv6.fraghdr.offset ipv6.fraghdr.more vxlan.vni geneve.vni gre.key)
fields "$work/sample" "${asked[@]}" >"$work/packets" && [ ! -s "$work/said" ]
result $? "tshark reads it and complains about nothing"

python3 - "$work/packets" "$number" "${asked[@]}" >"$work/lines" <<'CHECK'
import re, sys

packets, number, asked = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
NETWORKS = {"ip": "IPv4", "ipv6": "IPv6", "arp": "ARP"}
FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"]
OTHERS = {"lldp": "LLDP packet", "llc": "IEEE 802.3 frame", "data": "frame of EtherType 0x9999"}

def last(packet, name):
    return packet[name].split(",")[-1]

def addresses(packet, network, which):
    prefix, suffix = ("arp.", ".proto_ipv4") if network == "arp" else (network + ".", "")
    return [packet[prefix + end + suffix].split(",")[which] for end in ("src", "dst")]

def ends(packet, network, transport):
    """Both ends of the innermost packet, as our line begins with them."""
    shown = addresses(packet, network, -1)
    if transport in ("tcp", "udp", "sctp"):
        ports = [last(packet, transport + end) for end in (".srcport", ".dstport")]
        shown = [("[%s]:%s" if network == "ipv6" else "%s:%s") % end for end in zip(shown, ports)]
    return "%s %s > %s" % (NETWORKS[network], *shown)

def parts(packet):
    """What our line must say of what tshark decoded."""
    protocols = packet["frame.protocols"].split(":")
    networks = [i for i, name in enumerate(protocols) if name in NETWORKS]
    if "icmp" in protocols:  # what such a message quotes is not in a tunnel
        networks = [i for i in networks if i < protocols.index("icmp")]
    if not networks:
        return [next(OTHERS[name] for name in protocols if name in OTHERS)]
    network = protocols[networks[-1]]
    above = protocols[networks[-1]:]
    transport = next((name for name in above if name in ("tcp", "udp", "sctp", "icmp", "icmpv6")), "")
    said = [ends(packet, network, transport)]
    if transport:
        said.append({"icmpv6": "ICMPv6"}.get(transport, transport.upper()))
    if transport == "tcp":
        said.append("+".join(name for i, name in enumerate(FLAGS) if int(last(packet, "tcp.flags"), 16) >> i & 1))
    offset = int(last(packet, "ip.frag_offset") or 0) or int(last(packet, "ipv6.fraghdr.offset") or 0)
    if offset:
        said.append("fragment at %d" % (offset * 8))
    elif last(packet, "ip.flags.mf") in ("1", "True") or last(packet, "ipv6.fraghdr.more") in ("1", "True"):
        said.append("first fragment")
    for name, field in ("VXLAN", "vxlan.vni"), ("Geneve", "geneve.vni"), ("GRE", "gre.key"):
        if packet[field] and "ppp" not in protocols:
            said.append("%s %d" % (name, int(packet[field], 0)))
    if len(networks) > 1:
        said.append("from %s to %s" % tuple(addresses(packet, protocols[networks[0]], 0)))
    return said

for line in open(packets):
    packet = dict(zip(asked, line.rstrip("\n").split("\t")))
    comment = packet["frame.comment"]
    if not comment or "VXLAN 16777215" in comment:  # tshark has to be told of that port: below
        continue
    number += 1
    expected, rest = parts(packet), comment
    agreed = comment.startswith(expected[0]) and all(part in comment for part in expected)
    for part in expected:
        rest = rest.replace(part, "", 1)
    agreed = agreed and not re.search(r"[.:]|from|fragment|malformed|cut|deep", rest)  # no more than tshark sees
    print("ok" if agreed else "not ok", number, "- tshark sees:", comment)
    if not agreed:
        print("#", packet["frame.protocols"], expected)
CHECK
cat "$work/lines"
agreements=$(grep -c '^ok' "$work/lines")
number=$((number + $(grep -c '^\(not \)\?ok' "$work/lines")))
[ "$agreements" -eq 38 ]
result $? "of 38 packets our line and tshark agree ($agreements)"

tshark -n -d udp.port==8472,vxlan -r "$work/sample" -Y 'vxlan.vni == 16777215' \
	-T fields -e arp.src.proto_ipv4 -e arp.opcode -e frame.comment >"$work/arp" 2>"$work/said"
[ "$(cat "$work/arp")" = \
	$'10.0.0.1\t2\tARP 10.0.0.1 > 10.0.0.2 reply in VXLAN 16777215 from 2001:db8:f::1 to 2001:db8:f::2' ]
result $? "tshark sees the packet in the port that VXLAN had before it had one" "$work/arp"

# frame OF-PACKET FIELD...
frame()
{
	fields "$work/sample" "${@:2}" | sed -n "$1p"
}
[ "$(frame 1 frame.time_epoch frame.interface_name frame.interface_description)" = $'1767225600.123456789\ttun0\t' ]
result $? "nanoseconds and the interface of a packet"
[ "$(frame 20 frame.interface_name frame.interface_description)" = $'eth0\tnamespace shop' ]
result $? "the interface of another one, and where it is"
fields "$work/sample" frame.packet_flags_direction >"$work/directions"
[ "$(sed -n '1p;20p;40p' "$work/directions" | tr '\n' ';')" = '0x00000002;0x00000001;;' ]
result $? "out, in, and not known"
[ "$(frame 39 frame.cap_len frame.len)" = $'38\t1400' ]
result $? "the length of a packet of which only the beginning is there"
[ "$(frame 40 frame.protocols arp.opcode arp.src.proto_ipv4 eth.src)" = \
	$'eth:ethertype:arp\t2\t10.0.0.1\t00:00:00:00:00:00' ]
result $? "a packet that came without its link header"

capinfos "$work/sample" >"$work/info" 2>"$work/said"
status=$?
for line in 'Capture hardware: *x86_64' 'Capture oper-sys: *Linux' 'Capture application: *pcapng-sample' \
	'Number of interfaces in file: 2' 'Number of packets: *40'; do
	grep -q "$line" "$work/info" || status=1
done
[ "$(grep -c 'Number of stat entries = 1' "$work/info")" -eq 2 ] || status=1
result "$status" "where it was made, and the statistics of both interfaces" "$work/info"

"$BUILD/tests/pcapng-sample" | fields - frame.comment >"$work/piped"
cut -f 2 "$work/packets" | cmp - "$work/piped"
result $? "the same through a pipe"

# Twins that must fail: a file that ends within a block, and a reader that has gone.
head -c 3001 "$work/sample" >"$work/cut"
! fields "$work/cut" frame.comment >"$work/some" && grep -q 'cut short' "$work/said" &&
	[ "$(wc -l <"$work/some")" -eq 18 ]
result $? "a file that was cut is read up to its last whole block, and tshark says so" "$work/some"
"$BUILD/tests/pcapng-sample" 2>"$work/said" >/dev/full
[ $? -eq 1 ] && [ "$(cat "$work/said")" = 'pcapng-sample: standard output: No space left on device' ]
result $? "a full disk is told once"

echo "1..$number"
