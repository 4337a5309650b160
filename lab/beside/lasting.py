# SPDX-License-Identifier: GPL-2.0-or-later
"""A scene's counters, going on for as long as one likes: nothing moves, then the fault lasts at the rate that it had.

Peers' rules look at minutes and hours, a scene lives for seconds. What stands for an amount (connections, memory) is
as it was before the fault, and then as it was at its end.
"""
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Optional

# Files that hold amounts only, and the fields of others that do: by the name in the line of names, or by the column.
AMOUNTS = ("sockstat", "sockstat6", "nf_conntrack_count", "nf_conntrack_max")
AMOUNTS_NAMED = {"snmp": {"CurrEstab", "Forwarding", "DefaultTTL", "RtoAlgorithm", "RtoMin", "RtoMax", "MaxConn"}}
AMOUNT_COLUMNS = {"softnet_stat": {11, 12, 13, 14}, "nf_conntrack": {0}}  # net/core/net-procfs.c: softnet_seq_show
HEXADECIMAL = ("softnet_stat", "nf_conntrack")


def enter_own_network() -> None:
    """Runs the script again in a network namespace with nothing in it but itself: it may listen there where it likes."""
    if os.environ.get("BESIDE_NETWORK") != "own":
        os.execvpe("unshare", ["unshare", "--net", "bash", "-c", 'ip link set lo up && exec "$0" "$@"', *sys.argv],
                   {**os.environ, "BESIDE_NETWORK": "own"})


@dataclass
class Number:
    """A number of a file: what it was, what it was at the end of the fault, how it is written."""
    before: int
    after: int
    is_amount: bool
    is_hexadecimal: bool

    def at(self, share: float) -> str:
        """After so many times the fault; 0 is before it. Counters keep their width: no digit moves under a reader."""
        if self.is_amount:
            value = self.after if share > 0 else self.before
            return f"{value:x}" if self.is_hexadecimal else str(value)
        value = self.before + int((self.after - self.before) * share)
        return f"{value:016x}" if self.is_hexadecimal else f"{value:020d}"


class File:
    """A file of /proc as constant text and numbers."""

    def __init__(self, before: Path, after: Path) -> None:
        self.parts: list[str | Number] = []
        self.name = before.name
        names: list[str] = []
        first, last = before.read_text().splitlines(), after.read_text().splitlines()
        # An interface or a row that is there only once has no course.
        for line, (old, new) in enumerate(zip(first, last)):
            words, others = re.split(r"(\s+|:)", old), re.split(r"(\s+|:)", new)
            if len(words) != len(others):
                continue
            headed = names if line and names and names[0] == words[0] else []
            column = 0
            for index, (word, other) in enumerate(zip(words, others)):
                number = self.number(word, other, headed[column] if column < len(headed) else "", column)
                self.parts.append(word if number is None else number)
                column += bool(word.strip(" :\t"))
            self.parts.append("\n")
            names = [word for word in words if word.strip(" :\t")]

    def number(self, word: str, other: str, name: str, column: int) -> Optional[Number]:
        base = 16 if self.name in HEXADECIMAL else 10
        try:
            before, after = int(word, base), int(other, base)
        except ValueError:
            return None
        is_amount = (self.name in AMOUNTS or name in AMOUNTS_NAMED.get(self.name, ())
                     or column in AMOUNT_COLUMNS.get(self.name, ()))
        return Number(before, after, is_amount, base == 16)

    @property
    def moves(self) -> bool:
        return any(isinstance(part, Number) and part.before != part.after for part in self.parts)

    def at(self, share: float) -> str:
        return "".join(part if isinstance(part, str) else part.at(share) for part in self.parts)


@dataclass
class Host:
    """A namespace of a scene."""
    scene: str
    name: str
    seconds: float          # that the fault took
    files: dict[str, File]  # by the path below /proc

    def write(self, place: Path, seconds: float, everything: bool = False) -> None:
        """What /proc says so many seconds into the fault."""
        for path, file in self.files.items():
            if everything or file.moves:
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                with open(place / path, "r+" if (place / path).exists() else "w", encoding="ascii") as output:
                    output.write(file.at(seconds / self.seconds))
                    output.truncate()


def hosts_of(evidence: Path) -> Iterator[Host]:
    for scene in sorted(path.parent for path in evidence.glob("*/microseconds")):
        seconds = int((scene / "microseconds").read_text()) / 1e6
        for before in sorted((scene / "before").iterdir()):
            after = scene / "after" / before.name
            names = [path.relative_to(before) for path in sorted(before.rglob("*")) if path.is_file()]
            files = {str(name): File(before / name, after / name) for name in names if (after / name).is_file()}
            yield Host(scene.name, before.name, seconds, files)
