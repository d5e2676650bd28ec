"""Wiring: settings, district and models become the objects that the rooms work with. The only place that knows all."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huiyao.clock import SystemClock, VirtualClock, make_clock
from huiyao.districts import DistrictFolder, load_district
from huiyao.rules import case_rules, incident_rules, ledger_rules, point_rules, reminder_rules
from processors.document import narrow
from processors.pii import Span, find_pii, mask
from schemas.vocab import Lane

if TYPE_CHECKING:
    from huiyao.settings import Settings
    from processors.assess import Judge
    from producers.kafka import KafkaSink
    from producers.media.collector import MediaCollector
    from producers.opinion.collector import OpinionCollector
    from producers.reports import ReportIntake
    from producers.web.fetch import FetchSettings
    from schemas.ports import Channel
    from streams.app import WorkerDeps


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
