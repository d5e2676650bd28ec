"""``huiyao incident``: phone in, list, show, decide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

incident_app = typer.Typer(
    help="Emergencies: phone in first, see their course and deadlines, decide.", no_args_is_help=True
)
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Everything of one instance lives here.")]
By = Annotated[str, typer.Option(help="Who writes this down or decides (a post, not a private name).")]
Number = Annotated[int | None, typer.Option(min=0)]


@incident_app.command("phone")
def phone(
    department: Annotated[str, typer.Option(help="Who calls: id or name of a department.")],
    title: Annotated[str, typer.Option(help="What happened, in one line, without names of persons.")],
    by: By,
    called: Annotated[str, typer.Option(help="When the call came: HH:MM or ISO 8601; now by default.")] = "",
    occurred: Annotated[str, typer.Option(help="When it happened: HH:MM or ISO 8601.")] = "",
    event_type: Annotated[str, typer.Option("--type", help="A name of event_types.tsv, e.g. 火灾.")] = "",
    place: Annotated[str, typer.Option(help="Town and village, or road.")] = "",
    deaths: Number = None,
    injured: Number = None,
    missing: Number = None,
    trapped: Number = None,
    incident: Annotated[str, typer.Option(help="A further call on this incident.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Write down an emergency as it is phoned in; the alert goes out at once, the text follows later."""
    from huiyao.cli.common import instance_settings
    from huiyao.deciding import send_decision
    from huiyao.incidents import incident_of, phone_call

    settings = instance_settings(data_dir)
    figures = {"deaths": deaths, "injured": injured, "missing": missing, "trapped": trapped}
    decision = phone_call(
        settings,
        department=department,
        title=title,
        by=by,
        called_at=called,
        occurred_at=occurred,
        event_type=event_type,
        place=place,
        incident=incident_of(settings, incident).incident if incident else "",
        figures=figures,
    )
    send_decision(settings, decision)
    written = {"incident": decision.subject_id, "call": decision.decision_id, **decision.details}
    print(json.dumps(written, ensure_ascii=False))


@incident_app.command("list")
def listed(
    everything: Annotated[bool, typer.Option("--all", help="Closed and merged ones too.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Incidents with level, stage, and when the next report is due."""
    from huiyao.cli.common import instance_settings
    from huiyao.incidents import incidents_now
    from schemas.base import CHINA

    found = sorted(incidents_now(instance_settings(data_dir)).values(), key=lambda one: one.changed_at, reverse=True)
    for one in found:
        if everything or not one.closed:
            level = one.level.label if one.level else "待定"
            due = f"{one.next_due.astimezone(CHINA):%m-%d %H:%M}" if one.next_due else "-"
            print(f"{one.incident[:8]}  {level:4} {one.stage.label:4} 下次报告 {due}  {one.title}")


@incident_app.command("show")
def show(incident: Annotated[str, typer.Argument(help="Id or its beginning.")], data_dir: DataDir = None) -> None:
    """The course of an incident: deadlines with their clocks, then everything that was known, by time."""
    from huiyao.cli.common import instance_settings
    from huiyao.incidents import incident_of
    from huiyao.wiring import clock_of
    from processors.incident_clocks import shown
    from processors.incident_timeline import timeline
    from schemas.base import CHINA

    settings = instance_settings(data_dir)
    one, now = incident_of(settings, incident), clock_of(settings).now()
    print(f"{one.title}  {one.level.label if one.level else '级别待定'}  {one.stage.label}  {one.incident}")
    if one.merged_into:
        print(f"已并入 {one.merged_into}")
    for clock in one.clocks:
        print(
            f"  {clock.side.label}  {clock.name}  {clock.deadline.astimezone(CHINA):%m-%d %H:%M}  {shown(clock, now)}"
        )
    for entry in timeline(one):
        print(f"  {entry.at.astimezone(CHINA):%m-%d %H:%M}  {entry.who}  {entry.text}")


@incident_app.command("decide")
def decide(
    incident: Annotated[str, typer.Argument(help="Id or its beginning.")],
    action: Annotated[str, typer.Argument(help="confirm, reject, close, reopen, merge, split, report_up, undo")],
    by: By,
    reason: Annotated[str, typer.Option(help="Goes into the record.")] = "",
    other: Annotated[list[str] | None, typer.Option("--with", help="merge: the incidents to take in.")] = None,
    items: Annotated[list[str] | None, typer.Option("--item", help="split: the items to take out.")] = None,
    side: Annotated[str, typer.Option(help="report_up: city or public.")] = "",
    decision: Annotated[str, typer.Option(help="undo: the decision to take back.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Decide on an incident; refused here where it cannot be done."""
    from huiyao.cli.common import instance_settings
    from huiyao.deciding import make_decision, send_decision
    from huiyao.incidents import incident_of, incidents_now
    from processors.incident_people import ACTIONS, decided

    if action not in ACTIONS - {"phone"}:
        raise typer.BadParameter(f"{action}: one of {', '.join(sorted(ACTIONS - {'phone'}))}")
    settings = instance_settings(data_dir)
    subject = incident_of(settings, incident).incident
    details = {
        "incidents": [incident_of(settings, one).incident for one in other or ()],
        "item_ids": list(items or ()),
        "side": side,
        "decision_id": decision,
    }
    made = make_decision(
        settings,
        ("incident", subject),
        action,  # type: ignore[arg-type] # checked above against the actions of incidents
        by,
        reason=reason,
        details={name: value for name, value in details.items() if value},
    )
    decided(incidents_now(settings), made)  # raises InvalidItem where it cannot be done, before anything is written
    send_decision(settings, made)
    print(f"decision {made.decision_id} written")
