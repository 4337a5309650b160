#!/bin/bash
# gcc -fanalyzer over the program and the lab's generator: ownership, descriptors, NULL, taint of
# paths. Any warning is an error.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Off, each for one reason; -Wno-analyzer-NAME:
#   use-of-uninitialized-value  gcc 12 forgets what memcpy wrote through a computed offset; -Wmaybe-uninitialized,
#                               cppcheck and clang-tidy watch the same thing
# Another false positive is switched off here by its own -Wno-analyzer-NAME, with the reason beside it. The
# arrows of each path make the log unreadable, so they are left out; -fdiagnostics-path-format=inline-events
# on the file in question shows them.
options=(-fanalyzer -Wno-analyzer-use-of-uninitialized-value -fdiagnostics-path-format=none)
exec scripts/build.sh build-analyzer wheredrop lab-traffic -- -Dwerror=true -Dtests=disabled -Dbuildtype=debug \
	-Dc_args="${options[*]}"
