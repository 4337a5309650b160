# SPDX-License-Identifier: GPL-2.0-or-later
"""The goals of the exam."""
from dataclasses import dataclass

from table.exam import Exam
from table.figures import Share


@dataclass(frozen=True)
class Goal:
    text: str
    seen: str
    met: bool


def enough(text: str, seen: int, least: int) -> Goal:
    return Goal(text.format(least), str(seen), seen >= least)


def none(text: str, seen: int) -> Goal:
    return Goal(text, str(seen), seen == 0)


def often(text: str, share: Share, percent: int) -> Goal:
    return Goal(f"{text} at least {percent} %", f"{share.percent} ({share.counts})", share.reaches(percent))


def goals_of(exam: Exam) -> list[Goal]:
    words = [Goal(f'"{word.word}" never wrong' if word.goal == 100 else f'"{word.word}" right at least {word.goal} %',
                  f"{word.share.percent} ({word.share.counts})" if word.share.of else "never said", word.kept)
             for word in exam.words]
    return [
        enough("at least {} different fault scenes", len(exam.fault_scenes), 100),
        enough("at least {} different innocent scenes", len(exam.innocent_scenes), 30),
        enough("at least {} kernels", len(exam.kernels), 3),
        often("domain right", exam.score.domain, 99),
        often("cause right", exam.score.cause, 97),
        often("because right", exam.score.because, 90),
        none("no false alarm in innocent runs", len(exam.innocent_alarms.found)),
        none("no finding in fault runs that no scene accounts for", len(exam.fault_alarms.found)),
        none("no miss without an explanation", len(exam.unexplained)),
        *words,
    ]
