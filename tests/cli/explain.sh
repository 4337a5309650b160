#!/bin/bash
# explain answers for every name that this kernel and its tools print, and for every driver's name that is known. Prints
# TAP. Each test is one run of the program with all names of its kind.
set -u
shopt -s lastpipe # so that a test behind a pipe counts
: "${WHEREDROP:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh
work=$(mktemp -d)
said=("$work/missing")
trap 'rm -rf "$work"' EXIT

# answers DESCRIPTION: for every line of standard input, by that very name; the names that it does not know are shown.
answers()
{
	local names word
	mapfile -t names < <(grep . | sort -u)
	: >"$work/missing"
	while [ "${#names[@]}" -gt 0 ] && ! "$WHEREDROP" explain -- "${names[@]}" >"$work/output" 2>"$work/error"; do
		# It stops at the first name that nothing is like.
		word=$(sed "s/^wheredrop: nothing is called '//; s/'[;,].*//" "$work/error")
		grep -qxF -- "$word" <<<"$(printf '%s\n' "${names[@]}")" || { cp "$work/error" "$work/missing"; break; }
		echo "$word" >>"$work/missing"
		mapfile -t names < <(printf '%s\n' "${names[@]}" | grep -vxF -- "$word")
	done
	sed -n 's/^Nothing is called \(.*\); th.*/\1/p' "$work/output" >>"$work/missing"
	[ "${#names[@]}" -gt 0 ] && [ ! -s "$work/missing" ]
	result $? "$1"
}

skip() # DESCRIPTION REASON
{
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# "Tcp: RtoAlgorithm RtoMin" above "Tcp: 1 200": TcpRtoAlgorithm, TcpRtoMin, as nstat has them.
for file in snmp netstat; do
	awk '!seen[$1]++ { prefix = $1; sub(":", "", prefix); for (i = 2; i <= NF; i++) print prefix $i }' "/proc/net/$file" |
		answers "every name of /proc/net/$file"
done
for file in snmp6 xfrm_stat sctp/snmp; do
	if [ -r "/proc/net/$file" ]; then
		awk '{ print $1 }' "/proc/net/$file" | answers "every name of /proc/net/$file"
	else
		skip "every name of /proc/net/$file" 'this kernel does not have it'
	fi
done
printf '%s\n' IcmpMsgInType3 IcmpMsgOutType11 Icmp6InType135 Icmp6OutType255 icmpmsgintype42 |
	answers 'counters that the kernel names after the type of an ICMP message'

# "TCP: inuse 1 orphan 0": TCP.inuse, TCP.orphan.
cat /proc/net/sockstat /proc/net/sockstat6 2>/dev/null |
	awk '{ sub(":", "", $1); for (i = 2; i < NF; i += 2) print $1 "." $i }' |
	answers 'every name of /proc/net/sockstat and sockstat6'
for file in /proc/net/stat/*; do
	head -n 1 "$file" | tr -s ' \t' '\n' | answers "every column of $file"
done
# Columns without names: those that people use, and the program's own.
columns=(total dropped squeezed throttled throttled throttled throttled throttled cpu_collision rps flow_limit
	backlog cpu_index backlog_input backlog_process)
printf '%s\n' "${columns[@]:0:$(head -n 1 /proc/net/softnet_stat | wc -w)}" |
	answers 'every column of /proc/net/softnet_stat'
sed -n 2p /proc/net/dev | tr -s '|' ' ' | tr -s ' ' '\n' | grep -v '^face$' | answers 'every column of /proc/net/dev'

# The fields of IFLA_STATS64, from the kernel's own header where it is installed.
header=/usr/include/linux/if_link.h
if [ -r "$header" ]; then
	sed -n '/^struct rtnl_link_stats64/,/^}/p' "$header" | grep -oP '__u64\s+\K\w+' | answers 'every field of IFLA_STATS64'
else
	skip 'every field of IFLA_STATS64' "there is no $header"
fi
ls /sys/class/net/lo/statistics | answers 'every file of /sys/class/net/*/statistics'

# Drivers that nobody has looked at yet may be in any machine: those of this table must be answered for.
if command -v ethtool >/dev/null; then
	for link in /sys/class/net/*; do
		driver=$(ethtool -i "${link##*/}" 2>/dev/null | sed -n 's/^driver: //p')
		case $driver in
		'') ;;
		veth | virtio_net | ifb | bridge | bonding | dummy | tun)
			ethtool -S "${link##*/}" 2>/dev/null | sed -n '2,$s/^ *\(.*\): .*/\1/p' |
				answers "what ethtool -S prints for ${link##*/} ($driver)"
			;;
		*) skip "what ethtool -S prints for ${link##*/} ($driver)" 'only drivers that every machine may have are judged' ;;
		esac
	done
else
	skip 'what ethtool -S prints' 'ethtool is not installed'
fi
sed '/^#/d; s/^[^ ]* //' tests/fixtures/names/drivers.txt | answers 'every name of a driver that is known'

# enum skb_drop_reason of the running kernel (Documentation/bpf/btf.rst).
if [ -r /sys/kernel/btf/vmlinux ] && command -v python3 >/dev/null; then
	python3 tests/cli/btf_enum.py /sys/kernel/btf/vmlinux skb_drop_reason |
		grep -vE '^SKB_DROP_REASON_(MAX|SUBSYS_MASK)$' >"$work/reasons"
	[ "$(wc -l <"$work/reasons")" -gt 5 ]
	result $? "this kernel's BTF has drop reasons"
	answers 'every drop reason of this kernel' <"$work/reasons"
	sed 's/^SKB_DROP_REASON_//; s/.*/\L&/' "$work/reasons" | grep -v '^skb_' |
		answers 'every drop reason, without the prefix and in lower case'
else
	skip 'every drop reason of this kernel' 'needs BTF and python3'
fi

# What it lists itself.
for list in places causes counters reasons sources words drivers; do
	"$WHEREDROP" explain --list "$list" | sed 's/  .*//' | answers "every name of --list $list"
done

echo "1..$number"
