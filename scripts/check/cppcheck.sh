#!/bin/bash
# cppcheck over the program, the lab's generator and the tests.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Off, each for one reason:
#   memleak, memleakOnRealloc, resourceLeak  it does not know the cleanup attribute
#   missingInclude*, unmatchedSuppression    it is not given the system's headers on purpose
options=(
	"--enable=warning,performance,portability" --inline-suppr --std=c11 --language=c
	--suppress=memleak --suppress=memleakOnRealloc --suppress=resourceLeak
	--suppress=missingInclude --suppress=missingIncludeSystem --suppress=unmatchedSuppression
	'-D__typeof__(x)=void *' # cppcheck 2.10 cannot parse a cast to it
	--error-exitcode=1 --quiet -j "$(nproc)"
)
scripts/build.sh build-asan wheredrop -- --native-file scripts/developer.ini -Dtests=enabled
# BPF programs ask for fields of a null pointer, which the loader answers: clang and the kernel's verifier check those.
mapfile -t files < <(find src lab tests -name '*.c' ! -name '*.bpf.c' | sort)
cppcheck "${options[@]}" -D_GNU_SOURCE -D__linux__ -D__x86_64__ -Isrc -Itests -Ibuild-asan "${files[@]}"
