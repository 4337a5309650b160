#!/bin/bash
# Shell scripts, by name (*.sh) or by first line, as ShellCheck sees them.
set -euo pipefail
cd "$(dirname "$0")/../.."

{
	find scripts tests lab .ci -name '*.sh'
	grep -rlIE --exclude='*.sh' --max-count=1 '^#!.*/(env )?(ba)?sh' scripts tests lab .ci
} | sort -u | xargs -r shellcheck --severity=warning --shell=bash --external-sources --source-path=SCRIPTDIR
