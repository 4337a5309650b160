# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A tool that stays from one scene to the next, because it takes long to start; each scene gets what it printed meanwhile.
# A name is that of the tool and of its files below $STAYS.

STAYS=/run/wheredrop-beside
# Has what is preloaded write line by line (coreutils: stdbuf).
LINE_BY_LINE=${LIBSTDBUF:-/usr/libexec/coreutils/libstdbuf.so}

stays_running() # NAME
{
	[ -d "/proc/$(cat "$STAYS/$1.pid" 2>/dev/null || echo none)" ]
}

# Starts it, unless it runs; INPUT is where it reads commands from. Returns when it printed a line like READY.
stays_start() # NAME READY INPUT COMMAND...
{
	local name=$1 ready=$2 input=$3
	shift 3
	LD_PRELOAD=$LINE_BY_LINE _STDBUF_O=L setsid "$@" <>"$input" >"$STAYS/$name" 2>&1 7>&- 9>&- &
	echo $! >"$STAYS/$name.pid"
	until grep -q "$ready" "$STAYS/$name"; do
		stays_running "$name" || { tail -n 3 "$STAYS/$name" >&2; return 1; }
		sleep 0.5
	done
}

stays_stop() # NAME
{
	local pid try
	pid=$(cat "$STAYS/$1.pid" 2>/dev/null) || return 0
	rm "$STAYS/$1.pid"
	kill -INT "$pid" 2>/dev/null
	for ((try = 0; try < 50; try++)); do
		[ -d "/proc/$pid" ] || return 0
		sleep 0.1
	done
	kill -KILL "$pid" 2>/dev/null
}

# It prints behind: until nothing came for three seconds, or for a minute.
stays_settle() # NAME
{
	local size=-1 now try
	for ((try = 0; try < 20; try++)); do
		now=$(stat -c %s "$STAYS/$1")
		((now != size)) || return 0
		size=$now
		sleep 3
	done
}

stays_begin() # NAME PLACE
{
	stays_settle "$1"
	stat -c %s "$STAYS/$1" >"$2/$1.from"
}

stays_end() # NAME PLACE
{
	stays_settle "$1"
	tail -c "+$(($(cat "$2/$1.from") + 1))" "$STAYS/$1" >"$2/$1"
	stays_running "$1" || echo "$1 ended by itself" >>"$2/$1"
	rm "$2/$1.from"
}
