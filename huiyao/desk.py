"""The desk wired up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import FastAPI

from desk.accounts import Role
from desk.app import create_app
from desk.attachments import Attachments
from desk.commissioning import Commissions
from desk.database import Database
from desk.decisions import ItemDecisions
from desk.deps import DeskDeps, OutboxSink, PhoneCall
from desk.erasing import erase_topics
from desk.filetypes import AttachmentRules
from desk.oidc import OidcRules
from huiyao.alerting import alert_file, issue_post
from huiyao.deadletters import DeadLetterCount
from huiyao.desk_duty import duty_deps
from huiyao.districts import DistrictFolder
from huiyao.incidents import phone_call
from huiyao.outbox import KafkaOutbox
from huiyao.rules import bulletin_head, bulletin_rules, case_rules, instruction_rules
from huiyao.secrets import ack_key, api_key_file, first_password_file, metrics_key
from huiyao.settings import Settings
from huiyao.wiring import build_intake, build_judge, build_sink, clock_of, district_of
from processors.home import Home
from processors.tables import table
from producers.health import HealthStore
from schemas.decision import Decision
from schemas.subscription import Policy
from streams.elastic.client import connect

MEGABYTE = 1024 * 1024


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
            district_level=Home.from_tables(folder.tables).level,
            register=folder.register,
            intake=build_intake(settings, sink, judge),
            judge=judge,
            decisions=KafkaOutbox(settings.kafka_connection()),
            client=connect(connection),
            elasticsearch=connection,
            clock=clock_of(settings),
            database=desk_database(settings),
            api_key_file=api_key_file(settings.data_dir),
            first_password_file=first_password_file(settings.data_dir),
            attachments=attachment_rules(settings),
            bulletins=bulletin_rules(folder),
            bulletin_head=bulletin_head(folder),
            instruction_rules=instruction_rules(folder),
            broker_ready=sink.ready,
            source_health=HealthStore(settings.data_dir).all,
            metrics_dir=settings.data_dir / "run" / "metrics",
            one_time_password=timedelta(hours=settings.desk.one_time_password_hours),
            oidc=oidc_rules(settings),
            metrics_key=metrics_key(settings.data_dir),
            trusted_proxies=settings.desk.trusted_proxies,
            body_limit=settings.desk.body_limit,
            cookie_secure=settings.desk.cookie_secure,
            font_dirs=settings.font_dirs,
            phone_call=phone_calls(settings),
            event_types=tuple(row["name"] for row in table(folder.tables, "event_types", ["name"])),
            duty_phone=str(folder.config.get("duty", {}).get("phone", "")),
            rule_names=concept_names(folder),
            ack_key=ack_key(settings.data_dir),
            duty=duty_deps(settings),
            issue_mail=issue_post(settings, folder, bulletin_rules(folder).values()),
            answerable=case_rules(folder),
            alert_policy=file.policy if (file := alert_file(folder)) else Policy(),
            dead_letters=DeadLetterCount(settings.kafka_connection()),
        )
    )


def phone_calls(settings: Settings) -> PhoneCall:
    """How the desk makes the decision that a phone call is, in the settings' district."""

    def called(given: Mapping[str, str], figures: Mapping[str, int | None], by: str, now: datetime) -> Decision:
        return phone_call(settings, by=by, figures=figures, now=now, **given)

    return called


def concept_names(folder: DistrictFolder) -> dict[str, str]:
    """What the concepts that verdicts rest on are called (lex_concepts.tsv)."""
    rows = table(folder.tables, "lex_concepts", ["concept", "label"])
    return {row["concept"]: row["label"] for row in rows if row["label"]}


def attachment_rules(settings: Settings) -> AttachmentRules:
    """Where the desk keeps files that come with reports, and which it takes."""
    given = settings.desk.attachments
    return AttachmentRules(
        folder=given.folder or settings.data_dir / "desk" / "attachments",
        most=given.most,
        each_bytes=round(given.each_mb * MEGABYTE),
        total_bytes=round(given.total_mb * MEGABYTE),
        kinds=given.kinds,
        most_pixels=round(given.megapixels * 1_000_000),
    )


def oidc_rules(settings: Settings) -> OidcRules | None:
    """The provider where people may log in, if any."""
    given = settings.desk.oidc
    if given is None:
        return None
    return OidcRules(
        issuer=given.issuer,
        client_id=given.client_id,
        client_secret=given.client_secret.get_secret_value() if given.client_secret else "",
        redirect_url=given.redirect_url,
        claim=given.claim,
        scopes=given.scopes,
        label=given.label,
        create_role=Role(given.create_role) if given.create_role else None,
        department_claim=given.department_claim,
        ca_file=given.ca_file,
    )


def desk_database(settings: Settings) -> Path | str:
    """Where the desk keeps what needs a transaction: PostgreSQL where its address is set, else a file."""
    address = settings.desk.database
    return address.get_secret_value() if address else settings.data_dir / "desk" / "desk.sqlite3"


def forget_wordings(settings: Settings, erased: Decision, sink: OutboxSink) -> list[Decision]:
    """Take an erased item's wordings, files and topics out of the desk's database, where there is one on this machine.

    The decisions on instructions and requests that lost their topic; those that Kafka did not take now wait for the
    desk's outbox.
    """
    address = desk_database(settings)
    if not (isinstance(address, str) or address.exists()):
        return []
    database = Database(address)
    try:
        ItemDecisions(database, erased.district).forget(erased.subject_id)
        Attachments(database, attachment_rules(settings)).forget(erased.subject_id)
        Commissions(database, erased.district, ())
        made = erase_topics(database, erased)
        for one in made:
            sink.send(one)
            database.sent(one.decision_id)
        return made
    finally:
        database.close()
