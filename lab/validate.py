#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds answers against the JSON Schema: a file name per line in, an empty line or the first fault out.

One process for a whole run of the lab, because starting one per scene takes longer than judging its answer.
"""
import json
import sys

import jsonschema


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        validator = jsonschema.Draft202012Validator(json.load(file))
    for name in sys.stdin:
        with open(name.rstrip("\n"), encoding="utf-8") as file:
            document = json.load(file)
        fault = next(validator.iter_errors(document), None)
        print("" if fault is None else f"schema: {fault.json_path} {fault.message[:120]}", flush=True)


main()
