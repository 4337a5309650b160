#!/bin/bash
# Misspelt words in code, scripts and documents. Words of the field that codespell takes for mistakes
# are listed here, in lower case; netstat's own spelling of one is its own. Outputs in other languages are left out.
set -euo pipefail
cd "$(dirname "$0")/../.."

words='afile,als,ba,ect,erros,hda,iif,inout,nd,pres,retransmited,te,ue'
for path in ./*.md docs man src lab scripts tests/unit tests/check tests/meson.build tests/fuzz meson.build Makefile; do
	[ -e "$path" ] && echo "$path"
done | xargs codespell --ignore-words-list="$words" --skip='*/corpus/*,*.json,tests/unit/test_ticket_foreign.c' --quiet-level=2
