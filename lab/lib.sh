# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The lab's bench: throw-away network namespaces, processes in them, and an exact way back.
#
# Every change to the machine is written to a journal as the command that takes it back, before the change
# is made. lab_end runs the journal backwards when a scene ends, however it ends; what a killed run left
# behind is taken back by the next one (lab_sweep). Namespaces are called wd-lab-PID-HOST, PID being the
# owner, so that several labs never meet and a dead owner is recognised.
#
# What a scene may use is listed in the README beside this file.

LAB_STATE_ROOT=/run/wheredrop-lab
LAB_PREFIX=wd-lab

MAC_A=02:00:00:00:01:01
MAC_B=02:00:00:00:01:02
MAC_RA=02:00:00:00:01:0a
MAC_RB=02:00:00:00:01:0b
# Nobody has this one.
# shellcheck disable=SC2034
MAC_NOBODY=02:00:00:00:01:ff

# --- beginning and end ------------------------------------------------------------------------------------

lab_begin() {
	LAB_OWNER=$BASHPID
	export WHEREDROP_LAB=$LAB_OWNER
	LAB_STATE=$LAB_STATE_ROOT/$LAB_OWNER
	declare -gA LAB_PID=()
	mkdir -p "$LAB_STATE"
	chmod 0700 "$LAB_STATE_ROOT" "$LAB_STATE"
	: >"$LAB_STATE/journal"
	trap lab_end EXIT
	trap 'exit 130' INT TERM HUP
}

lab_end() {
	trap '' INT TERM HUP
	trap - EXIT
	# Without this the shell would report each of them as killed.
	disown -a
	local pid
	for pid in "${LAB_PID[@]}"; do
		kill -KILL "$pid" 2>/dev/null
	done
	journal_run "$LAB_STATE/journal"
	rm -rf "$LAB_STATE"
}

# Takes back what runs left behind whose owner no longer exists.
lab_sweep() {
	local state owner
	for state in "$LAB_STATE_ROOT"/*/; do
		state=${state%/}
		owner=${state##*/}
		[[ -f $state/journal && ! -d /proc/$owner ]] || continue
		echo "lab: taking back what run $owner left behind" >&2
		journal_run "$state/journal"
		rm -rf "$state"
	done
}

# undo COMMAND [ARGUMENT]...: remember how to take back what is done next.
undo() {
	printf '%q ' "$@" >>"$LAB_STATE/journal"
	echo >>"$LAB_STATE/journal"
}

journal_run() {
	local line
	tac "$1" | while read -r line; do
		eval "$line" >/dev/null 2>&1 </dev/null
	done
}

# again COMMAND...: a process that was just killed may hold what it used for some milliseconds more.
again() {
	local try
	for try in {1..200}; do
		"$@" 2>/dev/null && return
		sleep 0.01
	done
	echo "lab: after $try attempts: $*" >&2
	return 1
}

# fail REASON: the scene cannot do what it promises; this is an error of the lab, not of the diagnosis.
fail() {
	echo "lab: ${SCENE:-}: $*" >&2
	# The first reason is the nearest.
	echo "$*" >>"${LAB_RESULT:-$RESULTS/run}.broken"
	exit 70
}

# skip REASON: this machine lacks what the scene needs.
skip() {
	echo "$*" >"$LAB_RESULT.skip"
	exit 77
}

# guest_only WHAT: for what a scene takes from the whole machine that the machine's own work may need.
guest_only() {
	[[ ${LAB_MACHINE:-} == guest* ]] || skip "this would take $1 from the whole machine (a virtual machine has none to lose)"
}

# --- namespaces and links -----------------------------------------------------------------------------------

# ns HOST: the full name of the namespace of host a, b, r, ...
ns() {
	echo "$LAB_PREFIX-$LAB_OWNER-$1"
}

# in_ns HOST COMMAND...
in_ns() {
	local host=$1
	shift
	ip netns exec "$LAB_PREFIX-$LAB_OWNER-$host" "$@"
}

