#!/bin/bash
# The manual pages and the completion that the program prints of its own tables: without a warning, and complete.
# Prints TAP.
set -u
: "${WHEREDROP:?}"
# shellcheck source=tests/tap.sh
. tests/tap.sh
work=$(mktemp -d)
said=("$work/said")
trap 'rm -rf "$work"' EXIT

for page in wheredrop wheredrop-{diagnose,diff,doctor,explain,help,lab,version}; do
	"$WHEREDROP" help --man "$page" >"$work/$page.1"
	if command -v mandoc >/dev/null; then
		mandoc -Tlint -W warning "$work/$page.1" >"$work/said" 2>&1
		result $? "$page(1) has no warning"
	else
		number=$((number + 1))
		echo "ok $number - $page(1) # SKIP mandoc is not installed"
	fi
done
"$WHEREDROP" diagnose --help | grep -oE '^  --[a-z-]+' | while read -r option; do
	sed 's/\\-/-/g' "$work/wheredrop-diagnose.1" | grep -qE "^\.It Fl ${option#-}( |$)" || echo "$option"
done >"$work/said"
[ ! -s "$work/said" ]
result $? "every option of --help is in wheredrop-diagnose(1)"

"$WHEREDROP" help --completion >"$work/completion"
bash -n "$work/completion" 2>"$work/said"
result $? "the completion is bash"
# shellcheck disable=SC1091
. "$work/completion"
complete_words()
{
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_wheredrop
	echo "${COMPREPLY[*]}" | tee "$work/said"
}
[ "$(complete_words wheredrop diag)" = diagnose ]
result $? "it completes commands"
[ "$(complete_words wheredrop --du)" = --duration ]
result $? "it completes options without a command"
[ "$(complete_words wheredrop diagnose --color a)" = "auto always" ]
result $? "it completes values"
[ "$(complete_words wheredrop explain --list c)" = "causes counters" ]
result $? "it completes values of every command"

echo "1..$number"
