"""Charts of a bulletin from its items: how many at what hour, on what subject, in what tone, what rises. Pure.

Each chart is a named rule of bulletins.toml; counts are of items, never of persons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from processors.heat import peak
from schemas.base import CHINA
from schemas.bulletin import BulletinChart
from schemas.vocab import Lane, Sentiment

MOST_THEMES = 8
MOST_RISING = 6
STORY_LETTERS = 12
HOURLY_UP_TO = timedelta(days=2)
OTHER_THEME = "其他"
_TONES = {Sentiment.NEGATIVE: "负面", Sentiment.NEUTRAL: "中性", Sentiment.POSITIVE: "正面"}


K = TypeVar("K")


class Counted(Protocol):
    """What a chart needs of an item."""

    @property
    def item_id(self) -> str: ...
    @property
    def lane(self) -> Lane: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def story(self) -> str | None: ...
    @property
    def theme(self) -> str | None: ...
    @property
    def sentiment(self) -> Sentiment | None: ...


@dataclass(frozen=True, slots=True)
class Tally:
    """Public posts of a time, counted: all that the charts show. Periods are numbered from the beginning of the time.

    ``rising``: posts by period of each theme and story, by ("theme" or "story", name). ``firsts``: the first post of a
    story by (when, its id, title or text); only of those in :func:`bursting` is it needed.
    """

    posts: int = 0
    volume: Mapping[int, int] = field(default_factory=dict)
    themes: Mapping[str, int] = field(default_factory=dict)
    tones: Mapping[Sentiment, int] = field(default_factory=dict)
    rising: Mapping[tuple[str, str], Mapping[int, int]] = field(default_factory=dict)
    firsts: Mapping[str, tuple[datetime, str, str]] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        """Of both, no post being in both."""
        named = {*self.rising, *other.rising}
        firsts = {
            name: min(one.firsts[name] for one in (self, other) if name in one.firsts)
            for name in {*self.firsts, *other.firsts}
        }
        return Tally(
            self.posts + other.posts,
            _sum(self.volume, other.volume),
            _sum(self.themes, other.themes),
            _sum(self.tones, other.tones),
            {name: _sum(self.rising.get(name, {}), other.rising.get(name, {})) for name in named},
            firsts,
        )


def _sum(one: Mapping[K, int], other: Mapping[K, int]) -> dict[K, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {*one, *other}}


def tally(items: Iterable[Counted], begin: datetime, end: datetime) -> Tally:
    """The public posts among ``items`` in [begin, end)."""
    step = step_of(begin, end)
    posts = [item for item in items if item.lane is Lane.OPINION and begin <= item.received_at < end]
    rising: dict[tuple[str, str], Counter[int]] = {}
    firsts: dict[str, tuple[datetime, str, str]] = {}
    volume: Counter[int] = Counter()
    for post in posts:
        period = int((post.received_at - begin) / step)
        volume[period] += 1
        for kind, name in (("theme", post.theme), ("story", post.story)):
            if name is not None:
                rising.setdefault((kind, name), Counter())[period] += 1
        if post.story is not None:
            first = (post.received_at, post.item_id, post.title or post.text)
            firsts[post.story] = min(firsts.get(post.story, first), first)
    themes = Counter(post.theme or OTHER_THEME for post in posts)
    return Tally(
        len(posts), volume, themes, Counter(post.sentiment or Sentiment.NEUTRAL for post in posts), rising, firsts
    )


def bursting(counted: Tally, begin: datetime, end: datetime) -> frozenset[str]:
    """The stories of which the chart of what rises may need the first post."""
    length = len(_periods(begin, end))
    bursts = (name for (kind, name), by in counted.rising.items() if kind == "story" and peak(_row(by, length)))
    return frozenset(bursts)


def volume(counted: Tally, begin: datetime, end: datetime) -> BulletinChart:
    """Posts by hour of a day or by day of a longer time; times without a post count 0."""
    title = "各时段网络舆情数量" if _is_hourly(begin, end) else "每日网络舆情数量"
    labels = _periods(begin, end)
    values = tuple(float(number) for number in _row(counted.volume, len(labels)))
    return BulletinChart(title=title, form="line", labels=labels, values=values)


def rise(counted: Tally, begin: datetime, end: datetime) -> BulletinChart | None:
    """Subjects and stories that rise (the rule of processors.heat.peak): posts in the period of the rise.

    The strongest first; a story is named by its first post. None where nothing rises.
    """
    periods, found = _periods(begin, end), []
    for (kind, name), by in counted.rising.items():
        counts = _row(by, len(periods))
        if top := peak(counts):
            number, burst = top
            shown = name if kind == "theme" else f"“{_headline(counted.firsts[name][2])}”"
            found.append((-burst.score, kind != "theme", f"{shown}（{periods[number]}）", counts[number]))
    found = sorted(found)[:MOST_RISING]
    if not found:
        return None
    labels, values = tuple(one[2] for one in found), tuple(float(one[3]) for one in found)
    return BulletinChart(title="突增的主题和事件（突增时段条数）", form="bar", labels=labels, values=values)


def _headline(words: str) -> str:
    said = " ".join(words.split())
    return said if len(said) <= STORY_LETTERS else f"{said[:STORY_LETTERS]}…"


def _is_hourly(begin: datetime, end: datetime) -> bool:
    return end - begin <= HOURLY_UP_TO


def step_of(begin: datetime, end: datetime) -> timedelta:
    """How long a period of the charts is."""
    return timedelta(hours=1) if _is_hourly(begin, end) else timedelta(days=1)


def _row(by_period: Mapping[int, int], length: int) -> list[int]:
    return [by_period.get(number, 0) for number in range(length)]


def _periods(begin: datetime, end: datetime) -> tuple[str, ...]:
    """What a reader calls each hour or day."""
    step, hourly = step_of(begin, end), _is_hourly(begin, end)
    starts = [(begin + step * number).astimezone(CHINA) for number in range(max(1, round((end - begin) / step)))]
    return tuple(f"{one.hour}时" if hourly else f"{one.month}.{one.day}" for one in starts)


def themes(counted: Tally, begin: datetime, end: datetime) -> BulletinChart:
    """The subjects with most posts (watch_topics.tsv); posts on none of them are 其他."""
    del begin, end
    held = dict(counted.themes)
    other = held.pop(OTHER_THEME, 0)
    ranked = sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))
    other += sum(number for _, number in ranked[MOST_THEMES:])
    shown = ranked[:MOST_THEMES] + ([(OTHER_THEME, other)] if other else [])
    names, numbers = tuple(name for name, _ in shown), tuple(float(number) for _, number in shown)
    return BulletinChart(title="舆情主题分布", form="bar", labels=names, values=numbers)


def tones(counted: Tally, begin: datetime, end: datetime) -> BulletinChart:
    """Posts by tone."""
    del begin, end
    return BulletinChart(
        title="舆情倾向分布",
        form="bar",
        labels=tuple(_TONES.values()),
        values=tuple(float(counted.tones.get(one, 0)) for one in _TONES),
    )


CHARTS: Mapping[str, Callable[[Tally, datetime, datetime], BulletinChart | None]] = {
    "volume": volume,
    "themes": themes,
    "tones": tones,
    "rise": rise,
}


def draw(names: Iterable[str], counted: Tally, begin: datetime, end: datetime) -> tuple[BulletinChart, ...]:
    """The charts named that have something to show; none where nobody posted."""
    if not counted.posts:
        return ()
    made = (CHARTS[name](counted, begin, end) for name in names)
    return tuple(chart for chart in made if chart is not None)
