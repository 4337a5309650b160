# SPDX-License-Identifier: GPL-2.0-or-later
"""The exam as Markdown (docs/ACCURACY.md) and as ten lines for a terminal. No judgement here."""
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Callable, Iterable, Iterator, Optional

from table.exam import Alarms, Exam, Score
from table.figures import Share
from table.goals import goals_of
from table.knowledge import Cause, Domain
from table.record import WORDS, Left, Run

NOTHING = "–"


@dataclass(frozen=True)
class About:
    """What the records do not say."""
    full: bool
    seed: Optional[str]
    date: Optional[str]

    @property
    def drawn(self) -> str:
        if self.full:
            return "the whole matrix"
        return "a sample" + (f" drawn with seed {self.seed}" if self.seed else "")


def cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;") or NOTHING


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """Nothing at all when there are no rows."""
    head, lines = list(head), [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return [f"| {' | '.join(head)} |", "|" + " --- |" * len(head), *lines] if lines else []


def place_name(kernel: str, machine: str) -> str:
    return f"{kernel}, {machine}"


def yes(value: bool) -> str:
    return "yes" if value else "**no**"


# --- the head -------------------------------------------------------------------------------------------------

def head(exam: Exam, about: About) -> list[str]:
    left = exam.records
    rows = [
        ("drawn", about.drawn),
        ("kernels", "; ".join(place_name(*place) for place in exam.places)),
        ("scenes", f"{len(exam.fault_scenes)} faults, {len(exam.innocent_scenes)} innocent look-alikes"),
        ("at the same time", f"{len(exam.pairs)} pairs of faults; {len(exam.backgrounds)} backgrounds"
         + (f" ({', '.join(exam.backgrounds)})" if exam.backgrounds else "")),
        ("answers judged", f"{len(exam.runs)}: {exam.score.domain.of} about a fault, "
         f"{len(exam.runs) - exam.score.domain.of} about an innocent scene"),
        ("not judged", f"{len(left.skipped)} skipped, {len(left.broken)} broken (both listed at the end)"),
    ]
    if about.date:
        rows.append(("date", about.date))
    return [
        "# Accuracy",
        "",
        "The lab makes a fault with a known number of lost packets, or harmless traffic that looks like one, and holds",
        "what `wheredrop` answers against the truth. `make accuracy` writes this page from the records of those runs.",
        "",
        *table(("what was run", ""), rows),
        "",
        "To repeat it: `make accuracy` for the sample, `FULL=1 make accuracy` for the whole matrix. A single scene:",
        "`sudo lab/run run NAME`.",
    ]


MEANING = """\
## What "right" means

| column | right when |
| --- | --- |
| domain | the finding about this fault names the place on the packet's way where the scene loses the packets |
| cause | it names the scene's cause; another cause in the right place is wrong, and so is silence |
| because | the answer gives every reason that the scene asks for; runs of scenes without a reason are not counted |
| count | the number of lost packets is within 2 % or one packet of the truth, which the lab knows from what was sent \
and received; runs whose true number cannot be known are not counted |
| all | nothing else that the scene asks for is wrong either: exit status, object, look-alikes that must not be named, \
words of the report |

Percentages are rounded down. Intervals are 95 % Wilson intervals. They say what so few runs can prove of such runs; the
runs share scenes and machines, and the faults of the field are others.""".splitlines()


def result(exam: Exam) -> list[str]:
    named = (("domain", exam.score.domain), ("cause", exam.score.cause), ("because", exam.score.because),
             ("count", exam.score.count), ("all", exam.score.whole))
    alarms = (("innocent scenes alone or beside harmless traffic", exam.innocent_alarms),
              ("faults: findings that no scene of the run accounts for", exam.fault_alarms))
    return [
        "## Result",
        "",
        *table(("right", "runs", "share", "95 % interval"),
               ((name, share.counts, share.percent, share.interval) for name, share in named)),
        "",
        *table(("false alarms in", "runs", "hours watched", "false alarms", "per hour", "at most per hour (95 %)"),
               ((name, each.runs, f"{each.hours:.3f}", len(each.found), each.rate, each.bound)
                for name, each in alarms)),
        "",
        "Hours are the windows added up, those of scenes that ran together once. The bound is exact for a Poisson",
        "count; without any alarm it is 3 divided by the hours.",
        "",
        *table(("goal", "seen", "met"), ((goal.text, goal.seen, yes(goal.met)) for goal in goals_of(exam))),
    ]


def calibration(exam: Exam) -> list[str]:
    goals = {100: "never wrong"}
    rows = ((word.word, word.share.of, word.share.right, word.share.percent, word.share.lower,
             goals.get(word.goal, f"at least {word.goal} %"), yes(word.kept)) for word in exam.words)
    wordless = sum(extra.confidence is None for extra in exam.innocent_alarms.found + exam.fault_alarms.found)
    return [
        "## Does the confidence mean what it says?",
        "",
        "Each answer about a fault comes with a word. Right is here: domain and cause. False alarms count as wrong.",
        "",
        *table(("word", "answers", "right", "share", "not below (Wilson, 95 %)", "goal", "kept"), rows),
        *(["", f"{wordless} false alarms have no word in the records and are missing here."] if wordless else []),
    ]


# --- conditions -----------------------------------------------------------------------------------------------

def score_row(name: str, runs: list[Run]) -> tuple[object, ...]:
    score, innocent = Score.of(runs), sum(not run.is_fault for run in runs)
    return (name, score.domain.counts, score.cause.counts, score.because.counts, score.count.counts, score.whole.counts,
            innocent, len(Alarms.of(runs).found))


SCORE_HEAD = ("domain", "cause", "because", "count", "all", "innocent runs", "false alarms")


def conditions(exam: Exam) -> list[str]:
    return [
        "## Under which conditions",
        "",
        "Right of all fault runs; a run is in every row that fits it. False alarms are those of all its runs.",
        "",
        *table(("condition", *SCORE_HEAD), (score_row(name, runs) for name, runs in exam.conditions())),
        "",
        "By how the kernel's drop events were observed:",
        "",
        *table(("drop events", *SCORE_HEAD), (score_row(name, runs) for name, runs in exam.by_events())),
    ]


# --- what went wrong ------------------------------------------------------------------------------------------

def chain(where: Optional[str], cause: Optional[str], because: Iterable[str], lost: Optional[int]) -> str:
    if cause is None:
        return "nothing"
    return " < ".join((f"{where or '?'}/{cause}", *because)) + (f" ({lost})" if lost is not None else "")


def miss_row(exam: Exam, run: Run) -> tuple[object, ...]:
    truth, answer = run.truth, run.answer
    got = chain(answer.where, answer.cause, answer.because, answer.lost)
    return (run.scene, "+".join(run.beside), f"IPv{run.family}", run.mode, run.kernel, run.machine,
            chain(truth.where, truth.cause, truth.because, truth.lost),
            got + "".join(f" + {extra.where}/{extra.cause}" for extra in answer.extra),
            run.why_missed, exam.explained(run) or "**not explained**")


def misses(exam: Exam) -> list[str]:
    rows = table(("scene", "beside", "family", "mode", "kernel", "machine", "expected", "got", "why wrong", "reason"),
                 (miss_row(exam, run) for run in exam.misses))
    return ["## Every miss", "", *(rows or ["None."])]


def left_out(title: str, left: list[Left], none: str) -> list[str]:
    groups: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for each in left:
        groups[place_name(*each.place), each.reason]["+".join((each.scene, *each.beside))] += 1
    rows = ((place, reason, sum(scenes.values()), ", ".join(sorted(scenes)))
            for (place, reason), scenes in sorted(groups.items()))
    return [title, "", *(table(("machine", "reason", "runs", "scenes"), rows) or [none])]


# --- per cause ------------------------------------------------------------------------------------------------

def percent(value: float) -> str:
    return "<0.1" if 0 < value < 0.05 else f"{value:.1f}".removesuffix(".0")


def count_error(runs: list[Run]) -> str:
    """Median and worst, in percent of the truth. A lower bound is no error."""
    errors = [100 * abs(run.answer.lost - run.truth.lost) / run.truth.lost for run in runs
              if run.truth.lost and run.answer.lost is not None and run.truth.at_least is None]
    return f"{percent(median(errors))} / {percent(max(errors))}" if errors else NOTHING


def words_said(runs: list[Run]) -> str:
    said = Counter(run.answer.confidence or "silent" for run in runs)
    return ", ".join(f"{word} {said[word]}" for word in (*WORDS, "silent") if said[word])


def time_to(runs: list[Run], mode: str) -> str:
    seconds = [run.seconds for run in runs if run.mode == mode]
    return f"{median(seconds):.1f}" if seconds else NOTHING


def finding_cells(runs: list[Run]) -> tuple[object, ...]:
    score = Score.of(runs)
    return (score.domain.counts, score.cause.counts, score.cause.interval, score.because.counts, count_error(runs),
            words_said(runs), time_to(runs, "window"), time_to(runs, "until-proven"))


def named_cells(share: Share) -> tuple[object, ...]:
    return (NOTHING, share.counts, share.interval) + (NOTHING,) * 5


Cells = Callable[[list[Run]], tuple[object, ...]]


def roles(exam: Exam, cause: str) -> list[tuple[str, list[Run], Cells]]:
    """As what scenes ask for a cause: as the finding, as a reason, or as something harmless that must be listed."""
    faults = [run for run in exam.runs if run.is_fault]
    every = (
        ("finding", [run for run in faults if run.truth.cause == cause], finding_cells),
        ("reason", [run for run in faults if cause in run.truth.because],
         lambda runs: named_cells(Share.among(cause in run.answer.because for run in runs))),
        ("harmless", [run for run in exam.runs
                      if not run.is_fault and cause in exam.knowledge.harmless.get(run.scene, ())],
         lambda runs: named_cells(Share.among(not run.why_missed for run in runs))),
    )
    return [role for role in every if role[1]]


PROOFS = {"PROBE": "can be shown only by packets sent along the path", "EVENTS": "can be shown only by drop events"}


def fixture_row(exam: Exam, cause: Cause) -> tuple[object, ...]:
    fired, spared = exam.knowledge.fired[cause.id], exam.knowledge.spared[cause.id]
    if fired or spared:
        how = f"by fixture: {fired} fire it, {spared} look-alikes do not"
    else:
        how = "neither live nor by fixture" + (f"; {PROOFS[cause.proof]}" if cause.proof in PROOFS else "")
    return (cause.id, NOTHING, how) + (NOTHING,) * 9


def cause_rows(exam: Exam, cause: Cause) -> Iterator[tuple[object, ...]]:
    asked = roles(exam, cause.id)
    if not asked:
        yield fixture_row(exam, cause)
    for role, runs, cells in asked:
        places = [place for place in exam.places if any(run.place == place for run in runs)]
        if len(places) > 1:
            yield (cause.id, role, "all", len(runs), *cells(runs))
        for place in places:
            here = [run for run in runs if run.place == place]
            yield (cause.id, role, place_name(*place), len(here), *cells(here))


CAUSE_HEAD = ("cause", "asked for as", "where it ran", "runs", "domain", "cause", "95 % interval", "because",
              "count error, %: median / worst", "confidence", "seconds, window", "seconds, until proven")


def domain_section(exam: Exam, domain: Domain) -> list[str]:
    causes = [cause for cause in exam.knowledge.causes if cause.domain == domain.id]
    rows = table(CAUSE_HEAD, (row for cause in causes for row in cause_rows(exam, cause)))
    return [f"### {domain.id}: {domain.title}", "", *rows] if rows else []


def per_cause(exam: Exam) -> list[str]:
    sections = [domain_section(exam, domain) for domain in exam.knowledge.domains]
    return [
        "## Per cause",
        "",
        "In the packet's order. The interval is that of the column before it. Causes that were not run live have the",
        "number of hand-made cases in `tests/diagnosis` that fire them, and of those that look alike and must not. A",
        "reason is right when the answer gives it, something harmless when all of the run is right. Seconds are medians,",
        "from the beginning of the fault to the written answer. Where only a lower bound can be known there is no count",
        "error.",
        *(line for section in sections if section for line in ("", *section)),
    ]


def page(exam: Exam, about: About) -> str:
    sections = (
        head(exam, about), result(exam), MEANING, calibration(exam), conditions(exam), misses(exam), per_cause(exam),
        left_out("## Skipped", exam.records.skipped, "Nothing."),
        left_out("## Scenes that broke", exam.records.broken, "None."),
    )
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


# --- the terminal ---------------------------------------------------------------------------------------------

def alarm_text(alarms: Alarms) -> str:
    return f"{len(alarms.found)} in {alarms.runs} runs, {alarms.hours:.2f} h, at most {alarms.bound} per hour"


def summary(exam: Exam) -> str:
    def share(name: str, value: Share) -> str:
        return f"{name:13} {value.counts:>11}  {value.percent:>7}  {value.interval}"

    unmet = [goal.text for goal in goals_of(exam) if not goal.met]
    return "\n".join((
        f"scenes        {len(exam.fault_scenes)} faults, {len(exam.innocent_scenes)} innocent, "
        f"{len(exam.pairs)} pairs, {len(exam.kernels)} kernels",
        share("domain", exam.score.domain),
        share("cause", exam.score.cause),
        share("because", exam.score.because),
        share("count", exam.score.count),
        f"false alarms  innocent: {alarm_text(exam.innocent_alarms)}",
        f"              faults: {alarm_text(exam.fault_alarms)}",
        f"confidence    {', '.join(f'{word.word} {word.share.counts}' for word in exam.words)}",
        f"misses        {len(exam.misses)}, not explained {len(exam.unexplained)}; "
        f"skipped {len(exam.records.skipped)}, broken {len(exam.records.broken)}",
        f"goals         {'all met' if not unmet else 'not met: ' + '; '.join(unmet)}",
    )) + "\n"
