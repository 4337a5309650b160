# shellcheck shell=bash
# Lines of TAP from a script. It ends with: echo "1..$number"
number=0
said=() # files that every failure shows

# result STATUS DESCRIPTION [FILE...]: one test; a failure shows the beginning of the files.
result()
{
	local file
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
		return
	fi
	echo "not ok $number - $2"
	for file in "${@:3}" "${said[@]}"; do
		[ ! -e "$file" ] || head -n 20 "$file" | sed 's/^/# /'
	done
}
