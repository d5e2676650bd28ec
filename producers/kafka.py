"""Items into Kafka: idempotent, acknowledged by all replicas, with bounded waiting.

What a time-out leaves behind. A batch that was not yet sent expires inside the producer at the same moment as our
waiting ends (``delivery_timeout_ms``), so it is never delivered later. A batch that was already on the wire may have
been written though its answer was lost; nobody can know. The sender then hears BrokerUnavailable, sends again, and the
deterministic item id folds the copy. After any failure the producer is replaced, so no old state is sent on.
See docs/adr/020-acknowledged-or-folded.md.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from kafka import KafkaAdminClient, KafkaProducer
from kafka import errors as kafka_errors
from kafka.net.compat import KafkaNetClient

from producers.ports import Acknowledgement, Parcel
from producers.wire import encode, too_large
from schemas.connections import KafkaConnection
from schemas.errors import BrokerUnavailable, ItemTooLarge
from schemas.ports import Clock
from schemas.topics import INPUT_BY_LANE, INPUT_LIMIT

log = structlog.get_logger(__name__)

_HINT = "nothing was accepted as far as the broker said; send the same item again, a copy is folded"
_MS = 1000
_PRODUCER_ONLY = frozenset(
    "acks enable_idempotence delivery_timeout_ms max_block_ms max_request_size allow_auto_create_topics "
    "metrics_enabled".split()
)
_GRACE_S = 2.0
"""How much longer we wait for the producer to say that a batch expired; it looks at least once a second."""


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """``ack_timeout_s``: longest wait for an acknowledgement; ``connect_timeout_s``: longest wait for a connection."""

    client_id: str = "huiyao-producer"
    ack_timeout_s: float = 10.0
    connect_timeout_s: float = 5.0
    reconnect_backoff_max_ms: int = 1000


def producer_config(connection: KafkaConnection, settings: KafkaSettings) -> dict[str, Any]:
    """The settings of kafka-python for a connection; security only where it is asked for."""
    config: dict[str, Any] = {
        "bootstrap_servers": [part.strip() for part in connection.bootstrap.split(",") if part.strip()],
        "client_id": settings.client_id,
        "acks": "all",
        "enable_idempotence": True,
        "delivery_timeout_ms": int(settings.ack_timeout_s * _MS),
        "request_timeout_ms": int(settings.ack_timeout_s * _MS / 2),
        "max_block_ms": int(settings.connect_timeout_s * _MS),
        "bootstrap_timeout_ms": int(settings.connect_timeout_s * _MS),
        "reconnect_backoff_max_ms": settings.reconnect_backoff_max_ms,
        "max_request_size": INPUT_LIMIT,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
        "security_protocol": connection.security_protocol,
    }
    if connection.security_protocol.startswith("SASL"):
        password = connection.password.get_secret_value() if connection.password else None
        config |= {
            "sasl_mechanism": connection.sasl_mechanism or "PLAIN",
            "sasl_plain_username": connection.username,
            "sasl_plain_password": password,
        }
    if connection.security_protocol.endswith("SSL"):
        files = {
            "ssl_cafile": connection.ca_file,
            "ssl_certfile": connection.cert_file,
            "ssl_keyfile": connection.key_file,
        }
        config |= {name: str(path) for name, path in files.items() if path}
    return config


class KafkaSink:
    """Sends items and waits for the broker's word. Safe to share between threads; blocks, so call it in a thread.

    ``make`` builds the producer (kafka-python's by default). Connects on first use.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        clock: Clock,
        settings: KafkaSettings | None = None,
        *,
        make: Callable[..., Any] = KafkaProducer,
    ) -> None:
        self._connection, self._clock, self._make = connection, clock, make
        self._settings = settings or KafkaSettings()
        self._lock = threading.Lock()
        self._producer: Any = None

    def send(self, parcels: Sequence[Parcel]) -> list[Acknowledgement]:
        """Acknowledgements in order. Raises BrokerUnavailable or ItemTooLarge."""
        records = [(self._topic(parcel), parcel.item_id.encode(), encode(parcel.item)) for parcel in parcels]
        if not records:
            return []
        producer = self._connected()
        try:
            futures = [producer.send(topic, key=key, value=value) for topic, key, value in records]
            deadline = time.monotonic() + self._settings.ack_timeout_s + _GRACE_S
            answers = [future.get(timeout=max(deadline - time.monotonic(), 0.0)) for future in futures]
        except kafka_errors.MessageSizeTooLargeError as error:
            raise ItemTooLarge([too_large("text", max(len(value) for _, _, value in records))]) from error
        except (kafka_errors.KafkaError, OSError) as error:
            self._discard(producer)
            raise self._unavailable(error) from error
        return [self._acknowledged(parcel, answer) for parcel, answer in zip(parcels, answers, strict=True)]

    def ready(self) -> bool:
        """Whether a broker answers now; for the readiness call and ``huiyao check``.

        Asks over a connection of its own: the producer does not say (``bootstrap_connected`` of kafka-python 3.0 is
        false once it is connected).
        """
        config = producer_config(self._connection, self._settings)
        try:
            admin = _opened(KafkaAdminClient, {name: config[name] for name in config if name not in _PRODUCER_ONLY})
        except (kafka_errors.KafkaError, OSError):
            return False
        admin.close()
        return True

    def close(self) -> None:
        """Close the connection; every acknowledged item is already on the broker."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            _drop(producer)

    def _topic(self, parcel: Parcel) -> str:
        return self._connection.topic(INPUT_BY_LANE[parcel.item.lane].name)

    def _connected(self) -> Any:
        """The shared producer. While one thread connects, the others wait no longer than that may take."""
        if not self._lock.acquire(timeout=self._settings.connect_timeout_s):
            raise BrokerUnavailable(f"Kafka at {self._connection.bootstrap} does not answer", hint=_HINT)
        try:
            if self._producer is None:
                self._producer = self._made()
            return self._producer
        finally:
            self._lock.release()

    def _made(self) -> Any:
        try:
            return _opened(self._make, producer_config(self._connection, self._settings))
        except (kafka_errors.KafkaError, OSError) as error:
            raise self._unavailable(error) from error

    def _discard(self, producer: Any) -> None:
        with self._lock:
            if self._producer is producer:
                self._producer = None
        _drop(producer)

    def _unavailable(self, error: Exception) -> BrokerUnavailable:
        reason = type(error).__name__
        log.warning("kafka.unavailable", reason=reason, detail=str(error), bootstrap=self._connection.bootstrap)
        return BrokerUnavailable(f"Kafka at {self._connection.bootstrap} did not acknowledge: {reason}", hint=_HINT)

    def _acknowledged(self, parcel: Parcel, answer: Any) -> Acknowledgement:
        stamp = datetime.fromtimestamp(answer.timestamp / _MS, tz=UTC)
        return Acknowledgement(
            parcel.item_id, answer.topic, answer.partition, answer.offset, received_at=self._clock.at(stamp)
        )


def _opened(make: Callable[..., Any], config: dict[str, Any]) -> Any:
    """A producer or admin. kafka-python 3.0 leaves the client open where it cannot connect, so we keep hold of it."""
    clients: list[Any] = []

    def client(*args: Any, **options: Any) -> Any:
        clients.append(KafkaNetClient(*args, **options))
        return clients[0]

    try:
        return make(**config, kafka_client=client)
    except BaseException:
        for opened in clients:
            opened.close()
        raise


def _drop(producer: Any) -> None:
    """Close without sending what is left. ``close`` flushes first and gives up where a batch is still open
    (kafka-python 3.0), so then the sender thread is told to fail what it holds: there is no public call for that.
    """
    try:
        producer.close(timeout=0)
    except kafka_errors.KafkaError:
        producer._sender.force_close()
        producer._sender.join(_GRACE_S)
        producer.close(timeout=0)
