"""Real engines, started once for the whole session, and a desk on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy import testing
from schemas.connections import ElasticsearchConnection
from tests.desk_server import ANSWER_S, KEY, RunningDesk, apart, remove, running_desk


@pytest.fixture(scope="session")
def engines() -> Iterator[testing.Running]:
    """Kafka and Elasticsearch on free ports; shared, so use prefixes of your own. See :mod:`deploy.testing`."""
    with testing.engines() as running:
        yield running


@pytest.fixture
def desk(engines: testing.Running, tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk on an index of its own, still empty. A file that needs another one defines its own of this name."""
    connection = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    with running_desk(connection, tmp_path) as running:
        running.index()
        yield running
    apart(remove(connection))


@pytest.fixture
def browser(desk: RunningDesk) -> Iterator[httpx.Client]:
    """Logged in with the instance key, with cookies as a browser keeps them."""
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as client:
        client.post("/login", data={"key": KEY})
        yield client
