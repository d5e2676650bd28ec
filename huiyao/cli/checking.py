"""``huiyao check``: the usual troubles, found by asking, told in plain words with what to do."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy import commands
from huiyao.cli.common import instance_settings
from huiyao.logs import configure_logs
from huiyao.settings import Settings
from schemas.errors import HuiyaoError

MOST_LISTED = 10
LOW_DISK_BYTES = 2 * 1024**3
"""Elasticsearch stops writing at 95 % of a disk; below 2 GiB free is time to act on any disk."""


@dataclass(frozen=True, slots=True)
class Result:
    """One check: ``ok``, what was seen, and what to do where it is not."""

    name: str
    ok: bool
    seen: str
    advice: str = ""


def run_check(data_dir: Path | None) -> int:
    """Run all checks; 1 where any failed."""
    configure_logs("ERROR", service="check")
    settings = instance_settings(data_dir)
    results = list(checks(settings))
    for result in results:
        print(f"{'正常' if result.ok else '异常'}  {result.name}：{result.seen}")
        if not result.ok and result.advice:
            print(f"      → {result.advice}")
    return 0 if all(result.ok for result in results) else 1


def checks(settings: Settings) -> Iterator[Result]:
    """All checks, cheapest first. A check that itself fails is a failed check, and the rest goes on."""
    steps: list[tuple[str, Callable[[Settings], Iterator[Result]]]] = [
        ("磁盘", _disk),
        ("数据包", _district),
        ("预警", _alerts),
        ("提醒", _reminders),
        ("进程", _processes),
        ("Kafka", _kafka),
        ("Elasticsearch", _elasticsearch),
        ("登录", _login),
        ("来源", _sources),
        ("死信", _deadletters),
    ]
    for name, step in steps:
        try:
            yield from step(settings)
        except HuiyaoError as error:
            yield Result(name, ok=False, seen=str(error), advice=error.hint)
        except Exception as error:  # a check must not hide the others
            yield Result(name, ok=False, seen=f"{type(error).__name__}: {error}")


def _disk(settings: Settings) -> Iterator[Result]:
    folder = settings.data_dir if settings.data_dir.exists() else Path.cwd()
    free = shutil.disk_usage(folder).free
    seen = f"{folder} 剩余 {free / 1024**3:.1f} GiB"
    yield Result("磁盘", free > LOW_DISK_BYTES, seen, "清理磁盘，或把 --data-dir 移到更大的盘上")


def _district(settings: Settings) -> Iterator[Result]:
    from huiyao.wiring import build_judge, district_of

    folder = district_of(settings)
    judge = build_judge(settings)
    count = len(folder.register.departments)
    yield Result("数据包", ok=True, seen=f"{folder.name}，{count} 个单位，规则与模型版本 {judge.rules_version}")


def _alerts(settings: Settings) -> Iterator[Result]:
    """Who on duty could be reached by nothing but the log. Not an error: a bare installation has no gateway yet."""
    from huiyao import alerting
    from huiyao.wiring import district_of

    folder = district_of(settings)
    up = alerting.personal_channels(settings, folder)
    rules = alerting.alert_rules(folder, (), [one.name for one in up])
    if rules is None:
        yield Result("预警", ok=True, seen="数据包没有 alerts.toml，所有预警发往所有渠道")
        return
    known = alerting.contacts(settings)
    needing = {one.name for one in up if one.needs_address}
    on_duty = dict.fromkeys(who for shift in rules.shifts for step in shift.chain for who in step)
    silent = [who for who in on_duty if not alerting.reachable(rules, who, known, needing)]
    listed = "、".join(one.name for one in up)
    told = (
        f"，值班链中只能写入日志的有 {'、'.join(silent)}（渠道和联系方式见 docs/operations.md）"
        if silent
        else "，值班链都有渠道"
    )
    yield Result("预警", ok=True, seen=f"可用渠道 {listed}{told}")


def _reminders(settings: Settings) -> Iterator[Result]:
    """Departments whom no reminder can reach. Not an error: a bare installation has no list of liaisons yet."""
    from huiyao.duty_contacts import unreachable
    from huiyao.wiring import district_of

    folder = district_of(settings)
    missing = unreachable(settings, folder)
    if missing is None:
        yield Result("提醒", ok=True, seen="没有可用的提醒渠道，到期提醒只写入日志")
        return
    listed = "、".join(missing[:MOST_LISTED]) + (f"等{len(missing)}个单位" if len(missing) > MOST_LISTED else "")
    yield Result("提醒", ok=True, seen=f"没有联络员号码的有 {listed}" if missing else "各单位联络员都有联系方式")


def _processes(settings: Settings) -> Iterator[Result]:
    status = commands.status(settings.data_dir)
    units = status.get("units", [])
    if not units:
        yield Result("进程", ok=False, seen=f"{settings.data_dir} 中没有运行的实例", advice="huiyao up -d")
        return
    troubled = [unit for unit in units if unit["phase"] != "ready" or unit["restarts"]]
    for unit in troubled:
        seen = f"{unit['phase']}，重启 {unit['restarts']} 次，上次退出：{unit['last_exit'] or '—'}"
        yield Result(f"进程 {unit['name']}", ok=unit["phase"] == "ready", seen=seen, advice=f"看日志 {unit['log']}")
    yield Result("进程", ok=bool(status["ready"]), seen=f"{len(units)} 个，{len(troubled)} 个有过异常")


def _kafka(settings: Settings) -> Iterator[Result]:
    from kafka import KafkaConsumer

    from schemas.topics import ALL

    connection = settings.kafka_connection()
    consumer = KafkaConsumer(bootstrap_servers=connection.bootstrap.split(","), **_security(settings))
    try:
        present = consumer.topics()
    finally:
        consumer.close()
    missing = [spec.name for spec in ALL if connection.topic(spec.name) not in present]
    seen = f"{connection.bootstrap}，缺主题 {', '.join(missing)}" if missing else f"{connection.bootstrap}，主题齐全"
    yield Result("Kafka", not missing, seen, "huiyao up 会建好主题；集群上请检查建主题的权限")


def _security(settings: Settings) -> dict[str, object]:
    from producers.kafka import KafkaSettings, producer_config

    config = producer_config(settings.kafka_connection(), KafkaSettings(client_id="huiyao-check"))
    names = ("security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password", "ssl_cafile")
    return {name: config[name] for name in (*names, "ssl_certfile", "ssl_keyfile") if name in config}


def _elasticsearch(settings: Settings) -> Iterator[Result]:
    async def ask() -> tuple[str, dict[str, int]]:
        from desk.index import Index
        from streams.elastic.client import connect

        connection = settings.elasticsearch_connection()
        client = connect(connection)
        try:
            health = await client.cluster.health()
            counts = await Index(client, connection).counts("items", [], ["lane"])
        finally:
            await client.close()
        return str(health["status"]), counts["lane"]

    status, lanes = asyncio.run(ask())
    total = sum(lanes.values())
    advice = "看 logs/elasticsearch.log；索引损坏可用 huiyao rebuild 重建"
    yield Result("Elasticsearch", status in ("green", "yellow"), f"{status}，{total} 条信息", advice)


def _login(settings: Settings) -> Iterator[Result]:
    """The provider outside, where one is set: reachable, and what the settings take it for."""
    from desk.oidc import OidcAway, OidcRefused, Provider
    from huiyao.desk import oidc_rules

    rules = oidc_rules(settings)
    if rules is None:
        return
    name, advice = f"登录 {rules.label}", "核对 HUIYAO_DESK__OIDC__ISSUER 和到对方的网络、证书（docs/operations.md）"
    try:
        asyncio.run(Provider(rules).check())
    except OidcAway as away:
        yield Result(name, ok=False, seen=f"没有应答（{away}）；账号和密码照常登录", advice=advice)
    except OidcRefused as refused:
        yield Result(name, ok=False, seen=refused.recorded, advice=advice)
    else:
        yield Result(name, ok=True, seen=f"{rules.issuer}，回调地址 {rules.redirect_url}")


def _sources(settings: Settings) -> Iterator[Result]:
    from huiyao.wiring import sources_dir
    from producers.health import HealthStore, SourceState
    from producers.sources import load_feeds, load_opinion

    folder = sources_dir(settings)
    if not (load_feeds(folder) or load_opinion(folder)):
        yield Result("来源", ok=True, seen="没有设媒体和论坛来源，只收部门报送（设法见 docs/district.md）")
    for one in HealthStore(settings.data_dir).all():
        seen = f"{one.state.label}，失败 {one.failures} 次 {one.reason}".rstrip()
        yield Result(f"来源 {one.name or one.source}", one.state is not SourceState.FAILING, seen, "核对网址与选择器")


def _deadletters(settings: Settings) -> Iterator[Result]:
    from streams.elastic.deadletters import letters

    async def count() -> int:
        return len([1 async for _ in letters(settings.kafka_connection())])

    number = asyncio.run(count())
    yield Result("死信", number == 0, f"{number} 条", "huiyao deadletter list 查看原因，处理后 replay")
