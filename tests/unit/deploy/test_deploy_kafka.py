"""What the start of Kafka needs before its tool runs."""

from __future__ import annotations

import uuid

import pytest

from deploy import kafka


def test_the_id_of_a_cluster_is_no_option(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(
        [uuid.UUID(bytes=bytes([0xF8, *range(15)])), uuid.UUID(bytes=bytes([0xFB, *range(15)])), uuid.UUID(int=7)]
    )
    monkeypatch.setattr(kafka.uuid, "uuid4", lambda: next(drawn))
    made = kafka.cluster_id()
    assert made == "AAAAAAAAAAAAAAAAAAAABw"
    assert next(drawn, None) is None
