# SPDX-License-Identifier: GPL-2.0-or-later
"""The statistics of the accuracy table: shares with their interval, rates with their bound."""
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Iterable, Optional

TWO_SIDED_95 = NormalDist().inv_cdf(0.975)


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, from 0 to 1 (E. B. Wilson, JASA 22, 1927): also right for few runs and near 1."""
    if of == 0:
        return 0.0, 1.0
    share, spread = right / of, TWO_SIDED_95 ** 2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = TWO_SIDED_95 * math.sqrt(share * (1 - share) / of + spread / of / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def poisson_upper(seen: int, confidence: float = 0.95) -> float:
    """The largest mean that would show no more than `seen` with a chance of 5 %; 3.0 for none (the rule of three)."""
    def chance(mean: float) -> float:
        return sum(math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)) for count in range(seen + 1))

    low, high = 1e-9, 2.0 * seen + 20
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) > 1 - confidence else (low, middle)
    return low


@dataclass(frozen=True)
class Share:
    """So many right of so many."""
    right: int
    of: int

    @staticmethod
    def among(values: Iterable[Optional[bool]]) -> "Share":
        """Of those that are judged."""
        judged = [value for value in values if value is not None]
        return Share(sum(judged), len(judged))

    def reaches(self, percent: int) -> bool:
        return self.of > 0 and self.right * 100 >= percent * self.of

    @property
    def counts(self) -> str:
        return f"{self.right}/{self.of}" if self.of else "–"

    @property
    def percent(self) -> str:
        """Rounded down, so that only all is 100."""
        return f"{self.right * 1000 // self.of / 10:g} %" if self.of else "–"

    @property
    def interval(self) -> str:
        low, high = wilson(self.right, self.of)
        return f"{low * 100:.1f} to {high * 100:.1f} %" if self.of else "–"

    @property
    def lower(self) -> str:
        return f"{wilson(self.right, self.of)[0] * 100:.1f} %" if self.of else "–"
