#!/bin/bash
# Fuzzes one harness with libFuzzer, ASan and UBSan. What it finds new stays in build-fuzz/corpus/NAME;
# a crash is written to build-fuzz/crash-*: make it small (-minimize_crash=1) and put it in the corpus.
# Usage: fuzz.sh NAME [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:-}
seconds=${2:-60}
if [ ! -f "tests/fuzz/fuzz_$name.c" ]; then
	echo "usage: make fuzz NAME=... [SECONDS=60]; NAME is one of:" tests/fuzz/fuzz_*.c | sed -E 's,tests/fuzz/fuzz_([a-z0-9_]+)\.c,\1,g' >&2
	exit 2
fi

CC=clang-14 scripts/build.sh build-fuzz "tests/fuzz_$name" -- -Dfuzz=true -Db_sanitize=address,undefined \
	-Db_lundef=false -Dc_args='-fno-sanitize-recover=all' -Dbuildtype=debugoptimized
mkdir -p "build-fuzz/corpus/$name"
options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -artifact_prefix=build-fuzz/)
[ ! -f "tests/fuzz/$name.dict" ] || options+=(-dict="tests/fuzz/$name.dict")
exec "build-fuzz/tests/fuzz_$name" "${options[@]}" "build-fuzz/corpus/$name" "tests/fuzz/corpus/$name"
