# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Counters of the host belong to one measurement at a time.

# lab_lock: waits for the lock of this machine; it is held until descriptor 9 is closed. Opened for reading, because
# in a sticky directory not even root may open another user's file for creation (fs.protected_regular).
lab_lock() {
	local lock=${TMPDIR:-/tmp}/wheredrop-lab.lock
	[[ -e $lock ]] || (umask 022; : >>"$lock")
	exec 9<"$lock" && flock 9
}
