# shellcheck shell=bash
# Runs wheredrop trace while something happens; its output is in $work/output, its complaints in $work/error.
: "${WHEREDROP:?}" "${work:?}"

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

every_probe()
{
	bpftool prog show 2>/dev/null | sed -n 's/^\([0-9]*\): .*name wd_\(drop\|event\)_.*/\1/p'
}
# The ids of probes that are not somebody else's: one line each.
probes()
{
	every_probe | grep -vxF "${others:-none}"
}
# How many of them run: one that is loaded has still to be linked to its place.
running()
{
	bpftool link show 2>/dev/null | sed -n 's/.* prog \([0-9]*\) *$/\1/p' | grep -cxF -e "$(probes)" -e none
}

attached() # until so many run as a trace of the test's attaches
{
	for _ in $(seq 100); do
		[ "$(running)" -ge "${probes_wanted:-1}" ] && return
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
others=$(every_probe)
