"""Charts of a bulletin from the items it covers: how many at what hour, on what subject, in what tone. Pure.

Each chart is a named rule of bulletins.toml; counts are of items, never of persons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from schemas.base import CHINA
from schemas.bulletin import BulletinChart
from schemas.vocab import Lane, Sentiment

MOST_THEMES = 8
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
    def theme(self) -> str | None: ...
    @property
    def sentiment(self) -> Sentiment | None: ...


def volume(items: Sequence[Counted], begin: datetime, end: datetime) -> BulletinChart:
    """Posts by hour of a day or by day of a longer time; times without a post count 0."""
    hourly = end - begin <= HOURLY_UP_TO
    step = timedelta(hours=1) if hourly else timedelta(days=1)
    count = max(1, round((end - begin) / step))
    held = Counter(int((item.received_at - begin) / step) for item in items)
    starts = [(begin + step * number).astimezone(CHINA) for number in range(count)]
    labels = tuple(f"{one.hour}时" if hourly else f"{one.month}.{one.day}" for one in starts)
    title = "各时段网络舆情数量" if hourly else "每日网络舆情数量"
    return BulletinChart(title=title, form="line", labels=labels, values=tuple(float(held[n]) for n in range(count)))


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


CHARTS: Mapping[str, Callable[[Sequence[Counted], datetime, datetime], BulletinChart]] = {
    "volume": volume,
    "themes": themes,
    "tones": tones,
}


def draw(names: Iterable[str], items: Sequence[Counted], begin: datetime, end: datetime) -> tuple[BulletinChart, ...]:
    """The charts named, over the public posts among ``items``; none where nobody posted."""
    posts = [item for item in items if item.lane is Lane.OPINION and begin <= item.received_at < end]
    return tuple(CHARTS[name](posts, begin, end) for name in names) if posts else ()
