# SPDX-License-Identifier: GPL-2.0-or-later
"""Records of judged answers: JSON lines, one for each scene of each run of the lab.

    scene      the scene that this line judges
    beside     the scenes and backgrounds that ran at the same time, joined by "+"; "" when alone
    kind       "fault" or "innocent"
    mode       "window", of a fixed length, or "until-proven"
    family     4 or 6
    kernel     the release of the kernel
    machine    "host", "guest", "guest no-btf" ...
    events     how drop events were observed, null when not at all
    truth      where, cause: the finding that the scene makes, null for innocent scenes; because: the reasons it asks for;
               lost: packets, null when not known; at_least: a percentage where the answer can know only a part, or null
    answer     status: of the program; where, cause, because, lost, confidence: the finding for this scene's fault, null
               and [] when there is none; extra: WHERE/CAUSE[/CONFIDENCE] of the findings that no scene accounts for
    right      where, cause, because, count: true, false, or null for what cannot be judged
    seconds    from the beginning of the fault to the written answer
    window     the seconds that were watched
    wrong      why the run as a whole is not right, "" when it is
    skipped    the reason why the scene was left out; only scene, beside, kind, family, kernel and machine are then there
    broken     the reason why the scene itself failed, likewise
"""
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator, Optional

WORDS = ("proven", "likely", "possible")


class Unfit(Exception):
    """Input that cannot be used: one line for people."""


@dataclass(frozen=True)
class Where:
    """What was run and on what."""
    scene: str
    beside: tuple[str, ...]
    kind: str
    family: int
    kernel: str
    machine: str

    @property
    def place(self) -> tuple[str, str]:
        return self.kernel, self.machine


@dataclass(frozen=True)
class Truth:
    where: Optional[str]
    cause: Optional[str]
    because: tuple[str, ...]
    lost: Optional[int]
    at_least: Optional[float]


@dataclass(frozen=True)
class Extra:
    """A finding that no scene of the run accounts for."""
    where: str
    cause: str
    confidence: Optional[str]


@dataclass(frozen=True)
class Answer:
    status: int
    where: Optional[str]
    cause: Optional[str]
    because: tuple[str, ...]
    lost: Optional[int]
    confidence: Optional[str]
    extra: tuple[Extra, ...]


@dataclass(frozen=True)
class Right:
    where: Optional[bool]
    cause: Optional[bool]
    because: Optional[bool]
    count: Optional[bool]


@dataclass(frozen=True)
class Run(Where):
    """One judged answer about one scene."""
    mode: str
    events: Optional[str]
    truth: Truth
    answer: Answer
    right: Right
    seconds: float
    window: float
    wrong: str

    @property
    def is_fault(self) -> bool:
        return self.kind == "fault"

    @property
    def found(self) -> tuple[Extra, ...]:
        """The findings that are false: all of an innocent scene, the unaccounted ones of a fault."""
        own = () if self.is_fault or self.answer.cause is None else (
            Extra(self.answer.where or "?", self.answer.cause, self.answer.confidence),)
        return own + self.answer.extra

    @property
    def why_missed(self) -> str:
        """Why this is a miss, "" when all of it is right."""
        if self.wrong:
            return self.wrong
        parts = [name for name in ("where", "cause", "because", "count") if getattr(self.right, name) is False]
        parts += [f"false alarm {extra.where}/{extra.cause}" for extra in self.found]
        return ", ".join(parts)


@dataclass(frozen=True)
class Left(Where):
    """A scene that gave no answer to judge."""
    reason: str


@dataclass
class Records:
    runs: list[Run] = field(default_factory=list)
    skipped: list[Left] = field(default_factory=list)
    broken: list[Left] = field(default_factory=list)


class Fields:
    """The members of a JSON object, each taken with its type; what is missing or of another type is Unfit."""

    def __init__(self, value: Any, name: str = "") -> None:
        if not isinstance(value, dict):
            raise Unfit(f"{name or 'the record'} is no object")
        self.value, self.prefix = value, f"{name}." if name else ""

    def take(self, name: str, what: str, *kinds: type) -> Any:
        if name not in self.value:
            raise Unfit(f"there is no {self.prefix}{name}")
        value = self.value[name]
        # To Python, true is a number.
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise Unfit(f"{self.prefix}{name} is not {what}")
        return value

    def text(self, name: str) -> str:
        value: str = self.take(name, "a text", str)
        return value

    def text_or_none(self, name: str) -> Optional[str]:
        value: Optional[str] = self.take(name, "a text or null", str, type(None))
        return value

    def one_of(self, name: str, *allowed: Any) -> Any:
        value = self.take(name, f"one of {', '.join(map(str, allowed))}", *{type(each) for each in allowed})
        if value not in allowed:
            raise Unfit(f"{self.prefix}{name} is {value!r}, not one of {', '.join(map(str, allowed))}")
        return value

    def count_or_none(self, name: str) -> Optional[int]:
        value: Optional[int] = self.take(name, "a count or null", int, type(None))
        if value is not None and value < 0:
            raise Unfit(f"{self.prefix}{name} is negative")
        return value

    def number(self, name: str) -> float:
        value = float(self.take(name, "a number", int, float))
        if value < 0 or not math.isfinite(value):
            raise Unfit(f"{self.prefix}{name} is no length of time")
        return value

    def flag_or_none(self, name: str) -> Optional[bool]:
        value: Optional[bool] = self.take(name, "true, false or null", bool, type(None))
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.take(name, "a list of texts", list)
        if not all(isinstance(value, str) for value in values):
            raise Unfit(f"{self.prefix}{name} is not a list of texts")
        return tuple(values)

    def inner(self, name: str) -> "Fields":
        return Fields(self.take(name, "an object", dict), self.prefix + name)


