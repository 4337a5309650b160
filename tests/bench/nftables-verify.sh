#!/bin/bash
# Once /tmp/wd/lab-free exists: flock /tmp/wheredrop-lab.lock bash /tmp/wd/fwdev/verify.sh   (under 60 s)
cd /tmp/wd/fwdev || exit
ip netns add wdfw && trap 'ip netns del wdfw; ip netns del wdfw2 2>/dev/null' EXIT
python3 - >big.nft <<'P'
print("table inet big {\n chain input {\n  type filter hook input priority 0; policy drop;")
for i in range(100000): print(f"  ip saddr 10.{i>>16}.{(i>>8)&255}.{i&255} counter drop")
print(" }\n}")
P
ip netns exec wdfw nft -f big.nft
echo "== 100,000 dropping rules, new"; ip netns exec wdfw ./readone-new
echo "== the same, old"; ip netns exec wdfw ./readone-old
ip netns del wdfw; ip netns add wdfw
sed 's/ # handle [0-9]*//' ruleset.nft | ip netns exec wdfw nft -f -
ip netns exec wdfw ip link set lo up
echo "== texts and names as the kernel dumps them"
(sleep 0.3; echo; ip netns exec wdfw ping -c1 -W1 127.0.0.1 >/dev/null; echo; sleep 0.3) | ip netns exec wdfw ./readone-new print
ip netns exec wdfw ./readone-old | tail -1