# Ends what the owning lab started in it, and nobody else: some tool may be looking into the namespace just now.
namespace_remove() {
	local pid owner=${1#"$LAB_PREFIX-"}
	for pid in $(ip netns pids "$1" 2>/dev/null); do
		grep -qsz "^WHEREDROP_LAB=${owner%%-*}\$" "/proc/$pid/environ" && kill -KILL "$pid"
	done
	ip netns del "$1"
}

# host_add HOST: a namespace in which nothing is sent that the scene did not ask for: IPv6 is off in an IPv4
# run; in an IPv6 run no address is probed, no router asked and no link-local address made.
host_add() {
	local host=$1
	undo namespace_remove "$(ns "$host")"
	ip netns add "$(ns "$host")" || fail "cannot make a network namespace (root is needed)"
	in_ns "$host" bash -s "$FAMILY" <<-'INSIDE'
		for scope in all default; do
			echo 0 >/proc/sys/net/ipv4/conf/$scope/rp_filter
			cd /proc/sys/net/ipv6/conf/$scope || exit
			echo $(($1 == 4)) >disable_ipv6
			for key in accept_dad dad_transmits router_solicitations accept_ra autoconf; do
				echo 0 >$key
			done
			echo 10 >mldv1_unsolicited_report_interval
			echo 10 >mldv2_unsolicited_report_interval
			[[ $scope == all ]] || echo 1 >addr_gen_mode
		done
		ip link set lo up
	INSIDE
}

# link_add HOST DEV MAC PEER_HOST PEER_DEV PEER_MAC
link_add() {
	ip link add "$2" netns "$(ns "$1")" address "$3" type veth \
		peer name "$5" netns "$(ns "$4")" address "$6" || fail "cannot make a veth pair"
	in_ns "$1" ip link set "$2" up
	in_ns "$4" ip link set "$5" up
}

# address_add HOST DEV NET NUMBER: 10.77.NET.NUMBER/24 or fd00:77:NET::NUMBER/64
address_add() {
	if ((FAMILY == 4)); then
		in_ns "$1" ip addr add "10.77.$3.$4/24" dev "$2"
	else
		in_ns "$1" ip addr add "fd00:77:$3::$4/64" dev "$2" nodad
	fi
}

# address NET NUMBER
address() {
	if ((FAMILY == 4)); then echo "10.77.$1.$2"; else echo "fd00:77:$1::$2"; fi
}

# neighbour HOST DEV ADDRESS MAC: a permanent entry, so that nobody needs to ask.
neighbour() {
	in_ns "$1" ip neigh replace "$3" lladdr "$4" dev "$2" nud permanent
}

# Host a (the client) and host b (the sick one), joined by a0 -- b0. Sets A and B.
net_two_hosts() {
	host_add a
	host_add b
	link_add a a0 "$MAC_A" b b0 "$MAC_B"
	address_add a a0 1 1
	address_add b b0 1 2
	A=$(address 1 1) B=$(address 1 2)
	neighbour a a0 "$B" "$MAC_B"
	neighbour b b0 "$A" "$MAC_A"
	net_settle
}

# Host a, router r and host b: a0 -- ra, rb -- b0. Sets A, B, RA and RB.
net_router() {
	host_add a
	host_add r
	host_add b
	link_add a a0 "$MAC_A" r ra "$MAC_RA"
	link_add r rb "$MAC_RB" b b0 "$MAC_B"
	address_add a a0 1 1
	address_add r ra 1 254
	address_add r rb 2 254
	address_add b b0 2 2
	A=$(address 1 1) RA=$(address 1 254) RB=$(address 2 254) B=$(address 2 2)
	neighbour a a0 "$RA" "$MAC_RA"
	neighbour r ra "$A" "$MAC_A"
	neighbour r rb "$B" "$MAC_B"
	neighbour b b0 "$RB" "$MAC_RB"
	in_ns a ip route add default via "$RA"
	in_ns b ip route add default via "$RB"
	if ((FAMILY == 4)); then
		in_ns r sysctl -qw net.ipv4.ip_forward=1
	else
		in_ns r sysctl -qw net.ipv6.conf.all.forwarding=1
	fi
	net_settle
}

# Host a and host b, joined by a bridge br0 in r: a0 -- ra, rb -- b0. Sets A and B.
net_bridge() {
	host_add a
	host_add r
	host_add b
	link_add a a0 "$MAC_A" r ra "$MAC_RA"
	link_add r rb "$MAC_RB" b b0 "$MAC_B"
	in_ns r ip link add br0 type bridge mcast_snooping 0 || skip "no bridge"
	in_ns r ip link set br0 up
	in_ns r ip link set ra master br0
	in_ns r ip link set rb master br0
	address_add a a0 1 1
	address_add b b0 1 2
	A=$(address 1 1) B=$(address 1 2)
	neighbour a a0 "$B" "$MAC_B"
	neighbour b b0 "$A" "$MAC_A"
	net_settle
}

# A new IPv6 address is announced to multicast routers (MLD) a few milliseconds later.
net_settle() {
	((FAMILY == 4)) || sleep 0.1
}

# --- processes ------------------------------------------------------------------------------------------------

# start NAME HOST COMMAND...: runs in the background; its pid is ${LAB_PID[NAME]}.
start() {
	local name=$1 host=$2
	shift 2
	ip netns exec "$(ns "$host")" "$@" \
		>"$LAB_STATE/$name.out" 2>"$LAB_STATE/$name.err" </dev/null 9>&- &
	LAB_PID[$name]=$!
}

# receive NAME HOST COMMAND OPTIONS...: starts a lab-traffic receiver and waits until it is in place.
receive() {
	local name=$1 host=$2
	shift 2
	start "$name" "$host" "$LAB_TRAFFIC" "$@"
	await_ready "$name"
}

# await_ready NAME: until a receiver that was started is in place.
await_ready() {
	local name=$1 try
	for try in {1..300}; do
		grep -qs ready "$LAB_STATE/$name.out" && return
		sleep 0.01
	done
	fail "$name does not get ready ($try attempts): $(cat "$LAB_STATE/$name.err")"
}

# send NAME HOST COMMAND OPTIONS...: runs lab-traffic to its end, on CPU $PIN if that is set.
send() {
	local name=$1 host=$2
	shift 2
	ip netns exec "$(ns "$host")" ${PIN:+taskset --cpu-list $PIN} "$LAB_TRAFFIC" "$@" \
		>"$LAB_STATE/$name.out" 2>"$LAB_STATE/$name.err" </dev/null 9>&- ||
		fail "$name: $(cat "$LAB_STATE/$name.err")"
}

# send_within MS NAME HOST COMMAND OPTIONS...: send, where a flood is none unless it comes fast.
send_within() {
	local most=$1 since=${EPOCHREALTIME/[.,]/} took
	shift
	send "$@"
	took=$(((${EPOCHREALTIME/[.,]/} - since) / 1000))
	((took <= most)) || skip "this machine took $took ms to send what must come within $most"
}

# finish NAME: lets a receiver read what is queued and report. Waits for the report, not for the process:
# lost() runs in a shell of its own, which is not the parent.
finish() {
	local try
	# It may have ended by itself already, between the two.
	kill -TERM "${LAB_PID[$1]}" 2>/dev/null
	kill -CONT "${LAB_PID[$1]}" 2>/dev/null
	for try in {1..500}; do
		grep -q sent= "$LAB_STATE/$1.out" && return
		sleep 0.01
	done
	fail "$1 does not end ($try attempts)"
}

# vanish NAME: kills a process as a crash would, with whatever it has open.
vanish() {
	disown "${LAB_PID[$1]}"
	kill -KILL "${LAB_PID[$1]}"
}

# result NAME FIELD: sent, received or failed, as that process reported it.
result() {
	local number
	number=$(sed -n "s/.*\b$2=\([0-9]*\).*/\1/p" "$LAB_STATE/$1.out")
	[[ -n $number ]] || fail "$1 reported no '$2': $(cat "$LAB_STATE/$1.err")"
	echo "$number"
}

# sent_minus_received SENDER RECEIVER: ends the receiver; prints what did not arrive.
sent_minus_received() {
	finish "$2"
	echo $(($(result "$1" sent) - $(result "$2" received)))
}

# --- things outside the namespaces ----------------------------------------------------------------------------

# host_sysctl KEY VALUE: for the few settings the kernel keeps for the whole machine.
host_sysctl() {
	undo sysctl -qw "$1=$(sysctl -n "$1")"
	sysctl -qw "$1=$2"
}

# conntrack_watch: b keeps track of what comes in; sets TRACKED, how many connections the first namespace tracks.
conntrack_watch() {
	in_ns b nft "add table inet lab; add chain inet lab input { type filter hook input priority 0; };
		add rule inet lab input ct state established,new accept" || skip "no nftables"
	# shellcheck disable=SC2034 # for the scenes
	TRACKED=$(sysctl -n net.netfilter.nf_conntrack_count) || skip "no connection tracking"
}

# cgroup_add PATH: prints the directory of a new cgroup (v2, or beside v1) at that path below the root.
cgroup_add() {
	local root part
	root=$(findmnt -nt cgroup2 -o TARGET | head -n 1)
	[[ -n $root && -w $root ]] || skip "no cgroup of version 2"
	while read -r part; do
		root=$root/$part
		[[ -d $root ]] && continue
		undo again rmdir "$root"
		mkdir "$root" || skip "cannot make a cgroup"
	done < <(tr '/' '\n' <<<"${1#/}")
	echo "$root"
}

# cgroup_cpu_add QUOTA_US PERIOD_US: prints the directory of a new cgroup with that much CPU (v2 or v1).
cgroup_cpu_add() {
	local root
	root=$(findmnt -nt cgroup2 -o TARGET | head -n 1)
	if [[ -n $root ]] && grep -qw cpu "$root/cgroup.controllers"; then
		if ! grep -qw cpu "$root/cgroup.subtree_control"; then
			undo cgroup_write "$root/cgroup.subtree_control" -cpu
			cgroup_write "$root/cgroup.subtree_control" +cpu
		fi
		root=$root/$LAB_PREFIX-$LAB_OWNER
		undo again rmdir "$root"
		mkdir "$root"
		cgroup_write "$root/cpu.max" "$1 $2"
	else
		root=$(findmnt -nt cgroup -O cpu -o TARGET | head -n 1)
		[[ -n $root ]] || skip "no cgroup with a cpu controller"
		root=$root/$LAB_PREFIX-$LAB_OWNER
		undo again rmdir "$root"
		mkdir "$root"
		cgroup_write "$root/cpu.cfs_period_us" "$2"
		cgroup_write "$root/cpu.cfs_quota_us" "$1"
	fi
	echo "$root"
}

cgroup_write() {
	echo "$2" >"$1"
}

# cgroup_free DIRECTORY: lifts its limit.
cgroup_free() {
	if [[ -f $1/cpu.max ]]; then
		cgroup_write "$1/cpu.max" max
	else
		cgroup_write "$1/cpu.cfs_quota_us" -1
	fi
}

# disk_add: prints the mount point of a small file system of its own, on a loop device.
disk_add() {
	local image=$LAB_STATE/disk.img mount=$LAB_STATE/disk device
	[[ -e /dev/loop-control ]] || skip "no loop devices"
	grep -qw ext4 /proc/filesystems || skip "no ext4"
	truncate -s 16M "$image"
	mkfs.ext4 -q -O ^has_journal "$image" || skip "mkfs.ext4 failed"
	mkdir "$mount"
	device=$(losetup --find --show "$image") || skip "no free loop device"
	undo again losetup --detach "$device"
	undo again umount "$mount"
	mount "$device" "$mount" || skip "cannot mount a loop device"
	echo "$mount"
}

# disk_slow MOUNT WRITES_PER_SECOND PID: limits what that process may write there (blkio cgroup, v1 or v2).
disk_slow() {
	local root numbers
	numbers=$(stat -c %Hr:%Lr "$(findmnt -no SOURCE "$1")")
	root=$(findmnt -nt cgroup -O blkio -o TARGET | head -n 1)
	[[ -n $root && -f $root/blkio.throttle.io_serviced ]] || skip "no cgroup with a blkio throttle"
	root=$root/$LAB_PREFIX-$LAB_OWNER
	undo again rmdir "$root"
	mkdir "$root"
	cgroup_write "$root/blkio.throttle.write_iops_device" "$numbers $2"
	cgroup_write "$root/cgroup.procs" "$3"
}

# --- listeners to the kernel ------------------------------------------------------------------------------------

# changes_listen: a program in b that prints each change of an address there, as "listener".
changes_listen() {
	local try
	start listener b ip -rcvbuf 100000 -o monitor address
	for try in {1..100}; do
		in_ns b ip address add "10.97.0.$try/32" dev b0
		sleep 0.02
		! grep -qs '10\.97\.' "$LAB_STATE/listener.out" || return 0
	done
	fail "nothing listens to addresses ($try attempts): $(cat "$LAB_STATE/listener.err")"
}

# changes_make: two thousand of them.
changes_make() {
	local index action
	for action in add del; do
		for ((index = 0; index < 1000; index++)); do
			echo "address $action 10.98.$((index / 250)).$((index % 250 + 1))/32 dev b0"
		done
	done | in_ns b ip -batch - || fail "cannot change addresses"
}

# changes_missed: how many of them the listener did not get, once it reads.
changes_missed() {
	local before=-1 now=0
	kill -CONT "${LAB_PID[listener]}"
	while ((now != before)); do
		before=$now
		sleep 0.2
		now=$(grep -c '10\.98\.' "$LAB_STATE/listener.out")
	done
	echo $((2000 - now))
}
