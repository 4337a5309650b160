#!/bin/bash
# The cheap gates of scripts/check: each passes on this tree, and each fails on a tree with one fault of
# its kind, so that none of them can be a check that never fails. Prints TAP.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
number=0

result() # ok|"not ok" DESCRIPTION
{
	number=$((number + 1))
	echo "$1 $number - $2"
}

# A tree of two folders with nothing wrong.
fresh_tree()
{
	rm -rf "${tree:?}"/*
	mkdir -p "$tree"/{src/{base,model},lab,tests}
	printf "subdir('base')\nsubdir('model')\n" >"$tree/src/meson.build"
	printf '#include "base/low.h"\n#include <stdio.h>\n' | tee "$tree/src/base/low.c" >"$tree/src/model/high.c"
}

passes_here()
{
	local output
	if output=$("$here/scripts/check/$1.sh" 2>&1); then
		result ok "$1: this tree is clean"
	else
		result "not ok" "$1: this tree is clean"
		sed 's/^/# /' <<<"$output"
	fi
}

catches() # GATE DESCRIPTION; the fault is in the tree already
{
	if "$here/scripts/check/$1.sh" "$tree" >/dev/null 2>&1; then
		result "not ok" "$1: finds $2"
	else
		result ok "$1: finds $2"
	fi
	fresh_tree
}

accepts()
{
	if "$here/scripts/check/$1.sh" "$tree" >/dev/null 2>&1; then
		result ok "$1: accepts $2"
	else
		result "not ok" "$1: accepts $2"
	fi
	fresh_tree
}

fresh_tree
passes_here layout
accepts layout "an include from a folder below"
echo '#include "model/high.h"' >>"$tree/src/base/low.c"
catches layout "an upward include"
echo ' #  include  "../model/high.h"' >>"$tree/src/base/low.h"
catches layout "an upward include by a relative path"
mkdir "$tree/src/other"
catches layout "a folder that is not in the order"

passes_here banned
echo 'static int n(const char *s) { return atoi(s); }' >>"$tree/src/base/low.c"
catches banned "atoi"
echo '	sprintf (buffer, "%d", 1);' >>"$tree/tests/test.c"
catches banned "sprintf in a test"
echo 'int n = my_atoi(s) + snprintf(b, 1, "");' >>"$tree/src/base/low.c"
accepts banned "names that only contain a banned one"

passes_here length
seq 601 | sed 's/.*/int a&;/' >"$tree/src/base/long.c"
catches length "a file of 601 lines"
seq 601 | sed 's/.*/int a&;/' >"$tree/src/base/long.def"
accepts length "a long table"

if command -v pmccabe >/dev/null; then
	passes_here complexity
	knot() # BRANCHES BEFORE...
	{
		printf '%s\n' "${@:2}"
		echo 'int f(int a) {'
		for i in $(seq "$1"); do echo "if (a == $i) a++;"; done
		echo 'return a; }'
	}
	knot 14 >"$tree/src/base/knot.c"
	accepts complexity "a function of complexity 15"
	knot 15 >"$tree/src/base/knot.c"
	catches complexity "a function of complexity 16"
	knot 15 'struct s {' 'int a;' 'VEC(struct t) b;' '};' >"$tree/src/base/knot.c"
	catches complexity "the same below a struct with a vector"
	knot 14 >"$tree/src/base/knot.c"
	sed -i 's/^return/vec_each(v, a) a++;\n&/' "$tree/src/base/knot.c"
	catches complexity "a loop of its own as the sixteenth"
	knot 14 'struct s {' 'MACRO(struct t) b;' '};' >"$tree/src/base/knot.c"
	catches complexity "a file that pmccabe gave up"
else
	result ok "complexity # SKIP pmccabe is not installed"
fi
echo "1..$number"
