#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds up what the lab's runs were worth: reads records (JSON lines, see table/record.py), writes docs/ACCURACY.md.

Exit status: 0 done, 1 --check found a goal that is not met, 2 wrong usage or records that cannot be used.
"""
import argparse
import sys
from pathlib import Path

from table.exam import Exam, read_explanations
from table.goals import goals_of
from table.knowledge import read_knowledge
from table.page import About, page, summary
from table.record import Unfit, read_records

LAB = Path(__file__).resolve().parent
MISSES = LAB / "misses.txt"


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Writes the accuracy table from the lab's records.")
    parser.add_argument("records", nargs="+", type=Path, metavar="FILE", help="records, a JSON object in each line")
    parser.add_argument("--output", type=Path, help="write the page there, not to standard output")
    parser.add_argument("--check", action="store_true", help="print each goal that is not met; exit status 1 if any")
    parser.add_argument("--summary", action="store_true", help="print ten lines instead of the page")
    parser.add_argument("--misses", type=Path, help="explained misses: SCENE<tab>MACHINE<tab>REASON (lab/misses.txt)")
    parser.add_argument("--root", type=Path, default=LAB.parent, help="the source tree (default: where this file is)")
    parser.add_argument("--seed", help="the seed that the sample was drawn with")
    parser.add_argument("--full", action="store_true", help="the whole matrix was run")
    parser.add_argument("--date", help="a date for the page; without it there is none")
    return parser.parse_args(given)


def run(options: argparse.Namespace) -> int:
    knowledge = read_knowledge(options.root)
    misses = options.misses or (MISSES if MISSES.exists() else None)
    exam = Exam(read_records(options.records, knowledge.ids), knowledge, read_explanations(misses))
    about = About(options.full, options.seed, options.date)
    if options.output:
        options.output.write_text(page(exam, about), encoding="utf-8")
    elif not options.check and not options.summary:
        sys.stdout.write(page(exam, about))
    if options.summary:
        sys.stdout.write(summary(exam))
    unmet = [goal for goal in goals_of(exam) if not goal.met] if options.check else []
    for goal in unmet:
        print(f"not met: {goal.text}: {goal.seen}")
    return 1 if unmet else 0


def main(given: list[str]) -> int:
    try:
        return run(arguments(given))
    except (Unfit, OSError) as error:
        print(f"accuracy: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
