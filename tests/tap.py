# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of TAP from a Python script, as tests/tap.sh prints them. It ends with plan()."""

number = 0


def ok(description: str, passed: bool, *shown: object) -> None:
    """One test; a failure shows the beginning of what is given."""
    global number
    number += 1
    print(f"{'' if passed else 'not '}ok {number} - {description}")
    for line in () if passed else "\n".join(map(str, shown)).splitlines()[:40]:
        print(f"# {line}")


def plan() -> None:
    print(f"1..{number}")
