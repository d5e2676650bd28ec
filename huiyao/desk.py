"""The desk wired up."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from kafka import KafkaProducer
from kafka import errors as kafka_errors

from desk.app import create_app
from desk.database import Database
from desk.decisions import ItemDecisions
from desk.deps import DeskDeps
from huiyao.districts import DistrictFolder
from huiyao.secrets import api_key_file, first_password_file
from huiyao.settings import Settings
from huiyao.wiring import (
    build_intake,
    build_judge,
    build_sink,
    bulletin_head,
    bulletin_rules,
    clock_of,
    district_of,
)
from processors.tables import table
from producers.health import HealthStore
from producers.kafka import KafkaSettings, producer_config
from schemas.connections import KafkaConnection
from schemas.decision import Decision
from schemas.errors import BrokerUnavailable
from schemas.topics import DECISIONS
from streams.elastic.client import connect

ACK_TIMEOUT_S = 10.0


class KafkaDecisions:
    """Decisions to their topic, acknowledged by all replicas. Connects on first use."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection
        self._producer: KafkaProducer | None = None

    def send(self, decision: Decision) -> None:
        """Return once the broker has it. Raises BrokerUnavailable."""
        key = f"{decision.subject_type}:{decision.subject_id}".encode()
        try:
            if self._producer is None:
                settings = KafkaSettings(client_id="huiyao-decisions", ack_timeout_s=ACK_TIMEOUT_S)
                self._producer = KafkaProducer(**producer_config(self._connection, settings))
            sent = self._producer.send(
                self._connection.topic(DECISIONS.name), key=key, value=decision.model_dump_json().encode()
            )
            sent.get(timeout=ACK_TIMEOUT_S)
        except (kafka_errors.KafkaError, OSError) as error:
            raise BrokerUnavailable(f"decision {decision.decision_id} waits: {type(error).__name__}") from error


def build_desk(settings: Settings) -> FastAPI:
    """The application for uvicorn."""
    folder = district_of(settings)
    sink = build_sink(settings)
    judge = build_judge(settings)
    connection = settings.elasticsearch_connection()
    return create_app(
        DeskDeps(
            district=folder.id,
            district_name=folder.name,
            register=folder.register,
            intake=build_intake(settings, sink, judge),
            judge=judge,
            decisions=KafkaDecisions(settings.kafka_connection()),
            client=connect(connection),
            elasticsearch=connection,
            clock=clock_of(settings),
            database=desk_database(settings.data_dir),
            api_key_file=api_key_file(settings.data_dir),
            first_password_file=first_password_file(settings.data_dir),
            bulletins=bulletin_rules(folder),
            bulletin_head=bulletin_head(folder),
            broker_ready=sink.ready,
            source_health=HealthStore(settings.data_dir).all,
            metrics_dir=settings.data_dir / "run" / "metrics",
            body_limit=settings.desk.body_limit,
            cookie_secure=settings.desk.cookie_secure,
            font_dirs=settings.font_dirs,
            rule_names=concept_names(folder),
        )
    )


def concept_names(folder: DistrictFolder) -> dict[str, str]:
    """What the concepts that verdicts rest on are called (lex_concepts.tsv)."""
    rows = table(folder.tables, "lex_concepts", ["concept", "label"])
    return {row["concept"]: row["label"] for row in rows if row["label"]}


def desk_database(data_dir: Path) -> Path:
    """Where the desk keeps what needs a transaction."""
    return data_dir / "desk" / "desk.sqlite3"


def forget_wordings(settings: Settings, identifier: str) -> None:
    """Take an erased item's wordings out of the desk's database, where there is one on this machine."""
    path = desk_database(settings.data_dir)
    if path.exists():
        database = Database(path)
        try:
            ItemDecisions(database, district_of(settings).id).forget(identifier)
        finally:
            database.close()
