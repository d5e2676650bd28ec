"""Wiring: settings, district and models become the objects that the rooms work with. The only place that knows all."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huiyao.clock import SystemClock, VirtualClock, make_clock
from huiyao.districts import DistrictFolder, load_district
from processors.document import narrow
from processors.pii import Span, find_pii, mask
from schemas.errors import DistrictError
from schemas.vocab import Lane

if TYPE_CHECKING:
    from huiyao.settings import Settings
    from processors.assess import Judge
    from processors.bulletin_rules import BulletinRule
    from processors.duty.omissions import CaseRules
    from processors.duty.register import DutyBook
    from processors.duty.reminding import ReminderRules
    from processors.incidents import IncidentRules
    from processors.instructions.rules import InstructionRules
    from processors.ledger import LedgerRules
    from producers.kafka import KafkaSink
    from producers.media.collector import MediaCollector
    from producers.opinion.collector import OpinionCollector
    from producers.reports import ReportIntake
    from producers.web.fetch import FetchSettings
    from schemas.bulletin import BulletinHead
    from schemas.ports import Channel
    from schemas.vocab import BulletinName
    from streams.app import WorkerDeps
    from streams.roles.points import PointRules


def district_of(settings: Settings) -> DistrictFolder:
    """The district folder of the settings; read once in a process."""
    return _district(settings.district_dir)


@lru_cache(maxsize=4)
def _district(path: Path) -> DistrictFolder:
    return load_district(path)


def clock_of(settings: Settings) -> SystemClock | VirtualClock:
    """The instance's clock."""
    return make_clock(settings.data_dir, settings.clock.start)


def build_judge(settings: Settings, *, short: bool = False) -> Judge:
    """Judgement with the district's rules and the trained models. A process that lives long has all its patterns
    compiled; a ``short`` run of a folder that has been checked before only those that it asks."""
    from huiyao.checked import check_once, code_digest, is_checked
    from huiyao.judges import make_judge
    from processors.late import compile_all

    folder, marks = district_of(settings), settings.engines.cache_dir
    mark = f"{folder.digest}-{code_digest()}" if short else ""
    known = short and is_checked(mark, marks)
    judge = make_judge(folder, settings.models_dir, settings.second_reader, known=known)
    if short:
        check_once(mark, marks)
    else:
        compile_all()
    return judge


def build_intake(settings: Settings, sink: KafkaSink, judge: Judge | None) -> ReportIntake:
    """Where reports come in."""
    from producers.reports import IntakeSettings, ReportIntake

    folder = district_of(settings)
    return ReportIntake(
        sink,
        folder.register.resolve,
        clock_of(settings),
        IntakeSettings(district=folder.id),
        judge.assess_one if judge else None,
    )


def build_sink(settings: Settings) -> KafkaSink:
    """Kafka for the producers."""
    from producers.kafka import KafkaSink

    return KafkaSink(settings.kafka_connection(), clock_of(settings))


def mask_post(text: str) -> tuple[str, list[Span]]:
    """Mask personal data of a public post before it leaves the process; widths are folded to find it, not to store."""
    spans = find_pii(narrow(text), Lane.OPINION)
    return mask(text, spans), spans


def media_collector(settings: Settings, sink: KafkaSink) -> AbstractAsyncContextManager[MediaCollector]:
    """The media collector with the district's feeds."""
    from producers import collect
    from producers.sources import load_feeds
    from producers.visit import CollectorSettings

    own = CollectorSettings(district=district_of(settings).id, data_dir=settings.data_dir, fetch=_fetch(settings))
    return collect.media_collector(load_feeds(sources_dir(settings)), sink, clock_of(settings), own)


def opinion_collector(settings: Settings, sink: KafkaSink) -> AbstractAsyncContextManager[OpinionCollector]:
    """The opinion collector with the district's sites."""
    from producers import collect
    from producers.sources import load_opinion
    from producers.visit import CollectorSettings

    own = CollectorSettings(district=district_of(settings).id, data_dir=settings.data_dir, fetch=_fetch(settings))
    return collect.opinion_collector(load_opinion(sources_dir(settings)), sink, clock_of(settings), own, mask_post)


