"""The posts of a time counted by the index, for the charts of a bulletin (processors.bulletin_charts.Tally)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from desk.filters import term
from desk.index import Index, Query
from processors.bulletin_charts import OTHER_THEME, Tally, bursting, step_of
from processors.heat import BURST_LEAST
from schemas.vocab import Lane, Sentiment

MOST_THEMES = 1_000
MOST_STORIES = 2_000
FIRSTS = ({"received_at": "asc"}, {"item_id": "asc"})


async def tally_in(index: Index, filters: Sequence[Query], more: Tally, begin: datetime, end: datetime) -> Tally:
    """The posts that ``filters`` find, and ``more`` that these leave out. Raises IndexUnavailable."""
    posts = [*filters, term("lane", Lane.OPINION.value)]
    # Of a story with fewer posts in the index the others may make a burst.
    ours = max((sum(by.values()) for (kind, _), by in more.rising.items() if kind == "story"), default=0)
    answer = await index.aggregate("items", posts, _asked(begin, end, max(1, BURST_LEAST - ours)))
    counted = _read(answer, begin, end) + more
    return counted + Tally(firsts=await _firsts(index, posts, bursting(counted, begin, end)))


def _asked(begin: datetime, end: datetime, least: int) -> dict[str, Any]:
    step = int(step_of(begin, end).total_seconds())
    offset = f"+{int(begin.timestamp()) % step}s"
    periods = {"date_histogram": {"field": "received_at", "fixed_interval": f"{step}s", "offset": offset,
                                  "min_doc_count": 1}}  # fmt: skip
    within = {"aggregations": {"periods": periods}}
    story = {"field": "story", "size": MOST_STORIES, "min_doc_count": least}
    return {
        "posts": {"filter": {"match_all": {}}},
        "periods": periods,
        "theme": {"terms": {"field": "opinion.theme", "size": MOST_THEMES}, **within},
        "tone": {"terms": {"field": "opinion.sentiment"}},
        "story": {"terms": story, **within},
    }


def _read(answer: Mapping[str, Any], begin: datetime, end: datetime) -> Tally:
    step, start = step_of(begin, end).total_seconds(), begin.timestamp()

    def periods(found: Mapping[str, Any]) -> dict[int, int]:
        return {int((one["key"] / 1000 - start) // step): int(one["doc_count"]) for one in found["periods"]["buckets"]}

    posts = int(answer["posts"]["doc_count"])
    themes = {str(one["key"]): int(one["doc_count"]) for one in answer["theme"]["buckets"]}
    tones = {Sentiment(one["key"]): int(one["doc_count"]) for one in answer["tone"]["buckets"]}
    rising = {
        (kind, str(one["key"])): periods(one) for kind in ("theme", "story") for one in answer[kind]["buckets"]
    }  # fmt: skip
    themes[OTHER_THEME] = themes.get(OTHER_THEME, 0) + posts - sum(themes.values())
    tones[Sentiment.NEUTRAL] = tones.get(Sentiment.NEUTRAL, 0) + posts - sum(tones.values())
    return Tally(posts, periods(answer), themes, tones, rising)


async def _firsts(
    index: Index, posts: Sequence[Query], stories: frozenset[str]
) -> dict[str, tuple[datetime, str, str]]:
    async def first(story: str) -> tuple[str, tuple[datetime, str, str]] | None:
        found = await index.some("items", [*posts, term("story", story)], sort=FIRSTS, size=1)
        if not found:
            return None
        one = found[0]
        words = one.get("title") or one.get("text") or ""
        return story, (datetime.fromisoformat(one["received_at"]), one["item_id"], words)

    return dict(one for one in await asyncio.gather(*map(first, sorted(stories))) if one is not None)
