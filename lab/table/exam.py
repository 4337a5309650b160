# SPDX-License-Identifier: GPL-2.0-or-later
"""The exam: what the records add up to. Judges nothing itself; goals.py and page.py take their numbers from here."""
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Callable, Iterable, Iterator, Optional

from table.figures import Share, poisson_upper
from table.knowledge import Knowledge
from table.record import WORDS, Extra, Records, Run, Unfit, numbered_lines


@dataclass(frozen=True)
class Explanation:
    """Why the misses of a scene on some machines are known."""
    scene: str
    machine: re.Pattern[str]
    reason: str


def read_explanations(path: Optional[Path]) -> list[Explanation]:
    """Lines SCENE<tab>REGEX<tab>REASON, the expression for "MACHINE KERNEL"; lines with # are comments."""
    explanations = []
    for number, line in numbered_lines(path) if path else ():
        text = line.decode(errors="replace").strip("\n")
        if not text.strip() or text.startswith("#"):
            continue
        parts = [part.strip() for part in text.split("\t")]
        try:
            if len(parts) != 3 or not all(parts):
                raise Unfit("not SCENE<tab>MACHINE<tab>REASON")
            explanations.append(Explanation(parts[0], re.compile(parts[1]), parts[2]))
        except (Unfit, re.error) as error:
            raise Unfit(f"{path}:{number}: {error}") from None
    return explanations


@dataclass(frozen=True)
class Score:
    """What was right in the fault runs of some group. "because" and "count" are judged only where the truth has one."""
    domain: Share
    cause: Share
    because: Share
    count: Share
    whole: Share

    @staticmethod
    def of(runs: Iterable[Run]) -> "Score":
        faults = [run for run in runs if run.is_fault]
        return Score(Share.among(run.right.where for run in faults),
                     Share.among(run.right.cause for run in faults),
                     Share.among(run.right.because for run in faults if run.truth.because),
                     Share.among(run.right.count for run in faults),
                     Share.among(not run.why_missed for run in faults))


@dataclass(frozen=True)
class Alarms:
    """Findings that no scene accounts for, in runs that are each counted once."""
    runs: int
    found: tuple[Extra, ...]
    hours: float

    @property
    def rate(self) -> str:
        return f"{len(self.found) / self.hours:.1f}" if self.hours else "–"

    @property
    def bound(self) -> str:
        return f"{poisson_upper(len(self.found)) / self.hours:.1f}" if self.hours else "–"

    @staticmethod
    def of(runs: Iterable[Run]) -> "Alarms":
        once = list(each_once(runs))
        return Alarms(len(once), tuple(extra for run in once for extra in run.found),
                      sum(run.window for run in once) / 3600)


