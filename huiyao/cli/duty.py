"""``huiyao duty``: the ledger of any day as of any moment, who waits, on-time rates, changes of the rules."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

duty_app = typer.Typer(help="Who must report, by when, and what they did.", no_args_is_help=True)
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Everything of one instance lives here.")]
Day = Annotated[str, typer.Argument(help="YYYY-MM-DD")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
By = Annotated[str, typer.Option(help="Who decides (a post, not a private name).")]
Who = Annotated[str, typer.Argument(help="A department (id or name), class:…, kind:… or *.")]
Reason = Annotated[str, typer.Option(help="Goes into the record.")]
From = Annotated[str, typer.Option("--from", help="First day; today by default.")]
Until = Annotated[str, typer.Option("--until", help="Last day.")]


@duty_app.command("show")
def show(
    day: Day,
    as_of: Annotated[str, typer.Option("--as-of", help="What was known then: HH:MM of the day, or ISO 8601.")] = "",
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """The ledger of a day: one state for each department, with the rule that gave it."""
    from huiyao.cli.common import instance_settings
    from huiyao.duty import ledger_now, rules_of
    from huiyao.wiring import clock_of
    from processors.duty.moments import as_of as known_at

    settings = instance_settings(data_dir)
    moment = _moment(day, as_of) if as_of else clock_of(settings).now()
    for one in known_at(ledger_now(settings), _day(day), moment, rules_of(settings)):
        if as_json:
            print(one.model_dump_json())
        else:
            print(f"{one.department}  {one.department_name}  {one.state.label}  {one.explanation}")


@duty_app.command("waiting")
def waiting(
    contacts: Annotated[bool, typer.Option(help="With the liaison officers of the private list.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Who has not reported today: before the cut-off whom to remind, after it the silent."""
    from huiyao.cli.common import instance_settings
    from huiyao.duty import ledger_now, liaisons, rules_of
    from huiyao.wiring import clock_of
    from processors.duty.liaisons import liaison_of
    from processors.duty.reminders import waiting as not_reported

    settings = instance_settings(data_dir)
    known = liaisons(settings) if contacts else ()
    for one in not_reported(ledger_now(settings), clock_of(settings).now(), rules_of(settings)):
        left = f"还有{one.minutes}分钟" if one.minutes >= 0 else f"已过{-one.minutes}分钟"
        record = {"department": one.department, "name": one.name, "cutoff": one.cutoff.isoformat(), "step": one.step}
        liaison = liaison_of(known, one.department, one.day)
        who = f"  {liaison.name.get_secret_value()} {liaison.phone.get_secret_value()}" if liaison else ""
        print(
            json.dumps(record | {"minutes": one.minutes}) if as_json else f"{one.department}  {one.name}  {left}{who}"
        )


@duty_app.command("rates")
def rates(
    month: Annotated[str, typer.Argument(help="YYYY-MM")], as_json: Json = False, data_dir: DataDir = None
) -> None:
    """On-time rates of a month, by class and by department."""
    from huiyao.cli.common import instance_settings
    from huiyao.duty import ledger_now, rules_of
    from huiyao.wiring import district_of
    from processors.duty.rates import Rate
    from processors.duty.rates import rates as counted
    from processors.home import Home

    settings = instance_settings(data_dir)
    state, rules = ledger_now(settings), rules_of(settings)
    book = state.book or rules.book
    found = counted(state.entries.values(), month, book)
    rows: list[tuple[str, str, Rate]] = [("total", Home.from_tables(district_of(settings).tables).whole, found.total)]
    rows += [("class", name, rate) for name, rate in found.by_class.items()]
    rows += [("department", book.members[key].name, rate) for key, rate in found.by_department.items()]
    for level, name, rate in rows:
        record = {"level": level, "name": name, "due": rate.due, "on_time": rate.on_time, "share": rate.share}
        states = {state.value: count for state, count in rate.states.items()}
        share = "-" if rate.share is None else f"{rate.share:.1%}"
        words = f"{name}  应报{rate.due}  按时{rate.on_time}  {share}"
        print(json.dumps(record | {"states": states}, ensure_ascii=False) if as_json else words)


@duty_app.command("excuse")
def excuse(
    who: Who, by: By, since: From = "", until: Until = "", reason: Reason = "", data_dir: DataDir = None
) -> None:
    """Excuse a department for a day or a span of days."""
    _write("excuse", who, by, reason, {"from": since, "until": until or since}, data_dir)


@duty_app.command("set")
def set_duty(
    who: Who,
    by: By,
    cutoff: Annotated[str, typer.Option(help="HH:MM")] = "",
    required: Annotated[str, typer.Option(help="Y or N")] = "",
    days: Annotated[list[str] | None, typer.Option(help="workday, weekend, holiday; all by default")] = None,
    appraisal_class: Annotated[str, typer.Option("--class", help="一类, 二类, 三类, 镇街")] = "",
    since: From = "",
    until: Until = "",
    retroactive: Annotated[bool, typer.Option(help="May begin before today; needs a reason.")] = False,
    reason: Reason = "",
    data_dir: DataDir = None,
) -> None:
    """Change a duty from a day on; days before it keep the rules they had."""
    details = {"cutoff": cutoff, "required": required, "days": days, "appraisal_class": appraisal_class}
    _write("set_duty", who, by, reason, details | {"from": since, "until": until, "retroactive": retroactive}, data_dir)


@duty_app.command("undo")
def undo(
    who: Who, decision: Annotated[str, typer.Argument()], by: By, reason: Reason = "", data_dir: DataDir = None
) -> None:
    """Take a decision on a department back."""
    _write("undo", who, by, reason, {"decision_id": decision}, data_dir)


@duty_app.command("repair")
def repair(
    by: Annotated[str, typer.Option(help="Who decides; needed with --apply.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Write the decision; without it nothing is changed.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Take back 缺报 of days before the ledger was at work (versions before 2026-11-30 wrote it). Shows them first."""
    from collections import Counter

    from huiyao.cli.common import instance_settings
    from huiyao.duty import ledger_now
    from processors.duty.repair import began, invented, span

    entries = ledger_now(instance_settings(data_dir)).entries.values()
    first, found = began(entries), invented(entries)
    if first is None or not found:
        print("nothing to repair")
        return
    since, until = span(found, first)
    for day, count in Counter(one.day for one in found).items():
        print(f"{day}  缺报 {count}家  台账{first}才开始")
    if not apply:
        print(f"dry run: --apply --by WHO decides that nobody had to report from {since} to {until}")
        return
    if not by:
        raise typer.BadParameter("--apply needs --by: who decides")
    reason = f"台账自{first}起运行，此前的缺报记录有误"
    details = {"required": "N", "from": since, "until": until, "retroactive": True}
    _write("set_duty", "*", by, reason, details, data_dir)


def _write(action: str, who: str, by: str, reason: str, details: dict[str, object], data_dir: Path | None) -> None:
    from huiyao.cli.common import instance_settings
    from huiyao.deciding import send_decision
    from huiyao.duty import duty_decision
    from huiyao.wiring import clock_of

    settings = instance_settings(data_dir)
    now = clock_of(settings).now()
    made = duty_decision(settings, action, who, by, reason=reason, details=details, now=now)  # type: ignore[arg-type] # one of three literals above
    send_decision(settings, made)
    print(f"decision {made.decision_id} written")


def _day(text: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _moment(day: str, text: str) -> datetime:
    from schemas.base import with_zone

    try:
        return with_zone(datetime.fromisoformat(f"{_day(day)}T{text}" if len(text) <= len("24:00:00") else text))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