@dataclass(frozen=True)
class Ids:
    """The ids that a record may use."""
    domains: tuple[str, ...]
    causes: tuple[str, ...]

    def check(self, name: str, where: Optional[str], *causes: Optional[str]) -> None:
        if where is not None and where not in self.domains:
            raise Unfit(f"{name}: there is no domain {where}")
        for cause in causes:
            if cause is not None and cause not in self.causes:
                raise Unfit(f"{name}: there is no cause {cause}")


def read_truth(fields: Fields, kind: str, ids: Ids) -> Truth:
    at_least = fields.take("at_least", "a percentage or null", int, float, type(None))
    truth = Truth(fields.text_or_none("where"), fields.text_or_none("cause"), fields.texts("because"),
                  fields.count_or_none("lost"), at_least)
    ids.check("truth", truth.where, truth.cause, *truth.because)
    if (kind == "fault") != (truth.where is not None and truth.cause is not None):
        raise Unfit("truth.where and truth.cause are given for a fault, and for nothing else")
    return truth


def read_extra(text: str, ids: Ids) -> Extra:
    """WHERE/CAUSE or WHERE/CAUSE/CONFIDENCE."""
    parts = text.split("/")
    if len(parts) not in (2, 3) or (len(parts) == 3 and parts[2] not in WORDS):
        raise Unfit(f"answer.extra: {text!r} is not WHERE/CAUSE or WHERE/CAUSE/CONFIDENCE")
    ids.check("answer.extra", parts[0], parts[1])
    return Extra(parts[0], parts[1], parts[2] if len(parts) == 3 else None)


def read_answer(fields: Fields, ids: Ids) -> Answer:
    status = fields.take("status", "an exit status", int)
    answer = Answer(status, fields.text_or_none("where"), fields.text_or_none("cause"), fields.texts("because"),
                    fields.count_or_none("lost"), fields.one_of("confidence", *WORDS, None),
                    tuple(read_extra(text, ids) for text in fields.texts("extra")))
    ids.check("answer", answer.where, answer.cause, *answer.because)
    if (answer.cause is None) != (answer.confidence is None):
        raise Unfit("answer.confidence is given with answer.cause, and never without")
    return answer


def read_right(fields: Fields, kind: str, truth: Truth, answer: Answer) -> Right:
    right = Right(*(fields.flag_or_none(name) for name in ("where", "cause", "because", "count")))
    if kind != "fault":
        return right
    for name, same in (("where", truth.where == answer.where), ("cause", truth.cause == answer.cause),
                       ("because", set(truth.because) <= set(answer.because))):
        judged = getattr(right, name)
        if judged is None:
            raise Unfit(f"right.{name} is null for a fault")
        if judged and not same:
            raise Unfit(f"right.{name} is true, and the answer is not the truth")
    return right


def read_where(fields: Fields) -> dict[str, Any]:
    beside = fields.text("beside")
    return {"scene": fields.text("scene"), "beside": tuple(beside.split("+")) if beside else (),
            "kind": fields.one_of("kind", "fault", "innocent"), "family": fields.one_of("family", 4, 6),
            "kernel": fields.text("kernel"), "machine": fields.text("machine")}


def read_run(fields: Fields, where: dict[str, Any], ids: Ids) -> Run:
    truth = read_truth(fields.inner("truth"), where["kind"], ids)
    answer = read_answer(fields.inner("answer"), ids)
    return Run(**where, mode=fields.one_of("mode", "window", "until-proven"), events=fields.text_or_none("events"),
               truth=truth, answer=answer, right=read_right(fields.inner("right"), where["kind"], truth, answer),
               seconds=fields.number("seconds"), window=fields.number("window"), wrong=fields.text("wrong"))


def no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def read_line(line: bytes, ids: Ids, records: Records) -> None:
    try:
        fields = Fields(json.loads(line.decode(), parse_constant=no_constant))
    except (ValueError, RecursionError):
        raise Unfit("this is no JSON") from None
    where = read_where(fields)
    for name, others in (("skipped", records.skipped), ("broken", records.broken)):
        if fields.value.get(name):
            others.append(Left(**where, reason=fields.text(name)))
            return
    records.runs.append(read_run(fields, where, ids))


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with open(path, "rb") as file:
            yield from enumerate(file, 1)
    except OSError as error:
        raise Unfit(f"{path}: {error.strerror}") from None


def read_records(paths: list[Path], ids: Ids) -> Records:
    records = Records()
    for path in paths:
        number = 0
        for number, line in numbered_lines(path):
            try:
                read_line(line, ids, records)
            except Unfit as error:
                raise Unfit(f"{path}:{number}: {error}") from None
        if number == 0:
            raise Unfit(f"{path}:1: the file is empty")
    return records
