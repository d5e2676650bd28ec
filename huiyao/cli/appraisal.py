"""``huiyao duty cases|case|points|notice|score|appeal|ask|answer``: appraisal, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from huiyao.cli.duty import By, DataDir, Json, Reason, duty_app

Month = Annotated[str, typer.Argument(help="YYYY-MM")]
Identifier = Annotated[str, typer.Argument(help="Id or its beginning.")]


@duty_app.command("cases")
def cases(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Candidates for omissions, with what was said on both sides. Candidates, not findings."""
    from huiyao.appraisal import cases_now
    from huiyao.cli.common import instance_settings

    for one in sorted(cases_now(instance_settings(data_dir)).values(), key=lambda one: one.opened_at):
        if as_json:
            print(one.model_dump_json())
            continue
        verdict = f"（{one.verdict.label}）" if one.verdict else ""
        print(f"{one.case_id[:8]}  {one.department_name}  {one.day}  {one.kind.label}  {one.state.label}{verdict}")
        for name, side in (("其他渠道", one.outside), ("单位", one.department_said)):
            for said in side:
                print(f"    {name}  {said.at:%m-%d %H:%M}  {said.source}  {said.title}  {said.figures or ''}")
        for gap in one.gaps:
            print(f"    {gap}")


@duty_app.command("case")
def case(
    case_id: Identifier,
    action: Annotated[str, typer.Argument(help="ask (print the request), explain, confirm, reject, undo")],
    by: By = "",
    verdict: Annotated[str, typer.Option(help="confirm: omitted, false, concealed or late")] = "",
    decision: Annotated[str, typer.Option(help="undo: the decision to take back")] = "",
    reason: Reason = "",
    data_dir: DataDir = None,
) -> None:
    """Decide on a candidate: the department is heard first, and a verdict takes two different people."""
    from huiyao.appraisal import case_decision, case_of, cases_now
    from huiyao.cli.common import instance_settings
    from huiyao.deciding import send_decision
    from huiyao.wiring import clock_of
    from processors.duty.cases import ACTIONS
    from processors.duty.omissions import request_for_explanation

    settings = instance_settings(data_dir)
    if action == "ask":
        print(request_for_explanation(case_of(cases_now(settings), case_id)))
        return
    if action not in ACTIONS or not by:
        raise typer.BadParameter(f"ask, or one of {', '.join(sorted(ACTIONS))} with --by")
    details: dict[str, object] = {"verdict": verdict} if verdict else {"decision_id": decision} if decision else {}
    now = clock_of(settings).now()
    made = case_decision(settings, case_id, action, by, reason=reason, details=details, now=now)  # type: ignore[arg-type] # checked against ACTIONS
    send_decision(settings, made)
    print(f"decision {made.decision_id} written")


