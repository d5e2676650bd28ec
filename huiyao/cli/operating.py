"""``huiyao deadletter|rebuild|audit|erase|desk-move``."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.progress import Progress as Bar

from huiyao.cli.common import instance_settings
from huiyao.logs import configure_logs
from huiyao.operations import audit_now, erase
from huiyao.secrets import Seal
from huiyao.settings import Settings
from processors.pii import find_pii, mask
from schemas.errors import HuiyaoError
from schemas.vocab import Lane
from streams.elastic import deadletters
from streams.elastic.rebuild import Progress, rebuild


def run_deadletter_list(as_json: bool, data_dir: Path | None) -> int:
    """All dead letters, oldest first."""
    settings = _quiet(data_dir)
    found = asyncio.run(_letters(settings))
    for one in found:
        letter = one.letter
        record = {
            "id": one.id,
            "at": letter.at.isoformat(),
            "topic": letter.topic,
            "partition": letter.partition,
            "offset": letter.offset,
            "stage": letter.stage,
            "tries": letter.tries,
            "reason": letter.reason,
        }
        line = "{id:>8}  {at}  {topic}/{partition}/{offset}  {stage}  tries {tries}  {reason}"
        print(json.dumps(record, ensure_ascii=False) if as_json else line.format(**record))
    if not found and not as_json:
        print("no dead letters")
    return 0


async def _letters(settings: Settings) -> list[deadletters.Letter]:
    return [one async for one in deadletters.letters(settings.kafka_connection())]


def run_deadletter_show(number: str, data_dir: Path | None) -> int:
    """One dead letter, masked."""
    settings = _quiet(data_dir)
    shown = asyncio.run(
        deadletters.show(settings.kafka_connection(), [number], _masked, unseal=Seal(settings.data_dir).unseal)
    )
    if not shown:
        print(f"huiyao: no dead letter {number}; see `huiyao deadletter list`", file=sys.stderr)
        return 1
    letter = shown[0].letter.letter
    print(f"{letter.topic}/{letter.partition}/{letter.offset}  stage {letter.stage}  tries {letter.tries}")
    print(f"reason: {letter.reason}\n")
    print(shown[0].text)
    return 0


def run_deadletter_replay(numbers: Sequence[str], every: bool, data_dir: Path | None) -> int:
    """Originals back on their topics; 1 where any could not be replayed."""
    if bool(numbers) == every:
        print("huiyao: give numbers from `huiyao deadletter list`, or --all", file=sys.stderr)
        return 2
    settings = _quiet(data_dir)
    wanted = None if every else set(numbers)
    done = asyncio.run(deadletters.replay(settings.kafka_connection(), wanted, unseal=Seal(settings.data_dir).unseal))
    missing = sorted((wanted or set()) - {one.id for one in done})
    for one in done:
        print(f"{one.id}: {one.problem or 'replayed'}")
    for number in missing:
        print(f"{number}: no such dead letter", file=sys.stderr)
    return 1 if missing or any(one.problem for one in done) else 0


def run_rebuild(data_dir: Path | None) -> int:
    """New indices from the topics."""
    settings = _quiet(data_dir)
    with Bar(disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("rebuild", total=None)

        def tell(progress: Progress) -> None:
            bar.update(task, completed=progress.done, total=progress.total, description=progress.stage.value)

        report = asyncio.run(rebuild(settings.kafka_connection(), settings.elasticsearch_connection(), progress=tell))
    documents = ", ".join(f"{name} {count}" for name, count in report.documents.items())
    print(f"generation {report.generation}: {report.records} records -> {documents}; refused {len(report.refused)}")
    return 0


def run_audit(data_dir: Path | None) -> int:
    """The account; 1 where a record is missing."""
    found = audit_now(_quiet(data_dir))
    print(
        f"produced={found.produced} indexed={found.indexed} folded={found.folded} "
        f"deadletter={found.deadletter} missing={found.missing}"
    )
    for topic, partition, offset in found.samples:
        print(f"missing: {topic}/{partition}/{offset}", file=sys.stderr)
    return 1 if found.missing else 0


def run_erase(identifier: str, reason: str, by: str, data_dir: Path | None) -> int:
    """Write the decision to erase."""
    done = erase(_quiet(data_dir), identifier, reason, by)
    print(f"decision {done.decision.decision_id} written; the text leaves the index within seconds")
    for one in done.topics:
        print(f"topic erased: {one.subject_type} {one.subject_id}")
    if done.away:
        said = "the index is away: run this again when it answers, for instructions given at other desks"
        print(f"huiyao: {said}", file=sys.stderr)
    return 1 if done.away else 0


def run_desk_move(data_dir: Path | None, *, dry_run: bool) -> int:
    """The desk's tables from its file into the PostgreSQL of the settings; 1 where they were not moved."""
    from huiyao.moving import move, plan

    settings = _quiet(data_dir)
    target = settings.desk.database
    if target is None:
        print("huiyao: say where to: HUIYAO_DESK__DATABASE_FILE (docs/operations.md)", file=sys.stderr)
        return 2
    source = settings.data_dir / "desk" / "desk.sqlite3"
    try:
        found = (plan if dry_run else move)(source, target.get_secret_value())
    except HuiyaoError as error:
        print(f"huiyao: nothing was moved: {error}", file=sys.stderr)
        return 1
    for one in found:
        print(f"{one.table:20} {one.before:>9} -> {one.after:>9}")
    rows = sum(one.before for one in found)
    print(f"{rows} rows would be moved" if dry_run else f"{rows} rows moved; the file is now {source.name}.moved")
    return 0


def _masked(text: str) -> str:
    return mask(text, find_pii(text, Lane.OPINION))


def _quiet(data_dir: Path | None) -> Settings:
    configure_logs("WARNING", service="operate")
    return instance_settings(data_dir)
