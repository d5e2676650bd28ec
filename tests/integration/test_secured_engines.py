"""Engines elsewhere, secured: an item goes through TLS and passwords to the index; a wrong password is said."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from huiyao.services import child_environment, command
from huiyao.settings import Settings, load_settings
from huiyao.wiring import build_sink
from producers.ports import Parcel
from schemas.errors import BrokerUnavailable, IndexUnavailable
from schemas.ids import item_id
from schemas.item import Item
from schemas.vocab import Lane
from streams.elastic.client import Retry, ask, connect
from streams.topics_admin import ensure_topics
from tests.secured import PASSWORD, USER, Secured, secured_engines

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    with tempfile.TemporaryDirectory(prefix="huiyao-secured-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # Elasticsearch runs as another account
        with secured_engines(folder) as running:
            yield running


def settings(secured: Secured, folder: Path, password: str = PASSWORD) -> Settings:
    kafka: dict[str, Any] = {
        "bootstrap": secured.kafka, "security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "username": USER,
        "password": password, "ca_file": str(secured.authority),
    }  # fmt: skip
    elastic = {"url": secured.elasticsearch, "username": USER, "password": password, "ca_file": str(secured.authority)}
    return load_settings(data_dir=str(folder), kafka=kafka, elasticsearch=elastic, log_level="INFO")


@contextmanager
def workers(settings: Settings, *lanes: str) -> Iterator[None]:
    """Workers as processes, with the settings handed down as the supervisor does."""
    environment = os.environ | child_environment(settings)
    started = [subprocess.Popen(command("worker", "--lanes", lane), env=environment) for lane in lanes]
    try:
        yield
    finally:
        for one in started:
            one.send_signal(signal.SIGTERM)
        assert [one.wait(60) for one in started] == [0] * len(started)


def test_an_item_goes_through_tls_and_passwords_to_the_index(secured: Secured, tmp_path: Path) -> None:
    own = settings(secured, tmp_path)
    asyncio.run(ensure_topics(own.kafka_connection()))
    at = datetime.fromisoformat("2026-11-20T08:00:00+08:00")
    item = Item(id="n1", lane=Lane.MEDIA, source="虔州融媒", title="", text="沙石镇举办脐橙采摘节。", published_at=at)
    key = item_id(item, district="zhanggong", source=item.source)
    sink = build_sink(own)
    try:
        [acknowledged] = sink.send([Parcel(item, key)])
    finally:
        sink.close()
    assert acknowledged.item_id == key
    with workers(own, "media", "index"):
        found = asyncio.run(_indexed(own, key))
    assert found["source_name"] == "虔州融媒"


async def _indexed(own: Settings, key: str) -> Any:
    connection = own.elasticsearch_connection()
    client = connect(connection)
    query = {"bool": {"filter": [{"ids": {"values": [key]}}, {"term": {"complete": True}}]}}
    end = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < end:
            search = partial(client.search, index=connection.alias("items"), query=query, ignore_unavailable=True)
            answer = await ask(search, Retry())  # an index in the making answers 503
            if answer["hits"]["hits"]:
                return answer["hits"]["hits"][0]["_source"]
            await asyncio.sleep(0.5)
    finally:
        await client.close()
    raise AssertionError("the item did not come")


def test_a_wrong_password_is_said(secured: Secured, tmp_path: Path) -> None:
    wrong = settings(secured, tmp_path, password="wrong")
    with pytest.raises(BrokerUnavailable):
        asyncio.run(ensure_topics(wrong.kafka_connection()))
    with pytest.raises(IndexUnavailable, match="401"):
        asyncio.run(_health(wrong))


async def _health(wrong: Settings) -> None:
    client = connect(wrong.elasticsearch_connection())
    try:
        await ask(client.cluster.health, Retry(tries=1))
    finally:
        await client.close()


def test_an_authority_that_is_not_ours_is_not_believed(secured: Secured, tmp_path: Path) -> None:
    own = settings(secured, tmp_path)
    stranger = own.elasticsearch_connection().model_copy(update={"ca_file": None})
    client = connect(stranger)

    async def health() -> None:
        try:
            await ask(client.cluster.health, Retry(tries=1))
        finally:
            await client.close()

    with pytest.raises(IndexUnavailable):
        asyncio.run(health())
