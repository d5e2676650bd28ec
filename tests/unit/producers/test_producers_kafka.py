"""The Kafka sink without a broker: settings, and what it does with a producer that fails."""

from __future__ import annotations

import socket
import threading
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaTimeoutError
from pydantic import SecretStr

from producers.fakes import FixedClock
from producers.kafka import KafkaSettings, KafkaSink, producer_config
from producers.ports import Parcel
from schemas.connections import KafkaConnection
from schemas.errors import BrokerUnavailable
from schemas.item import Item
from schemas.vocab import Lane

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Answer = namedtuple("Answer", "topic partition offset timestamp")
PARCEL = Parcel(Item(lane=Lane.MEDIA, source="某报", text="正文", published_at=NOW), "0" * 32)


class Future:
    def __init__(self, result: Answer | Exception) -> None:
        self.result = result

    def get(self, timeout: float) -> Answer:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class Producer:
    """Answers what it is told to; stands for kafka-python's producer."""

    def __init__(self, results: list[Answer | Exception]) -> None:
        self.results, self.closed, self.sent = results, 0, []

    def send(self, topic: str, key: bytes, value: bytes) -> Future:
        self.sent.append((topic, key, value))
        return Future(self.results.pop(0))

    def close(self, timeout: float) -> None:
        self.closed += 1


def test_received_at_is_the_brokers_time_through_the_clock() -> None:
    class Shifted(FixedClock):
        def at(self, real: datetime) -> datetime:
            return real + timedelta(days=1)

    producer = Producer([Answer("t.media.published", 2, 7, int(NOW.timestamp() * 1000))])
    sink = KafkaSink(KafkaConnection(prefix="t."), Shifted(NOW), make=lambda **_: producer)
    [acknowledged] = sink.send([PARCEL])
    assert acknowledged.received_at == NOW + timedelta(days=1)
    assert (acknowledged.partition, acknowledged.offset) == (2, 7)
    assert producer.sent[0][:2] == ("t.media.published", PARCEL.item_id.encode())


def test_after_a_failure_the_producer_is_replaced() -> None:
    answer = Answer("media.published", 0, 0, 0)
    made = [Producer([answer, KafkaTimeoutError("late")]), Producer([answer])]
    queue = list(made)
    sink = KafkaSink(KafkaConnection(), FixedClock(NOW), make=lambda **_: queue.pop(0))
    with pytest.raises(BrokerUnavailable):
        sink.send([PARCEL, PARCEL])
    assert made[0].closed == 1
    assert len(sink.send([PARCEL])) == 1


def test_no_connection_is_tried_again_at_the_next_call() -> None:
    calls: list[dict[str, Any]] = []

    def make(**config: Any) -> Producer:
        calls.append(config)
        if len(calls) == 1:
            raise KafkaConnectionError
        return Producer([Answer("media.published", 0, 0, 0)])

    sink = KafkaSink(KafkaConnection(), FixedClock(NOW), make=make)
    with pytest.raises(BrokerUnavailable):
        sink.send([PARCEL])
    assert len(sink.send([PARCEL])) == 1


def test_others_do_not_wait_longer_for_a_connection_than_its_time_out() -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(**_: Any) -> Producer:
        entered.set()
        leave.wait()
        return Producer([Answer("media.published", 0, 0, 0)])

    sink = KafkaSink(KafkaConnection(), FixedClock(NOW), KafkaSettings(connect_timeout_s=0.05), make=slow)
    first = threading.Thread(target=sink.send, args=([PARCEL],))
    first.start()
    entered.wait()
    with pytest.raises(BrokerUnavailable):
        sink.send([PARCEL])
    leave.set()
    first.join()


def test_a_port_where_nobody_listens_is_unavailable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bootstrap = f"127.0.0.1:{probe.getsockname()[1]}"
    sink = KafkaSink(KafkaConnection(bootstrap=bootstrap), FixedClock(NOW), KafkaSettings(connect_timeout_s=0.2))
    with pytest.raises(BrokerUnavailable, match="did not acknowledge"):
        sink.send([PARCEL])
    assert not sink.ready()


def test_nothing_to_send_needs_no_broker() -> None:
    assert KafkaSink(KafkaConnection(), FixedClock(NOW), make=lambda **_: 1 / 0).send([]) == []


def test_security_is_passed_on_only_where_asked_for(tmp_path: Path) -> None:
    plain = producer_config(KafkaConnection(username="u", password=SecretStr("p")), KafkaSettings())
    assert not any(name.startswith(("sasl", "ssl")) for name in plain)
    secured = producer_config(
        KafkaConnection(
            security_protocol="SASL_SSL",
            sasl_mechanism="SCRAM-SHA-512",
            username="u",
            password=SecretStr("p"),
            ca_file=tmp_path / "ca.pem",
        ),
        KafkaSettings(),
    )
    assert secured["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (secured["sasl_plain_username"], secured["sasl_plain_password"]) == ("u", "p")
    assert secured["ssl_cafile"] == str(tmp_path / "ca.pem")
    assert "ssl_certfile" not in secured


def test_waiting_ends_with_the_producers_own_expiry() -> None:
    config = producer_config(KafkaConnection(), KafkaSettings(ack_timeout_s=3))
    assert config["delivery_timeout_ms"] == 3000
    assert config["request_timeout_ms"] < config["delivery_timeout_ms"]
    assert (config["acks"], config["enable_idempotence"]) == ("all", True)
