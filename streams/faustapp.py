"""The Faust application of one role, set up so that it loses nothing (DESIGN.md "Faust: what holds")."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faust
from faust.app.base import BootStrategy

from schemas.connections import KafkaConnection
from streams.faustconsumer import Transport
from streams.kafka import ssl_context
from streams.options import RuntimeOptions

NO_POLL_LIMIT_S = 7 * 24 * 3600.0
"""While Elasticsearch is away nothing is polled; the group must not drop the worker for it. Its heartbeats go on."""
FETCH_BYTES = 2 * 1024 * 1024
POLL_RECORDS = 500


class WithoutWeb(BootStrategy):  # type: ignore[misc]
    """Opens no port: Faust's web server would bind 0.0.0.0:6066 even with ``web_enabled=False``."""

    enable_web = False


class HuiyaoApp(faust.App):  # type: ignore[misc]
    """A Faust application without its web server, and with a consumer that costs less."""

    BootStrategy = WithoutWeb

    def _new_transport(self) -> Any:
        return Transport(self.conf.broker_consumer, self)


def app_id(connection: KafkaConnection, role: str) -> str:
    """The consumer group of a role."""
    return connection.topic(f"huiyao-{role}")


def build_app(connection: KafkaConnection, role: str, options: RuntimeOptions, folder: Path) -> Any:
    """The application; ``folder`` is where Faust insists on making its (unused) directories."""
    return HuiyaoApp(
        app_id(connection, role),
        broker=[f"aiokafka://{address}" for address in connection.bootstrap.split(",")],
        broker_credentials=_credentials(connection),
        processing_guarantee="at_least_once",
        broker_commit_interval=options.commit_interval_s,
        broker_session_timeout=options.session_timeout_s,
        broker_heartbeat_interval=options.heartbeat_s,
        broker_max_poll_interval=NO_POLL_LIMIT_S,
        broker_max_poll_records=POLL_RECORDS,
        consumer_max_fetch_size=FETCH_BYTES,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
        stream_buffer_maxsize=options.stream_buffer,
        topic_allow_declare=False,
        topic_disable_leader=True,
        autodiscover=False,
        datadir=str(folder),
        web_enabled=False,
        worker_redirect_stdouts=False,
    )


def declare(app: Any, connection: KafkaConnection, topics: Sequence[str]) -> Any:
    """The raw topics as Faust reads them: bytes in, no decoding, so that an unreadable record is ours to handle."""
    return app.topic(
        *(connection.topic(name) for name in topics),
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        acks=True,
    )


def _credentials(connection: KafkaConnection) -> Any:
    context: ssl.SSLContext | None = ssl_context(connection)
    if connection.sasl_mechanism is not None:
        return faust.SASLCredentials(
            username=connection.username,
            password=connection.password.get_secret_value() if connection.password else None,
            mechanism=connection.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context is not None else None