@duty_app.command("points")
def points(month: Month, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Every entry of a month with the event it follows from, and whether it stands."""
    from huiyao.appraisal import points_now
    from huiyao.cli.common import instance_settings
    from huiyao.wiring import clock_of

    settings = instance_settings(data_dir)
    now = clock_of(settings).now()
    for one in points_now(settings, now):
        if not one.day.startswith(month):
            continue
        record = {
            "entry": one.entry_id, "department": one.department, "day": one.day, "key": one.key,
            "points": str(one.points), "ref": one.ref, "why": one.why, "stands": one.stands(now),
            "final_at": one.final_at.isoformat(), "corrects": one.corrects, "version": one.version,
        }  # fmt: skip
        state = "生效" if one.stands(now) else "申诉中" if one.appealed else "待定"
        words = f"{one.entry_id[:8]}  {one.department}  {one.day}  {one.points:+}  {state}  {one.why}  [{one.ref}]"
        print(json.dumps(record, ensure_ascii=False) if as_json else words)


@duty_app.command("notice")
def notice(
    month: Month,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("out"),
    forms: Annotated[str, typer.Option("--format", help="html,pdf,docx")] = "html",
    data_dir: DataDir = None,
) -> None:
    """Write the monthly notice (通报) and print the paths."""
    from huiyao.appraisal import notice_of
    from huiyao.cli.common import instance_settings
    from huiyao.rules import bulletin_head
    from huiyao.wiring import clock_of, district_of
    from publishers.notice import FORMATS, notice_file

    settings = instance_settings(data_dir)
    wanted = [form for form in forms.split(",") if form]
    if not wanted or any(form not in FORMATS for form in wanted):
        raise typer.BadParameter(f"--format: of {', '.join(FORMATS)}")
    made = notice_of(settings, _month(month), clock_of(settings).now())
    office = bulletin_head(district_of(settings)).office
    out.mkdir(parents=True, exist_ok=True)
    for form in wanted:
        path = out / notice_file(made, form)
        path.write_bytes(FORMATS[form].render(made, office, settings.font_dirs))
        print(path)


@duty_app.command("score")
def score(
    department: Annotated[str, typer.Argument(help="Id or name.")],
    by: By,
    key: Annotated[str, typer.Option(help="A key of scoring_default.tsv, e.g. adopt.city_市委办")] = "",
    corrects: Annotated[str, typer.Option(help="The entry that is corrected, with --points")] = "",
    value: Annotated[str, typer.Option("--points", help="Of a correction: what is added or taken")] = "",
    reason: Reason = "",
    data_dir: DataDir = None,
) -> None:
    """Enter points by the table, or correct an entry by a new one."""
    from huiyao.cli.common import instance_settings
    from huiyao.deciding import department_of

    subject = department_of(instance_settings(data_dir), department)
    _score("score", subject, by, reason, {"key": key, "corrects": corrects, "points": value}, data_dir)


@duty_app.command("appeal")
def appeal(
    entry: Annotated[str, typer.Argument(help="The entry (see huiyao duty points --json).")],
    by: By,
    outcome: Annotated[str, typer.Option(help="Decide an appeal: accept or return; without it: make one")] = "",
    reason: Reason = "",
    data_dir: DataDir = None,
) -> None:
    """Appeal against a deduction within its window, or decide an appeal."""
    if outcome not in ("", "accept", "return"):
        raise typer.BadParameter("--outcome: accept or return")
    _score(outcome or "appeal", entry, by, reason, {}, data_dir)


@duty_app.command("ask")
def ask(
    topic: Annotated[str, typer.Argument(help="What is asked for.")],
    by: By,
    deadline: Annotated[str, typer.Option(help="ISO 8601")],
    departments: Annotated[list[str], typer.Option("--from", help="Whom: id or name; repeat for several")],
    data_dir: DataDir = None,
) -> None:
    """Commission items (约稿) from departments until a deadline."""
    from huiyao.cli.common import instance_settings
    from huiyao.deciding import department_of
    from processors.instructions.steps import masked
    from schemas.ids import digest

    settings = instance_settings(data_dir)
    topic = masked(topic)
    units = [department_of(settings, one) for one in departments]
    request = digest("request", topic, deadline, *units)[:12]
    _commission("request", request, by, {"topic": topic, "departments": units, "deadline": deadline}, data_dir)
    print(f"request {request}")


@duty_app.command("answer")
def answer(
    request: Annotated[str, typer.Argument(help="The request.")],
    department: Annotated[str, typer.Argument(help="Who answered: id or name.")],
    item: Annotated[str, typer.Argument(help="The item that answers it.")],
    by: By,
    data_dir: DataDir = None,
) -> None:
    """Note that a department has answered a request."""
    from huiyao.cli.common import instance_settings
    from huiyao.deciding import department_of

    unit = department_of(instance_settings(data_dir), department)
    _commission("answer", request, by, {"department": unit, "item_id": item}, data_dir)


def _score(action: str, subject: str, by: str, reason: str, details: dict[str, object], data_dir: Path | None) -> None:
    from huiyao.appraisal import score_decision
    from huiyao.cli.common import instance_settings
    from huiyao.deciding import send_decision
    from huiyao.wiring import clock_of

    settings = instance_settings(data_dir)
    now = clock_of(settings).now()
    made = score_decision(settings, subject, action, by, reason=reason, details=details, now=now)  # type: ignore[arg-type] # literals above
    send_decision(settings, made)
    print(f"decision {made.decision_id} written")


def _commission(action: str, request: str, by: str, details: dict[str, object], data_dir: Path | None) -> None:
    from huiyao.cli.common import instance_settings
    from huiyao.deciding import make_decision, send_decision
    from processors.duty.commissioned import deadline_of, departments_of

    settings = instance_settings(data_dir)
    made = make_decision(settings, ("request", request), action, by, details=details)  # type: ignore[arg-type] # literals above
    if action == "request":
        deadline_of(made)
        departments_of(made)
    send_decision(settings, made)
    print(f"decision {made.decision_id} written")


def _month(text: str) -> str:
    from datetime import date

    try:
        return f"{date.fromisoformat(f'{text}-01'):%Y-%m}"
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
