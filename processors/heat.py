"""Heat of a theme or story over time, its rise, and bursts: pure functions over counts and times.

For the digest of public opinion: how many posts an hour or a day, against how many before, and the words for it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SOURCE_WEIGHTS = {"central": 5.0, "province": 3.0, "city": 2.0, "account": 2.0, "post": 1.0}
"""Weight of a source in the heat (SPEC.md §8, SYN): central, provincial, city media, a large account, a plain post."""
HALF_LIFE_HOURS = 12.0
BURST_SIGMA = 3.0
"""Standard deviations above the usual count from which a count is a burst."""
BURST_LEAST = 5
"""Fewer posts are no burst, however quiet it was before."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEFORE = 24
"""Periods before the last one that say what is usual: a day of hours."""
BEFORE_LEAST = 3
"""Fewer periods before say nothing of what is usual."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far one post went: counts as read, age in hours."""

    source: str = "post"
    likes: int = 0
    comments: int = 0
    reposts: int = 0
    reads: int = 0
    age_hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Burst:
    """The last period against those before: ``ratio`` of count to mean, ``score`` in standard deviations."""

    is_burst: bool
    ratio: float
    score: float


@dataclass(frozen=True, slots=True)
class Trend:
    """What the digest shows of one theme or story: ``counts`` a period, oldest first; ``rise`` of the last over the
    one before; the burst, if the last is one."""

    name: str
    counts: tuple[int, ...]
    rise: int
    burst: Burst

    @property
    def total(self) -> int:
        """Posts in all periods."""
        return sum(self.counts)

    def words(self) -> str:
        """One line: 最近1期12条，此前平均2.0条，突增（6.0倍）."""
        *before, last = self.counts or (0,)
        mean = sum(before) / len(before) if before else 0.0
        told = f"最近1期{last}条，此前平均{mean:.1f}条"
        if self.burst.is_burst:
            return f"{told}，突增（{self.burst.ratio:.1f}倍）"
        return f"{told}，{'上升' if self.rise > 0 else '下降' if self.rise < 0 else '持平'}"


def heat(posts: Sequence[Spread]) -> float:
    """Heat of a topic: Σ w·ln(1 + likes + 2·comments + 3·reposts + reads/1000)·2^(−age/12 h); a bare post counts 1.

    The formula is printed on the bulletin (SPEC.md §8). Raises KeyError for an unknown kind of source.
    """
    return sum(
        SOURCE_WEIGHTS[post.source]
        * math.log(math.e + post.likes + 2 * post.comments + 3 * post.reposts + post.reads / 1000)
        * 2 ** (-max(post.age_hours, 0.0) / HALF_LIFE_HOURS)
        for post in posts
    )


def burst(counts: Sequence[int]) -> Burst:
    """Whether the last of ``counts`` (posts a period, oldest first) rises out of those before.

    The rule: at least BURST_LEAST, and BURST_SIGMA deviations above the mean. Counts vary at least as a Poisson
    process does, so the deviation is never taken below the root of the mean, nor below one.
    """
    if not counts:
        return Burst(False, 0.0, 0.0)
    *before, last = counts
    mean = sum(before) / len(before) if before else 0.0
    variance = sum((count - mean) ** 2 for count in before) / len(before) if before else 0.0
    deviation = max(math.sqrt(variance), math.sqrt(mean), 1.0)
    score = (last - mean) / deviation
    return Burst(last >= BURST_LEAST and score >= BURST_SIGMA, last / max(mean, 1.0), score)


def peak(counts: Sequence[int]) -> tuple[int, Burst] | None:
    """The period of ``counts`` (oldest first) that rises most out of the BEFORE before it; None where none is a burst.

    The rule is that of :func:`burst`, asked of each period that has at least BEFORE_LEAST before it; of equal ones
    the first.
    """
    found = [
        (number, burst(counts[max(0, number - BEFORE) : number + 1])) for number in range(BEFORE_LEAST, len(counts))
    ]
    return max((one for one in found if one[1].is_burst), key=lambda one: one[1].score, default=None)


def count_by_period(
    times: Iterable[datetime], until: datetime, period: timedelta = HOUR, periods: int = BEFORE + 1
) -> tuple[int, ...]:
    """Posts in each of the last ``periods`` ending at ``until`` (exclusive), oldest first. Aware times of any zone."""
    counts = Counter((until - time - timedelta(microseconds=1)) // period for time in times if time < until)
    return tuple(counts[back] for back in range(periods - 1, -1, -1))


def trends(
    posts: Iterable[tuple[str | None, datetime]],
    until: datetime,
    period: timedelta = HOUR,
    periods: int = BEFORE + 1,
) -> list[Trend]:
    """The trend of each name (theme or story; None is left out): bursts first, then by the last count, then by name.

    ``posts``: name and time of each, in any order; the result does not depend on it.
    """
    times: dict[str, list[datetime]] = {}
    for name, time in posts:
        if name is not None:
            times.setdefault(name, []).append(time)
    found = [_trend(name, count_by_period(each, until, period, periods)) for name, each in times.items()]
    shown = [trend for trend in found if trend.total]
    return sorted(shown, key=lambda trend: (not trend.burst.is_burst, -trend.counts[-1], -trend.total, trend.name))


def _trend(name: str, counts: tuple[int, ...]) -> Trend:
    previous = counts[-2] if len(counts) > 1 else 0
    return Trend(name, counts, counts[-1] - previous, burst(counts))
