"""Makes the topics: partitions, retention, cleanup, largest record, and the broker's own time stamps."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from schemas.connections import KafkaConnection
from schemas.errors import BrokerUnavailable
from schemas.topics import ALL, TopicSpec
from streams.kafka import client_options

BATCH_OVERHEAD = 64 * 1024
"""The broker's limit counts the batch with its header, key and headers, ours the record."""
TRIES = 12
"""Some 15 s in all, with growing pauses: 3 s were too little for a broker on a machine with a load of 25."""


def topic_config(spec: TopicSpec) -> dict[str, str]:
    """The configuration of one topic. LogAppendTime: arrival is the broker's time, never a sender's."""
    return {
        "cleanup.policy": spec.cleanup,
        "retention.ms": str(spec.retention_ms),
        "max.message.bytes": str(spec.limit + BATCH_OVERHEAD),
        "message.timestamp.type": "LogAppendTime",
    }


async def ensure_topics(connection: KafkaConnection, specs: Collection[TopicSpec] = ALL) -> list[str]:
    """Create what is missing and return its names (with prefix). Existing topics are left as they are.

    Raises ``BrokerUnavailable``.
    """
    try:
        client = AIOKafkaAdminClient(**client_options(connection))
        await client.start()
        try:
            present = set(await client.list_topics())
            missing = [spec for spec in specs if connection.topic(spec.name) not in present]
            if missing:
                await _create(client, connection, missing)
            return [connection.topic(spec.name) for spec in missing]
        finally:
            await client.close()
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(f"cannot create topics: {type(error).__name__}: {error}") from error


async def _create(client: AIOKafkaAdminClient, connection: KafkaConnection, specs: list[TopicSpec]) -> None:
    new = [
        NewTopic(
            connection.topic(spec.name),
            num_partitions=spec.partitions,
            replication_factor=connection.replication_factor,
            topic_configs=topic_config(spec),
        )
        for spec in specs
    ]
    answer = await client.create_topics(new)
    for name, code, *_rest in answer.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise BrokerUnavailable(f"cannot create {name}: {for_code(code).__name__}")
    await _visible(client, {connection.topic(spec.name) for spec in specs})


async def _visible(client: AIOKafkaAdminClient, names: set[str]) -> None:
    for attempt in range(TRIES):
        described = await client.describe_topics(sorted(names))
        leaders = [part["leader"] for topic in described for part in topic["partitions"]]
        if len(described) == len(names) and leaders and all(leader >= 0 for leader in leaders):
            return
        await asyncio.sleep(0.2 * (attempt + 1))
    raise BrokerUnavailable("new topics have no leaders")


async def drifted(connection: KafkaConnection, specs: Collection[TopicSpec] = ALL) -> list[str]:
    """What differs between topics as they are and as they should be, one line each (for ``huiyao check``)."""
    client = AIOKafkaAdminClient(**client_options(connection))
    await client.start()
    try:
        present = set(await client.list_topics())
        lines = [f"{spec.name}: missing" for spec in specs if connection.topic(spec.name) not in present]
        for spec in [spec for spec in specs if connection.topic(spec.name) in present]:
            lines += await _differences(client, connection, spec)
        return lines
    finally:
        await client.close()


async def _differences(client: AIOKafkaAdminClient, connection: KafkaConnection, spec: TopicSpec) -> list[str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, connection.topic(spec.name))
    answers = await client.describe_configs([resource])
    actual = {entry[0]: entry[1] for answer in answers for entry in answer.resources[0][4]}
    wanted = topic_config(spec)
    return [f"{spec.name}: {k} is {actual.get(k)}, should be {v}" for k, v in wanted.items() if actual.get(k) != v]
