"""Charts of a bulletin from its items: how many at what hour, on what subject, in what tone, what rises. Pure.

Each chart is a named rule of bulletins.toml; counts are of items, never of persons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

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


class Counted(Protocol):
    """What a chart needs of an item."""

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


def volume(items: Sequence[Counted], begin: datetime, end: datetime) -> BulletinChart:
    """Posts by hour of a day or by day of a longer time; times without a post count 0."""
    title = "各时段网络舆情数量" if _is_hourly(begin, end) else "每日网络舆情数量"
    values = tuple(float(number) for number in _by_period(items, begin, end))
    return BulletinChart(title=title, form="line", labels=_periods(begin, end), values=values)


def rise(items: Sequence[Counted], begin: datetime, end: datetime) -> BulletinChart | None:
    """Subjects and stories that rise (the rule of processors.heat.peak): posts in the period of the rise.

    The strongest first; a story is named by its first post. None where nothing rises.
    """
    groups: dict[tuple[str, str], list[Counted]] = {}
    for item in sorted(items, key=lambda item: item.received_at):
        for kind, name in (("theme", item.theme), ("story", item.story)):
            if name is not None:
                groups.setdefault((kind, name), []).append(item)
    periods, found = _periods(begin, end), []
    for (kind, name), posts in groups.items():
        counts = _by_period(posts, begin, end)
        if top := peak(counts):
            number, burst = top
            shown = name if kind == "theme" else f"“{_headline(posts[0])}”"
            found.append((-burst.score, kind != "theme", f"{shown}（{periods[number]}）", counts[number]))
    found = sorted(found)[:MOST_RISING]
    if not found:
        return None
    labels, values = tuple(one[2] for one in found), tuple(float(one[3]) for one in found)
    return BulletinChart(title="突增的主题和事件（突增时段条数）", form="bar", labels=labels, values=values)


def _headline(post: Counted) -> str:
    said = " ".join((post.title or post.text).split())
    return said if len(said) <= STORY_LETTERS else f"{said[:STORY_LETTERS]}…"


def _is_hourly(begin: datetime, end: datetime) -> bool:
    return end - begin <= HOURLY_UP_TO


def _step(begin: datetime, end: datetime) -> timedelta:
    return timedelta(hours=1) if _is_hourly(begin, end) else timedelta(days=1)


def _by_period(items: Sequence[Counted], begin: datetime, end: datetime) -> list[int]:
    step = _step(begin, end)
    held = Counter(int((item.received_at - begin) / step) for item in items)
    return [held[number] for number in range(max(1, round((end - begin) / step)))]


def _periods(begin: datetime, end: datetime) -> tuple[str, ...]:
    """What a reader calls each hour or day."""
    step, hourly = _step(begin, end), _is_hourly(begin, end)
    starts = [(begin + step * number).astimezone(CHINA) for number in range(max(1, round((end - begin) / step)))]
    return tuple(f"{one.hour}时" if hourly else f"{one.month}.{one.day}" for one in starts)


def themes(items: Sequence[Counted], begin: datetime, end: datetime) -> BulletinChart:
    """The subjects with most posts (watch_topics.tsv); posts on none of them are 其他."""
    del begin, end
    held = Counter(item.theme or OTHER_THEME for item in items)
    other = held.pop(OTHER_THEME, 0)
    ranked = sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))
    other += sum(number for _, number in ranked[MOST_THEMES:])
    shown = ranked[:MOST_THEMES] + ([(OTHER_THEME, other)] if other else [])
    names, numbers = tuple(name for name, _ in shown), tuple(float(number) for _, number in shown)
    return BulletinChart(title="舆情主题分布", form="bar", labels=names, values=numbers)


def tones(items: Sequence[Counted], begin: datetime, end: datetime) -> BulletinChart:
    """Posts by tone."""
    del begin, end
    held = Counter(item.sentiment or Sentiment.NEUTRAL for item in items)
    return BulletinChart(
        title="舆情倾向分布",
        form="bar",
        labels=tuple(_TONES.values()),
        values=tuple(float(held[one]) for one in _TONES),
    )


CHARTS: Mapping[str, Callable[[Sequence[Counted], datetime, datetime], BulletinChart | None]] = {
    "volume": volume,
    "themes": themes,
    "tones": tones,
    "rise": rise,
}


def draw(names: Iterable[str], items: Sequence[Counted], begin: datetime, end: datetime) -> tuple[BulletinChart, ...]:
    """The charts named that have something to show, over the public posts among ``items``; none where nobody posted."""
    posts = [item for item in items if item.lane is Lane.OPINION and begin <= item.received_at < end]
    if not posts:
        return ()
    made = (CHARTS[name](posts, begin, end) for name in names)
    return tuple(chart for chart in made if chart is not None)