def each_once(runs: Iterable[Run]) -> Iterator[Run]:
    """One record for each run: scenes that ran together have a record each, with the same window and extra findings."""
    together: dict[tuple[object, ...], dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        key = frozenset((run.scene, *run.beside)), run.mode, run.family, run.kernel, run.machine
        together[key][run.scene].append(run)
    for by_scene in together.values():
        yield from max(by_scene.values(), key=len)


@dataclass(frozen=True)
class Word:
    """How often answers with one of the words of confidence were right in where and cause."""
    word: str
    share: Share
    goal: int

    @property
    def kept(self) -> bool:
        return self.share.of == 0 or self.share.reaches(self.goal)


# How often each word must be right, in percent.
WORD_GOALS = dict(zip(WORDS, (100, 95, 60)))


def natural(text: str) -> list[tuple[int, str]]:
    """6.1 before 6.12."""
    return [(int(part or 0), other) for part, other in re.findall(r"(\d*)(\D*)", text)]


@dataclass(frozen=True)
class Exam:
    records: Records
    knowledge: Knowledge
    explanations: list[Explanation]

    @property
    def runs(self) -> list[Run]:
        return self.records.runs

    @cached_property
    def fault_scenes(self) -> set[str]:
        return {run.scene for run in self.runs if run.is_fault}

    @cached_property
    def innocent_scenes(self) -> set[str]:
        return {run.scene for run in self.runs if not run.is_fault}

    @cached_property
    def kernels(self) -> list[str]:
        return sorted({run.kernel for run in self.runs}, key=natural)

    @cached_property
    def places(self) -> list[tuple[str, str]]:
        """Kernel and machine, the host first."""
        return sorted({run.place for run in self.runs},
                      key=lambda place: (place[1] != "host", natural(place[0]), place[1]))

    def is_fault(self, name: str) -> bool:
        return name in self.fault_scenes or name in self.knowledge.faults

    @cached_property
    def pairs(self) -> set[frozenset[str]]:
        """Faults that ran at the same time."""
        groups = (frozenset(filter(self.is_fault, (run.scene, *run.beside))) for run in self.runs)
        return {group for group in groups if len(group) > 1}

    @cached_property
    def backgrounds(self) -> list[str]:
        """Innocent scenes and whatever else went on beside a fault."""
        return sorted({name for run in self.runs if run.is_fault for name in run.beside if not self.is_fault(name)})

    @cached_property
    def score(self) -> Score:
        return Score.of(self.runs)

    def among_faults(self, run: Run) -> bool:
        return any(map(self.is_fault, (run.scene, *run.beside)))

    @cached_property
    def innocent_alarms(self) -> Alarms:
        return Alarms.of(run for run in self.runs if not self.among_faults(run))

    @cached_property
    def fault_alarms(self) -> Alarms:
        return Alarms.of(run for run in self.runs if self.among_faults(run))

    @cached_property
    def misses(self) -> list[Run]:
        return [run for run in self.runs if run.why_missed]

    def explained(self, run: Run) -> Optional[str]:
        for each in self.explanations:
            if each.scene == run.scene and each.machine.search(f"{run.machine} {run.kernel}"):
                return each.reason
        return None

    @cached_property
    def unexplained(self) -> list[Run]:
        return [run for run in self.misses if not self.explained(run)]

    @cached_property
    def words(self) -> list[Word]:
        """Every finding that came with a word: the ones that were asked for, and the ones that nothing accounts for."""
        given: dict[str, list[bool]] = {word: [] for word in WORDS}
        for run in self.runs:
            if run.is_fault and run.answer.confidence:
                given[run.answer.confidence].append(bool(run.right.where and run.right.cause))
        for extra in self.innocent_alarms.found + self.fault_alarms.found:
            if extra.confidence:
                given[extra.confidence].append(False)
        return [Word(word, Share.among(values), WORD_GOALS[word]) for word, values in given.items()]

    def conditions(self) -> Iterator[tuple[str, list[Run]]]:
        """Groups of runs by what was going on; a run may be in several."""
        def pick(name: str, wanted: Callable[[Run], object]) -> Iterator[tuple[str, list[Run]]]:
            chosen = [run for run in self.runs if wanted(run)]
            if chosen:
                yield name, chosen

        yield from pick("alone", lambda run: not run.beside)
        for name in self.backgrounds:
            yield from pick(f"beside {name}", lambda run: name in run.beside)
        yield from pick("beside another fault", lambda run: any(map(self.is_fault, run.beside)))
        rates = {rate for run in self.runs if (rate := loss_rate(run))}
        for part, of in sorted(rates, key=lambda rate: rate[0] / rate[1]):
            yield from pick(f"{100 * part / of:g} % of a flow lost", lambda run: loss_rate(run) == (part, of))
        for family in (4, 6):
            yield from pick(f"IPv{family}", lambda run: run.family == family)
        yield from pick("a window of fixed length", lambda run: run.mode == "window")
        yield from pick("until proven", lambda run: run.mode == "until-proven")
        for kernel, machine in self.places:
            yield from pick(f"{kernel}, {machine}", lambda run: run.place == (kernel, machine))

    def by_events(self) -> list[tuple[str, list[Run]]]:
        groups: dict[str, list[Run]] = defaultdict(list)
        for run in self.runs:
            groups[run.events or "none"].append(run)
        return sorted(groups.items())


def loss_rate(run: Run) -> Optional[tuple[int, int]]:
    """Scenes called loss-1-in-100 and the like lose that share of a flow."""
    found = re.search(r"\bloss-(\d+)-in-(\d+)\b", run.scene)
    return (int(found[1]), int(found[2])) if found else None
