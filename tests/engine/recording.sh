# shellcheck shell=bash
# What tests of recordings share. Source this after tests/tap.sh; it needs $wheredrop and $work.
: "${wheredrop:?}" "${work:?}"

# begun FILE [PREFIX]: until everything was read once, and then some, of what the file has below that folder.
begun()
{
	local try
	for try in {1..100}; do
		[ "$(tar --zstd --ignore-zeros -tf "$1" 2>/dev/null | grep -c "^${2:-}window.*jsonl")" -lt 5 ] || return
		sleep 0.05
	done
	echo "# $1 has not begun after $try attempts"
}

# says WORDS...: the program's status 2 and one line with these words
says()
{
	local words=$1
	shift
	"$wheredrop" "$@" >"$work/out" 2>"$work/said" </dev/null
	[ $? -eq 2 ] && [ "$(wc -l <"$work/said")" -eq 1 ] && grep -q "$words" "$work/said"
	result $? "wheredrop $*: $words" "$work/said"
}