def _fetch(settings: Settings) -> FetchSettings:
    from producers.web.fetch import FetchSettings

    return FetchSettings(
        contact=settings.collect.contact,
        allow_private_hosts=frozenset(settings.collect.allow_private_hosts),
        ca_file=settings.collect.ca_file,
    )


def sources_dir(settings: Settings) -> Path:
    """Where ``media/*.yml`` and ``opinion/*.yml`` are."""
    return settings.collect.sources_dir or settings.district_dir


def ledger_rules(folder: DistrictFolder) -> LedgerRules:
    """Who must report by when, from district.toml and the register."""
    from processors.ledger import LedgerRules

    duty = folder.config.get("duty", {})
    exempt = set(duty.get("exempt", []))
    try:
        cutoff = time.fromisoformat(duty.get("cutoff", "17:30"))
    except ValueError as error:
        raise DistrictError("district.toml", 0, f"duty.cutoff: {error}") from None
    departments = {d.id: d.short_name for d in folder.register if d.id not in exempt}
    book = duty_book(folder, departments, cutoff) if "duties" in folder.tables else None
    return LedgerRules(district=folder.id, departments=departments, cutoff=cutoff, given=book)


def duty_book(folder: DistrictFolder, departments: Collection[str], cutoff: time) -> DutyBook:
    """Duties by department and kind of day, from duties.tsv and calendar.tsv."""
    from processors.duty.register import DutyBook

    members = [one for one in folder.register if one.id in departments]
    return DutyBook.from_tables(members, folder.tables["duties"], folder.tables.get("calendar"), cutoff=cutoff)


def incident_rules(folder: DistrictFolder) -> IncidentRules:
    """When two words speak of one event, what each stage must tell, and the deadlines; from the district's tables."""
    from processors.content.elements import Elements
    from processors.home import Home
    from processors.incident_clocks import load_incident_clocks
    from processors.incident_links import LinkRules
    from processors.incidents import IncidentRules

    names = [folder.config[key] for key in ("name", "full_name", "city", "province")]
    wide = {*names, *(name.rstrip("省市区县") for name in names), *folder.config.get("wide_names", ())}
    wide |= Home.from_tables(folder.tables).itself
    return IncidentRules(
        LinkRules(wide=frozenset(wide)), load_incident_clocks(folder.tables), Elements.from_tables(folder.tables)
    )


def instruction_rules(folder: DistrictFolder) -> InstructionRules:
    """Deadlines, phrases and reminders of instructions, from instructions.toml and calendar.tsv."""
    from processors.duty.calendar import Calendar
    from processors.instructions.rules import FILE, read_rules

    path, own = folder.path / FILE, folder.tables.get("calendar")
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DistrictError(FILE, 0, str(error)) from None
    return read_rules(content, Calendar.from_table(own) if own else Calendar())


def case_rules(folder: DistrictFolder) -> CaseRules:
    """Who answers for which event, from departments.tsv and event_types.tsv, and the written deadline of the clocks."""
    from processors.duty.omissions import WRITTEN, CaseRules
    from processors.facts.types import EventTypes
    from processors.incident_clocks import load_incident_clocks

    exempt = set(folder.config.get("duty", {}).get("exempt", []))
    departments = tuple(one for one in folder.register if one.id not in exempt)
    types = {kind.name: kind for kind in EventTypes.from_tables(folder.tables)}
    limits = [one.limit for one in load_incident_clocks(folder.tables) if one.rule == WRITTEN]
    if not limits:
        raise DistrictError("incident_clocks.tsv", 0, f"no rule '{WRITTEN}': when is silence noticed?")
    return CaseRules(departments, types, grace=min(limits))


def point_rules(folder: DistrictFolder) -> PointRules:
    """The table of points, and whose name in a bulletin is whose."""
    from processors.duty.scoring import Scoring
    from streams.roles.points import PointRules

    def resolve(name: str) -> str | None:
        found = folder.register.resolve(name)
        return found.id if found else None

    return PointRules(Scoring.from_tables(folder.tables), {one.id: one.short_name for one in folder.register}, resolve)


