"""Bulletins for the command line: the desk's services without the desk."""

from __future__ import annotations

import asyncio
from datetime import date

from desk.candidates import candidates_between
from desk.index import Index
from desk.narrowing import narrowed
from desk.narrowing_queries import Span
from huiyao.settings import Settings
from huiyao.wiring import bulletin_head, bulletin_rules, clock_of, district_of
from processors.bulletins import draft
from schemas.bulletin import Bulletin
from schemas.vocab import BulletinName
from streams.elastic.client import connect


def draft_bulletin(settings: Settings, name: BulletinName, day: date) -> Bulletin:
    """A draft from what the index holds now. Raises IndexUnavailable."""
    return asyncio.run(_draft(settings, name, day))


async def _draft(settings: Settings, name: BulletinName, day: date) -> Bulletin:
    folder = district_of(settings)
    rule = bulletin_rules(folder)[name]
    connection = settings.elasticsearch_connection()
    client = connect(connection)
    begin, end = rule.covers(day)
    try:
        index = Index(client, connection)
        few = await narrowed(index, rule, Span(folder.id, begin, begin, end), None)
        items = few.own if few else await candidates_between(index, folder.id, begin, end)
    finally:
        await client.close()
    return draft(
        rule, day, items, district=folder.id, head=bulletin_head(folder), made_at=clock_of(settings).now(),
        counted=few.counted if few else None, total=few.total if few else None,
    )  # fmt: skip
