# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Which scenes can happen at the same time, and a sample of such runs: pairs of faults in different places, or faults beside
# an innocent background.
#
# The sample is in the order of a hash of the seed and the names, so that the same seed gives the same runs, and a new
# scene changes no more than what it is in.

declare -A SCENE_KIND SCENE_WHERE SCENE_CAUSE SCENE_HOSTWIDE SCENE_NEEDS SCENE_FAMILIES SCENE_FAULTS

# scenes_read NAME...: what decides about their company.
scenes_read() {
	local name kind where cause hostwide needs families faults
	while IFS='|' read -r name kind where cause hostwide needs families faults; do
		SCENE_KIND[$name]=$kind SCENE_WHERE[$name]=$where SCENE_CAUSE[$name]=$cause SCENE_HOSTWIDE[$name]=$hostwide
		SCENE_NEEDS[$name]=$needs SCENE_FAMILIES[$name]=$families SCENE_FAULTS[$name]=$faults
	done < <(
		for name in "$@"; do
			(
				scene_load "$name"
				# The diagnosis would look at its namespace only; the same cards cannot be in two places.
				[[ $(declare -f setup) != *NETNS_ARG=* ]] || HOSTWIDE=all
				[[ ! $(declare -f setup) =~ card_add|net_two_cards ]] || HOSTWIDE+=" cards"
				read -ra also <<<"$ALSO"
				echo "$name|$FAULT|$WHERE|$CAUSE|$HOSTWIDE|$NEEDS|$FAMILIES|$((${#also[@]} + 1))"
			)
		done
	)
}

# hostwide_wrong ONE OTHER: what the machine has once and one takes away from the other, if anything.
hostwide_wrong() {
	local taken
	for taken in ${SCENE_HOSTWIDE[$1]}; do
		if [[ $taken == all ]]; then
			echo "$1 must run alone"
		elif [[ " ${SCENE_HOSTWIDE[$2]} ${SCENE_NEEDS[$2]} " == *" $taken "* ]]; then
			echo "$1 takes away what $2 needs: $taken"
		fi
	done
}

# together_wrong NAME...: why these cannot be run at the same time, or nothing. They were read before.
together_wrong() {
	local names=("$@") one other family families=$ONLY_FAMILIES
	(($# > 1)) || return 0
	for one in "${!names[@]}"; do
		for other in "${!names[@]}"; do
			((one == other)) || hostwide_wrong "${names[one]}" "${names[other]}"
		done
	done
	for one in "$@"; do
		for family in $families; do
			[[ " ${SCENE_FAMILIES[$one]} " == *" $family "* ]] || families=${families/$family/}
		done
	done
	[[ -n ${families// /} ]] || echo "no IP version that is asked for has all of $*"
}

# shuffled SEED: the lines of standard input by a hash of the seed and the line, equal ones never.
shuffled() {
	awk -v seed="$1" '
		function hash(text, factor,    at, sum) {
			sum = 7
			for (at = 1; at <= length(text); at++)
				sum = (sum * factor + code[substr(text, at, 1)]) % 2147483647
			for (at = 0; at < 3; at++)
				sum = sum * 48271 % 2147483647
			return sum
		}
		BEGIN {
			for (at = 1; at < 128; at++)
				code[sprintf("%c", at)] = at
			factor = 257 + hash(seed " ", 131) % 1000000
		}
		{ printf "%010d %s\n", hash($0, factor), $0 }' | LC_ALL=C sort | cut -d ' ' -f 2-
}

# can_happen NAME: whether the machine has what the scene is made of.
can_happen() {
	[[ -n ${LAB_CARDS:-} || " ${SCENE_HOSTWIDE[$1]} " != *" cards "* ]]
}

# pairs_of_faults: every two whose packets die in different places. Scenes that are two faults already are left out.
pairs_of_faults() {
	local LC_ALL=C names=() one other
	for one in "${!SCENE_KIND[@]}"; do
		[[ ${SCENE_KIND[$one]} == yes && ${SCENE_FAULTS[$one]} == 1 ]] && can_happen "$one" && names+=("$one")
	done
	for one in "${names[@]}"; do
		for other in "${names[@]}"; do
			[[ ! $one < $other || ${SCENE_WHERE[$one]} == "${SCENE_WHERE[$other]}" ]] || echo "$one+$other"
		done
	done
}

# faults_beside BACKGROUND
faults_beside() {
	local one
	for one in "${!SCENE_KIND[@]}"; do
		[[ ${SCENE_KIND[$one]} == yes ]] && can_happen "$one" && echo "$one+$1"
	done
}

# sample SEED COUNT [BACKGROUND]: prints the runs. Of two causes there is one pair, whatever number of scenes they have.
sample() {
	local seed=$1 left=$2 background=${3:-} names one other causes
	local -A there=()
	mapfile -t names < <(scene_names)
	scenes_read "${names[@]}"
	while ((left > 0)) && IFS=+ read -r one other; do
		causes="${SCENE_CAUSE[$one]} ${SCENE_CAUSE[$other]}"
		[[ -z $background ]] || causes=$one
		if [[ -z ${there[$causes]:-} && -z $(together_wrong "$one" "$other") ]]; then
			there[$causes]=yes
			echo "$one+$other"
			left=$((left - 1))
		fi
	done < <(if [[ -n $background ]]; then faults_beside "$background"; else pairs_of_faults; fi | shuffled "$seed")
}