def reminder_rules(folder: DistrictFolder, personal: Sequence[str]) -> ReminderRules:
    """Who is reminded of what duty, by which of the channels that are set up here, and when not."""
    from huiyao import alerting
    from processors.alerting.rules import AlertRules
    from processors.duty.reminding import ReminderRules
    from schemas.subscription import ReminderPolicy

    file = alerting.alert_file(folder)
    policy = file.reminders if file else ReminderPolicy()
    return ReminderRules(
        ledger_rules(folder),
        alerting.alert_rules(folder, (), personal) or AlertRules(),
        channels=policy.channels,
        hours=policy.hours,
        silent_after=timedelta(minutes=policy.silent_after),
        silent_within=timedelta(minutes=policy.silent_within),
    )


def build_channels(settings: Settings) -> list[Channel]:
    """The log, and every webhook of the settings."""
    from publishers.channels.log import LogChannel
    from publishers.channels.webhook import WebhookChannel

    channels: list[Channel] = [LogChannel()]
    for number, hook in enumerate(settings.alerts.webhooks, start=1):
        secret = hook.secret_file.read_text("utf-8").strip() if hook.secret_file else None
        channels.append(WebhookChannel(hook.url, secret, name=f"webhook-{number}"))
    return channels


def worker_deps(settings: Settings, lane: str) -> WorkerDeps:
    """What the worker of one lane needs; nothing is loaded that it does not use."""
    from huiyao import alerting
    from huiyao.secrets import Seal
    from streams.app import WorkerDeps
    from streams.elastic.writer import ElasticWriter
    from streams.metrics import MetricsOptions
    from streams.roles.alerts import AlertSettings

    folder = district_of(settings)
    judging = lane in {"reports", "media", "opinion"}
    judge = build_judge(settings) if judging else None
    extra: dict[str, Any] = {}
    if lane == "incidents":
        extra["incident_rules"] = incident_rules(folder)
    if lane == "cases":
        extra["case_rules"] = case_rules(folder)
    if lane == "stories":
        from huiyao.judges import story_window

        extra["matcher"] = story_window(folder, settings.models_dir)()
    if lane == "index":
        extra["writer"] = ElasticWriter(settings.elasticsearch_connection(), refresh=False)
    if lane == "duty":
        from huiyao.duty_contacts import duty_switchboard

        personal = alerting.personal_channels(settings, folder)
        extra["reminder_rules"] = rules = reminder_rules(folder, [one.name for one in personal])
        extra["point_rules"] = point_rules(folder)
        extra["switchboard"] = duty_switchboard(settings, folder, rules, personal, clock_of(settings))
    channels = build_channels(settings) if lane == "alerts" else []
    if lane == "alerts":
        personal = alerting.personal_channels(settings, folder)
        alert_rules = alerting.alert_rules(folder, [one.name for one in channels], [one.name for one in personal])
        if alert_rules is not None:
            extra["alert_rules"] = alert_rules
            extra["switchboard"] = alerting.switchboard(settings, alert_rules, personal, clock_of(settings))
    return WorkerDeps(
        connection=settings.kafka_connection(),
        clock=clock_of(settings),
        judge=judge,
        channels=channels,
        ledger_rules=ledger_rules(folder),
        alerts=AlertSettings(stale_after=alerting.stale_after(folder)),
        seal=Seal(settings.data_dir).seal,
        metrics=MetricsOptions(directory=settings.data_dir / "run" / "metrics"),
        ready_file=settings.data_dir.absolute() / "run" / "ready" / lane,
        **extra,
    )


def bulletin_rules(folder: DistrictFolder) -> dict[BulletinName, BulletinRule]:
    """The bulletins of the district, from bulletins.toml."""
    from processors.bulletin_rules import FILE, load_rules
    from processors.place_table import local_names

    path = folder.path / FILE
    try:
        return load_rules(tomllib.loads(path.read_text("utf-8")), local_names(folder.tables))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DistrictError(FILE, 0, str(error)) from None


def bulletin_head(folder: DistrictFolder) -> BulletinHead:
    """Head and foot of the bulletins."""
    from schemas.bulletin import BulletinHead

    config = folder.config.get("bulletins", {})
    return BulletinHead(
        office=folder.config.get("office", folder.name),
        recipients=tuple(config.get("recipients", [])),
        signer=config.get("signer", ""),
        editor=config.get("editor", ""),
    )
