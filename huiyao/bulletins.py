"""Bulletins for the command line: the desk's services without the desk."""

from __future__ import annotations

import asyncio
from datetime import date

from desk.candidates import candidates_between
from desk.index import Index
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
    try:
        items = await candidates_between(Index(client, connection), folder.id, *rule.covers(day))
    finally:
        await client.close()
    now = clock_of(settings).now()
    return draft(rule, day, items, district=folder.id, head=bulletin_head(folder), made_at=now)
