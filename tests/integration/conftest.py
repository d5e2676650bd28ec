"""Real engines, started once for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy import testing


@pytest.fixture(scope="session")
def engines() -> Iterator[testing.Running]:
    """Kafka and Elasticsearch on free ports; shared, so use prefixes of your own. See :mod:`deploy.testing`."""
    with testing.engines() as running:
        yield running
