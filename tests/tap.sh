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

# lines_fit SCHEMA FILE SPOIL: one test; each line of the file is JSON as the schema has it, and the document that the jq filter
# SPOIL makes of the list of all is not, so that the schema is known to refuse something.
lines_fit()
{
	local what="each line is as $1 has it, which refuses others" spoilt
	if ! python3 -c 'import jsonschema' 2>/dev/null; then
		result 0 "$what # SKIP python3-jsonschema is not installed"
		return
	fi
	spoilt=$(jq -cs "$3" "$2")
	python3 - "$1" "$2" "$spoilt" <<-'CHECK'
		import json, sys
		import jsonschema
		validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
		for line in open(sys.argv[2]):
		    validator.validate(json.loads(line))
		sys.exit(validator.is_valid(json.loads(sys.argv[3])))
	CHECK
	result $? "$what"
}
