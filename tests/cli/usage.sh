#!/bin/bash
# The command line: what is wrong gives one clear line and exit status 2; what is asked for is there. Prints TAP.
set -u
: "${WHEREDROP:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh
error=$(mktemp)
said=("$error")
trap 'rm -f "$error"' EXIT

# refused PATTERN DESCRIPTION ARGUMENT...: status 2, nothing on stdout, one line that matches.
refused()
{
	local pattern=$1 description=$2 output status
	shift 2
	output=$("$WHEREDROP" "$@" 2>"$error")
	status=$?
	[ "$status" -eq 2 ] && [ -z "$output" ] && [ "$(wc -l <"$error")" -eq 1 ] && grep -q "^wheredrop: .*$pattern" "$error"
	result $? "$description"
}

refused 'no option --durration; did you mean --duration?' 'a mistyped option gets the nearest one' --durration 1s
refused 'no option --zzzzzz; see' 'an option like none gets the way to the help' --zzzzzz
refused 'no option -d' 'there are no short options' -d 1s
refused "did you mean 'diagnose'" 'a mistyped command gets the nearest one' diagnos
refused "no command 'frobnicate'" 'a command like none gets the way to the help' frobnicate
refused 'takes no argument' 'diagnose takes no argument' diagnose eth0
for duration in 0 -1s 99ms 31d 5y 1e9 10x 99999999999999999999s '' 'ten'; do
	refused 'duration takes a time from 100ms to 30d' "--duration '$duration' is refused" --duration "$duration"
done
refused 'interval takes a time' '--interval 1us is refused' --interval=1us
refused 'wait takes a time from 1s to 30d, such as 1s,' '--wait names an example' --wait soon
refused 'interval is longer' 'an interval longer than the window is refused' --duration 1s --interval 2s
refused 'needs a value' 'an option without its value is refused' --duration
refused 'takes no value' 'a flag with a value is refused' --json=yes
refused 'one format' 'two formats at once are refused' --json --markdown
refused 'color takes one of auto|always|never' 'a colour that is none is refused' --color blue
refused 'no such network namespace' 'a namespace that is missing is refused' --netns wd-no-such-namespace
refused 'is no network namespace' 'a path that is no namespace is refused' --netns /etc/passwd
refused 'no such interface' 'an interface that is missing is refused' --interface wd-none
refused 'at most 15 characters' 'an interface name that cannot be is refused' --interface wd-much-too-long-a-name
refused 'target 300' 'a host that cannot be resolved is refused' --target 300.300.300.300
refused "nothing is called 'UdpRcvbufEror'; did you mean UdpRcvbufErrors" 'explain helps with a typo' explain UdpRcvbufEror
refused 'explain needs' 'explain wants a name' explain
refused 'did you mean NO_SOCKET' 'explain helps with a typo behind the prefix of drop reasons' explain SKB_DROP_REASON_NO_SOKET
refused "nothing is called 'qqqqqqqqq'; .*explain --list all" 'explain says where all names are' explain qqqqqqqqq
refused 'list takes one of' 'a list that is none is refused' explain --list everything
refused 'takes no name' 'a list takes no name' explain --list causes socket
refused 'lab knows list and run' 'lab knows two things' lab destroy

refused 'no command .a.x1b.31mb.' 'a name with an escape sequence is shown escaped' $'a\033[31mb'

for command in diagnose doctor explain help lab version; do
	output=$("$WHEREDROP" "$command" --help 2>"$error")
	grep -q "^Usage: wheredrop $command" <<<"$output" && grep -q '^Examples:' <<<"$output" && [ ! -s "$error" ]
	result $? "$command --help says how and gives examples"
	[ "$output" = "$("$WHEREDROP" help "$command")" ]
	result $? "help $command says the same"
	[ "$(awk 'length > 80' <<<"$output" | wc -l)" -eq 0 ]
	result $? "$command --help fits 80 columns"
done
"$WHEREDROP" --help | grep -q 'diagnose'
result $? '--help lists the commands'
[ "$("$WHEREDROP" --version)" = "$("$WHEREDROP" version)" ]
result $? '--version is version'
"$WHEREDROP" explain TcpExtListenOverflows rx_missed_errors tcp-accept-queue-full socket >/dev/null 2>"$error"
result $? 'explain knows counters, causes and places'
"$WHEREDROP" explain link.rx_missed_errors | grep -q 'show dev IFNAME'
result $? 'explain says what to fill in'
"$WHEREDROP" explain UdpRcv | grep -q UdpRcvbufErrors
result $? 'explain explains the only name that begins with a word'
"$WHEREDROP" explain TcpExt | grep -q '^  TcpExtListenDrops$'
result $? 'explain lists what begins with a word'
"$WHEREDROP" explain accept-queue-full | grep -q 'tcp-accept-queue-full'
result $? 'explain finds a name by a part of it'
[ "$("$WHEREDROP" explain NO_SOCKET)" = "$("$WHEREDROP" explain skb_drop_reason_no_socket)" ]
result $? 'explain takes drop reasons as the kernel and as people write them'
[ "$("$WHEREDROP" explain rx_missed_errors)" = "$("$WHEREDROP" explain '     rx_missed_errors: ')" ]
result $? 'explain takes names as ethtool prints them'
"$WHEREDROP" explain --list drivers | grep -q '^rx_queue_#_drops  *igb: '
result $? 'a list of drivers says whose name it is'
"$WHEREDROP" explain NO_SOCKET | grep -q 'no-listener'
result $? 'explain says which cause a drop reason points to'
"$WHEREDROP" explain tcp-accept-queue-full | grep -q '^  reasons .*TCP_LISTEN_OVERFLOW'
result $? 'explain says which drop reasons point to a cause'
for list in places causes counters reasons drivers sources words; do
	"$WHEREDROP" explain --list "$list"
done | cmp -s - <("$WHEREDROP" explain --list all)
result $? 'explain --list all is every list'
"$WHEREDROP" explain --list causes | grep -q '^udp-receive-buffer-full  '
result $? 'explain --list has names and meanings'
"$WHEREDROP" explain NO_SOCKET UdpRcvbufErrors socket tcp-zero-window rx_queue_0_drops |
	awk 'length > 80 && !/^  check/ && !/^           / { bad = 1 } END { exit bad }'
result $? 'explain fits 80 columns, but for commands'

echo "1..$number"
