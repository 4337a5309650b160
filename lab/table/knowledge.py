# SPDX-License-Identifier: GPL-2.0-or-later
"""What the table takes from the tree: domains, causes, the cases of tests/diagnosis, the lab's scenes."""
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from table.record import Ids, Unfit

DOMAIN = re.compile(r'^DOMAIN\((\w+),\s*"([^"]+)",\s*"([^"]+)"', re.MULTILINE)
CAUSE = re.compile(r'^CAUSE\(\w+,\s*"([^"]+)",\s*(\w+),\s*(\w+),\s*(\w+),', re.MULTILINE)
FIRES = re.compile(r"^expect (?:cause|because|also|innocent) (.*)$", re.MULTILINE)
SPARES = re.compile(r"^expect never (.*)$", re.MULTILINE)
EXPECTED_INNOCENT = re.compile(r"""^(?:.* )?EXPECT_INNOCENT=(?:'([^']*)'|"([^"]*)"|([^\s;]*))""", re.MULTILINE)


@dataclass(frozen=True)
class Domain:
    id: str
    title: str


@dataclass(frozen=True)
class Cause:
    id: str
    domain: str
    proof: str


@dataclass(frozen=True)
class Knowledge:
    domains: tuple[Domain, ...]
    causes: tuple[Cause, ...]
    fired: Counter[str]               # by cause: how many cases fire it,
    spared: Counter[str]              # and in how many it must not be called
    faults: frozenset[str]            # names of scenes that make a fault
    harmless: dict[str, frozenset[str]]  # by scene: the causes that must be listed as innocent

    @property
    def ids(self) -> Ids:
        return Ids(tuple(domain.id for domain in self.domains), tuple(cause.id for cause in self.causes))


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unfit(f"{path}: cannot be read ({error})") from None


def read_causes(model: Path) -> tuple[tuple[Domain, ...], tuple[Cause, ...]]:
    symbols = {symbol: Domain(id_, title) for symbol, id_, title in DOMAIN.findall(text_of(model / "domain.def"))}
    text = text_of(model / "causes.def")
    causes = tuple(Cause(id_, symbols[domain].id, proof) for id_, domain, _, proof in CAUSE.findall(text))
    if not causes or len(causes) != len(re.findall(r"^CAUSE\(", text, re.MULTILINE)):
        raise Unfit(f"{model / 'causes.def'}: a row is not understood")
    return tuple(symbols.values()), causes


def words_of(lines: list[str], known: frozenset[str]) -> frozenset[str]:
    """The causes in lists such as "a,b" or "where/a 5"; other words are no causes (see tests/unit/test_causes.c)."""
    words = (word.rpartition("/")[2] for line in lines for word in re.split(r"[ ,]+", line))
    return known.intersection(words)


def read_cases(folder: Path, known: frozenset[str]) -> tuple[Counter[str], Counter[str]]:
    fired: Counter[str] = Counter()
    spared: Counter[str] = Counter()
    for path in sorted(folder.glob("*.case")):
        text = text_of(path)
        fired.update(words_of(FIRES.findall(text), known))
        spared.update(words_of(SPARES.findall(text), known))
    return fired, spared


def read_harmless(path: Path, known: frozenset[str]) -> frozenset[str]:
    return words_of([" ".join(found) for found in EXPECTED_INNOCENT.findall(text_of(path))], known)


def read_knowledge(root: Path) -> Knowledge:
    domains, causes = read_causes(root / "src/model")
    known = frozenset(cause.id for cause in causes)
    fired, spared = read_cases(root / "tests/diagnosis", known)
    faults = frozenset(path.stem for path in (root / "lab/faults").glob("*.sh"))
    harmless = {path.stem: read_harmless(path, known) for path in (root / "lab/innocent").glob("*.sh")}
    return Knowledge(domains, causes, fired, spared, faults, harmless)
