#!/bin/bash
# docs/doctor.schema.json describes what doctor --json prints: real answers are valid, and answers with a fault are not, so
# that the schema is known to refuse something. Prints TAP.
set -u
: "${WHEREDROP:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! python3 -c 'import jsonschema' 2>/dev/null; then
	echo "1..0 # SKIP python3-jsonschema is not installed"
	exit 0
fi
"$WHEREDROP" doctor --json >"$work/here"
cp "$WHEREDROP" "$work/wheredrop" && chmod 755 "$work" "$work/wheredrop"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	setpriv --reuid=65534 --regid=65534 --clear-groups "$work/wheredrop" doctor --json >"$work/user"
else
	cp "$work/here" "$work/user"
fi
python3 - docs/doctor.schema.json "$work/here" "$work/user" <<'CHECK'
import copy, json, sys
import jsonschema

schema, here, user = (json.load(open(name)) for name in sys.argv[1:])
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
    document = copy.deepcopy(user)
    change(document)
    result(not validator.is_valid(document), "refused: " + description)

for answer, whose in (here, "a real answer"), (user, "an ordinary user's answer"):
    errors = list(validator.iter_errors(answer))
    result(not errors, whose + " is valid", errors[:5])
broken("another schema id", lambda d: d.update(schema="wheredrop.doctor/2"))
for name in schema["required"]:
    broken("no " + name, lambda d: d.pop(name))
broken("a place too few", lambda d: d["domains"].pop())
broken("a place nobody knows", lambda d: d["domains"][0].update(where="cloud"))
broken("a sight that is none", lambda d: d["domains"][0].update(observable="maybe"))
broken("a count below zero", lambda d: d["namespaces"].update(seen=-1))
print("1..%d" % number)
CHECK
