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
