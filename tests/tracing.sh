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
	"$WHEREDROP" trace "${arguments[@]}" >"$work/output" 2>"$work/error" 9>&- &
	pid=$!
	attached "$pid"
	"$@"
	sleep 0.5
	kill -INT "$pid" 2>/dev/null
	wait "$pid"
}

# attached PID: until so many probes of it are there as the test says, whoever else has some; false when they do not come
attached()
{
	local probe=(-lname 'anon_inode:bpf_link' -o -lname 'anon_inode:bpf-raw-tracepoint' -o -lname 'anon_inode:\[perf_event\]')
	for _ in $(seq 100); do
		[ "$(find "/proc/$1/fd" "${probe[@]}" 2>/dev/null | wc -l)" -lt "${probes_wanted:-1}" ] || return 0
		[ -d "/proc/$1" ] || return 1
		sleep 0.05
	done
	return 1
}
