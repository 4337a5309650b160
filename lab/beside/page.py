#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what other tools said in the lab's scenes against the truth, as Markdown: page.py > docs/BESIDE.md

said.tsv   PEER<tab>SCENE<tab>TEXT: what a peer said; without a text it was asked and said nothing
words.tsv  PEER<tab>REGEX<tab>PLACES<tab>CAUSES: what its texts mean in wheredrop's ids, joined by commas, "-" for none;
           the first row whose expression matches the whole text holds. A text that no row knows is an error.
peers.tsv  PEER<tab>VERSION<tab>HOW it was asked
The truth is what the scene's file in lab/faults says.
"""
import argparse
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from table.figures import Share
from table.page import table
from table.record import Unfit


def rows_of(path: Path, width: int) -> list[tuple[str, ...]]:
    """The lines of a table, without comments."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            row = tuple(line.split("\t"))
            if len(row) != width:
                raise Unfit(f"{path}:{number}: not {width} fields between tabs")
            rows.append(row)
    return rows


@dataclass(frozen=True)
class Meaning:
    places: frozenset[str]
    causes: frozenset[str]


@dataclass
class Heard:
    """All that a peer said in one scene."""
    texts: list[str] = field(default_factory=list)
    meanings: list[Meaning] = field(default_factory=list)

    def names_place(self, place: str) -> bool:
        return any(place in meaning.places for meaning in self.meanings)

    def names_cause(self, cause: str) -> bool:
        return any(cause in meaning.causes for meaning in self.meanings)

    def names_another(self, place: str) -> bool:
        return any(meaning.places and place not in meaning.places for meaning in self.meanings)


def ids(words: str) -> frozenset[str]:
    return frozenset() if words == "-" else frozenset(words.split(","))


class Words:
    def __init__(self, path: Path) -> None:
        self.rows = [(peer, re.compile(regex), Meaning(ids(places), ids(causes)))
                     for peer, regex, places, causes in rows_of(path, 4)]

    def meaning(self, peer: str, text: str) -> Meaning:
        if peer == "wheredrop":
            place, cause = text.split("/")
            return Meaning(frozenset({place}), frozenset({cause}))
        for owner, regex, meaning in self.rows:
            if owner == peer and regex.fullmatch(text):
                return meaning
        raise Unfit(f"words.tsv does not know what {peer} means by: {text}")


Said = dict[str, dict[str, Heard]]  # by scene and peer


def read_said(path: Path, words: Words) -> Said:
    said: Said = defaultdict(dict)
    for peer, scene, text in rows_of(path, 3):
        heard = said[scene].setdefault(peer, Heard())
        if text:
            heard.texts.append(text)
            heard.meanings.append(words.meaning(peer, text))
    return said


def truth_of(root: Path, scene: str) -> tuple[str, str]:
    """Place and cause; empty for what is innocent."""
    path = root / f"lab/faults/{scene}.sh"
    if not path.exists():
        return "", ""
    found = re.search(r"^(?:.* )?WHERE=(\S+) CAUSE=(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise Unfit(f"{path}: no WHERE and CAUSE")
    return found[1], found[2]


def mark(heard: Heard, place: str, cause: str) -> str:
    if not heard.texts:
        return "silent"
    parts = ["cause"] if heard.names_cause(cause) else ["place"] if heard.names_place(place) else []
    if heard.names_another(place):
        parts.append("another place")
    return " + ".join(parts) or "no place"


@dataclass(frozen=True)
class Page:
    root: Path
    words: Words
    said: Said
    peers: list[tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.peers]

    def scenes(self, faults: bool) -> list[tuple[str, str, str]]:
        every = [(scene, *truth_of(self.root, scene)) for scene in sorted(self.said)]
        return [row for row in every if bool(row[1]) == faults]

    def summary(self, peer: str) -> tuple[object, ...]:
        faults = [(self.said[scene][peer], place, cause) for scene, place, cause in self.scenes(True)
                  if peer in self.said[scene]]
        innocent = [self.said[scene][peer] for scene, _, _ in self.scenes(False) if peer in self.said[scene]]
        place = Share.among(heard.names_place(place) for heard, place, _ in faults)
        cause = Share.among(heard.names_cause(cause) for heard, _, cause in faults)
        another = Share.among(heard.names_another(place) for heard, place, _ in faults)
        silent = Share.among(not heard.texts for heard, _, _ in faults)
        alarms = Share.among(bool(heard.texts) for heard in innocent)
        return (peer, place.counts, place.interval, cause.counts, cause.interval, another.counts, silent.counts,
                alarms.counts)

    def fault_row(self, scene: str, place: str, cause: str) -> tuple[object, ...]:
        return (scene, f"{place}/{cause}",
                *(mark(self.said[scene][peer], place, cause) if peer in self.said[scene] else "not asked"
                  for peer in self.names))

    def innocent_row(self, scene: str) -> tuple[object, ...]:
        return (scene, *("not asked" if peer not in self.said[scene] else
                         f"{len(self.said[scene][peer].texts)} lines" if self.said[scene][peer].texts else "silent"
                         for peer in self.names))

    def texts(self, peer: str) -> list[tuple[object, ...]]:
        scenes: dict[str, list[str]] = defaultdict(list)
        for scene, heard in sorted(self.said.items()):
            for text in heard[peer].texts if peer in heard else ():
                scenes[text].append(scene)
        rows: list[tuple[object, ...]] = []
        for text, where in sorted(scenes.items()):
            meaning = self.words.meaning(peer, text)
            rows.append((text, ", ".join(sorted(meaning.places)), ", ".join(sorted(meaning.causes)), ", ".join(where)))
        return rows

    def lines(self) -> list[str]:
        return [
            *(HERE / "page.md").read_text(encoding="utf-8").splitlines(),
            "",
            *table(("tool", "version", "how it was asked"), self.peers),
            "",
            "## Who names what",
            "",
            *table(("tool", "place", "95 % interval", "cause", "95 % interval", "another place too", "silent",
                    "says something in an innocent scene"), (self.summary(peer) for peer in self.names)),
            "",
            "## Fault by fault",
            "",
            *table(("scene", "truth", *self.names), (self.fault_row(*scene) for scene in self.scenes(True))),
            "",
            "## Innocent scenes",
            "",
            *table(("scene", *self.names), (self.innocent_row(scene) for scene, _, _ in self.scenes(False))),
            *(line for peer in self.names if peer != "wheredrop" for line in (
                "", f"## What {peer} said, and what it was taken for", "",
                *(table(("text", "place", "cause", "scenes"), self.texts(peer)) or ["Nothing."]))),
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes docs/BESIDE.md to standard output.")
    parser.add_argument("--root", type=Path, default=HERE.parents[1], help="the source tree")
    parser.add_argument("--data", type=Path, default=HERE, help="where said.tsv, words.tsv and peers.tsv are")
    options = parser.parse_args()
    try:
        words = Words(options.data / "words.tsv")
        said = read_said(options.data / "said.tsv", words)
        print("\n".join(Page(options.root, words, said, rows_of(options.data / "peers.tsv", 3)).lines()))
    except (Unfit, OSError) as error:
        print(f"beside: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
