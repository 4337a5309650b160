#!/bin/bash
# docs/diagnosis.schema.json describes what --json prints: a real answer is valid, and answers with a fault are not, so
# that the schema is known to refuse something. Prints TAP.
set -u
: "${WHEREDROP:?}"
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
# shellcheck source=lab/lock.sh
. lab/lock.sh
lab_lock

if ! python3 -c 'import jsonschema' 2>/dev/null; then
	echo "1..0 # SKIP python3-jsonschema is not installed"
	exit 0
fi
"$WHEREDROP" --duration 500ms --json >"$answer" 9>&-
python3 - docs/diagnosis.schema.json "$answer" <<'CHECK'
import copy, json, re, sys
import jsonschema

schema, answer = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
number = 0

def result(ok, description, errors=()):
    global number
    number += 1
    print("ok" if ok else "not ok", number, "-", description)
    for error in errors:
        print("#", error.json_path, error.message[:200])

def broken(description, change):
    document = copy.deepcopy(answer)
    change(document)
    result(not validator.is_valid(document), "refused: " + description)

# Every source that can be named, wherever the schema lists them.
sources = set(re.findall(r'^SOURCE\(\w+, "([^"]+)"', open("src/model/source.def").read(), re.M))
listed = re.findall(r'"source": \{\s*"enum": \[([^]]*)\]', open("docs/diagnosis.schema.json").read())
result(len(listed) == 2 and all(set(re.findall(r'"([^"]+)"', part)) == sources for part in listed),
       "the schema knows every source")
# Every kind of object that a finding can be about: not the drops themselves.
kinds = set(re.findall(r'^\s*\[OBJECT_\w+\] = "([^"]+)"', open("src/model/object.c").read(), re.M))
result(set(schema["$defs"]["object"]["properties"]["kind"]["enum"]) == kinds - {"drop", "flow"},
       "the schema knows every kind of object")
difference = json.load(open("docs/diff.schema.json"))
result(all(schema["$defs"][name] == difference["$defs"][name] for name in ("difference", "value")) and
       schema["$defs"]["compared"] == difference["properties"]["compared"],
       "what differs from a baseline is as docs/diff.schema.json has it")
errors = list(validator.iter_errors(answer))
result(not errors, "a real answer is valid", errors[:5])
broken("another schema id", lambda d: d.update(schema="wheredrop.diagnosis/2"))
for name in schema["required"]:
    broken("no " + name, lambda d: d.pop(name))
broken("loss maybe", lambda d: d["verdict"].update(loss="maybe"))
broken("loss without a place", lambda d: d["verdict"].update(loss="yes", where=None))
broken("a place nobody knows", lambda d: d["ruled_out"].append({"where": "cloud", "observation": "x"}))
broken("a count below zero", lambda d: d["ledger"].update(dropped=-1))
broken("a share above one", lambda d: d["verdict"].update(share=1.5))
broken("a place too few", lambda d: d["domains"].pop())
broken("a time that is none", lambda d: d["window"].update(start="yesterday"))
print("1..%d" % number)
CHECK
