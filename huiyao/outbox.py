"""What the desk and the command line bring to Kafka: decisions, issues, and receipts that gateways pushed."""

from __future__ import annotations

from kafka import KafkaProducer
from kafka import errors as kafka_errors

from producers.kafka import KafkaSettings, producer_config
from schemas.bulletin import Bulletin
from schemas.connections import KafkaConnection
from schemas.decision import Decision
from schemas.errors import BrokerUnavailable
from schemas.reminder import PushedReceipt
from schemas.topics import BULLETINS, DECISIONS, RECEIPTS

ACK_TIMEOUT_S = 10.0


class KafkaOutbox:
    """Decisions and issues to their topics, acknowledged by all replicas. Connects on first use."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection
        self._producer: KafkaProducer | None = None

    def send(self, event: Decision | Bulletin | PushedReceipt) -> None:
        """Return once the broker has it. Raises BrokerUnavailable."""
        topic, key = addressed(event)
        try:
            if self._producer is None:
                settings = KafkaSettings(client_id="huiyao-desk", ack_timeout_s=ACK_TIMEOUT_S)
                self._producer = KafkaProducer(**producer_config(self._connection, settings))
            sent = self._producer.send(
                self._connection.topic(topic), key=key.encode(), value=event.model_dump_json().encode()
            )
            sent.get(timeout=ACK_TIMEOUT_S)
        except (kafka_errors.KafkaError, OSError) as error:
            raise BrokerUnavailable(f"{topic} {key} waits: {type(error).__name__}") from error


def addressed(event: Decision | Bulletin | PushedReceipt) -> tuple[str, str]:
    """(topic, key) of what comes from the desk (CONTRACT.md "Topics")."""
    if isinstance(event, PushedReceipt):
        return RECEIPTS.name, f"{event.channel}:{event.reference}"
    if isinstance(event, Bulletin):
        return BULLETINS.name, f"{event.name}:{event.date}"
    return DECISIONS.name, f"{event.subject_type}:{event.subject_id}"
