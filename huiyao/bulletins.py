"""Bulletins for the command line: the desk's services without the desk."""

from __future__ import annotations

import asyncio
from datetime import date

from desk.candidates import candidates_between
from desk.index import Index
from desk.narrowing import Wish, narrowed
from desk.narrowing_queries import Span
from huiyao.rules import bulletin_head, bulletin_rules
from huiyao.settings import Settings
from huiyao.wiring import clock_of, district_of
from processors.arranging import items_of
from processors.bulletins import draft, leads
from schemas.bulletin import ToldBulletin
from schemas.vocab import BulletinName
from streams.elastic.client import connect

LEADS = 20
"""Of a large day; of others all are told."""


def draft_bulletin(settings: Settings, name: BulletinName, day: date) -> ToldBulletin:
    """A draft from what the index holds now, with what waits to be verified. Raises IndexUnavailable."""
    return asyncio.run(_draft(settings, name, day))


async def _draft(settings: Settings, name: BulletinName, day: date) -> ToldBulletin:
    folder = district_of(settings)
    rule = bulletin_rules(folder)[name]
    connection = settings.elasticsearch_connection()
    client = connect(connection)
    begin, end = rule.covers(day)
    try:
        index = Index(client, connection)
        few = await narrowed(index, rule, Span(folder.id, begin, begin, end), None, Wish(leads=LEADS))
        items = few.own if few else await candidates_between(index, folder.id, begin, end)
    finally:
        await client.close()
    made = draft(
        rule, day, items, district=folder.id, head=bulletin_head(folder), made_at=clock_of(settings).now(),
        counted=few.counted if few else None, total=few.total if few else None,
    )  # fmt: skip
    return ToldBulletin.of(made, leads(rule, day, items, without=items_of(made)))
