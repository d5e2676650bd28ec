"""Kafka clients from a connection: the security settings, and one place where Kafka's errors become ours."""

from __future__ import annotations

import ssl
from typing import Any

from aiokafka.helpers import create_ssl_context
from aiokafka.partitioner import DefaultPartitioner

from schemas.connections import KafkaConnection

_PARTITIONER = DefaultPartitioner()


def client_options(connection: KafkaConnection) -> dict[str, Any]:
    """Keyword arguments for aiokafka's producer, consumer and admin client."""
    options: dict[str, Any] = {"bootstrap_servers": connection.bootstrap.split(",")}
    if connection.security_protocol != "PLAINTEXT":
        options["security_protocol"] = connection.security_protocol
    context = ssl_context(connection)
    if context is not None:
        options["ssl_context"] = context
    if connection.sasl_mechanism is not None:
        options["sasl_mechanism"] = connection.sasl_mechanism
        options["sasl_plain_username"] = connection.username
        options["sasl_plain_password"] = connection.password.get_secret_value() if connection.password else None
    return options


def ssl_context(connection: KafkaConnection) -> ssl.SSLContext | None:
    """A TLS context where the protocol wants one; the system's authorities where no file is set."""
    if "SSL" not in connection.security_protocol:
        return None
    files = {"cafile": connection.ca_file, "certfile": connection.cert_file, "keyfile": connection.key_file}
    context: ssl.SSLContext = create_ssl_context(**{name: str(path) for name, path in files.items() if path})
    return context


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that a key falls into, as every Kafka client's default partitioner has it (murmur2)."""
    every = list(range(partitions))
    return int(_PARTITIONER(key, every, every))
