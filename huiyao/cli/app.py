"""The tree of commands; each command imports what it needs when it runs, so that starting is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from huiyao.cli import appraisal  # noqa: F401 - adds its commands to huiyao duty
from huiyao.cli.duty import duty_app
from huiyao.cli.incidents import incident_app

app = typer.Typer(
    name="huiyao",
    help="汇要：信息报送、研判、刊发与预警。 Reports, media and public opinion, judged, to bulletins and alerts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Everything of one instance lives here.")]
DistrictDir = Annotated[Path | None, typer.Option("--district", help="District folder (default: districts/zhanggong).")]


@app.command()
def assess(
    district: DistrictDir = None,
    compare: Annotated[Path | None, typer.Option(help="Earlier output; shows which verdicts flip.")] = None,
) -> None:
    """Judge items offline: JSON Lines in on stdin, one line out for each line in. No engine needed."""
    from huiyao.cli.judging import run_assess

    raise typer.Exit(run_assess(district, compare))


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="A text, or - to read one item (JSON) from stdin.")],
    lane: Annotated[str, typer.Option(help="report, media or opinion")] = "report",
    district: DistrictDir = None,
) -> None:
    """Show for one text which rules and features decided."""
    from huiyao.cli.judging import run_explain

    raise typer.Exit(run_explain(text, lane, district))


@app.command()
def topics(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Print topics, keys, partitions, retention and cleanup policy."""
    from huiyao.cli.inspecting import run_topics

    run_topics(as_json)


@app.command()
def schema(name: Annotated[str | None, typer.Argument(help="A topic, submission or assessment.")] = None) -> None:
    """Print JSON Schemas: one by NAME, or the names of all."""
    from huiyao.cli.inspecting import run_schema

    raise typer.Exit(run_schema(name))


@app.command()
def up(
    detach: Annotated[bool, typer.Option("-d", "--detach", help="Return when everything is ready.")] = False,
    data_dir: DataDir = None,
    only: Annotated[str, typer.Option(help="Parts: engines,workers,producers,desk")] = "engines,workers,producers,desk",
) -> None:
    """Start engines, workers, collectors and the desk, and keep them running."""
    from huiyao.cli.running import run_up

    run_up(data_dir, [part.strip() for part in only.split(",") if part.strip()], detach=detach)


@app.command()
def down(data_dir: DataDir = None) -> None:
    """Stop what runs in the data directory."""
    from huiyao.cli.running import run_down

    run_down(data_dir)


@app.command()
def status(data_dir: DataDir = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show what runs in the data directory; exit 1 where it is not ready."""
    from huiyao.cli.running import run_status

    raise typer.Exit(run_status(data_dir, as_json))


@app.command()
def worker(
    lanes: Annotated[str, typer.Option(help="Lanes, separated by commas.")] = ",".join(
        ("reports", "media", "opinion", "incidents", "stories", "ledger", "cases", "duty", "alerts", "index")
    ),
    data_dir: DataDir = None,
) -> None:
    """Run stream workers in the foreground; each lane is a process of its own."""
    from huiyao.cli.running import run_workers

    raise typer.Exit(run_workers([lane.strip() for lane in lanes.split(",") if lane.strip()], data_dir))


@app.command()
def desk(data_dir: DataDir = None) -> None:
    """Run the desk (pages and REST) in the foreground."""
    from huiyao.cli.running import run_desk

    run_desk(data_dir)


report_app = typer.Typer(help="Department reports.", no_args_is_help=True)
feeds_app = typer.Typer(help="Media feeds.", no_args_is_help=True)
opinion_app = typer.Typer(help="Public opinion.", no_args_is_help=True)
bulletin_app = typer.Typer(
    help="Bulletins: huiyao (今日章贡汇要), yuqing (今日重要舆情), xinxi (章贡信息).", no_args_is_help=True
)
deadletter_app = typer.Typer(help="Dead letters.", no_args_is_help=True)
app.add_typer(report_app, name="report")
app.add_typer(feeds_app, name="feeds")
app.add_typer(opinion_app, name="opinion")
app.add_typer(bulletin_app, name="bulletin")
app.add_typer(deadletter_app, name="deadletter")
app.add_typer(incident_app, name="incident")
app.add_typer(duty_app, name="duty")

Once = Annotated[bool, typer.Option("--once", help="Collect once and return; else go on until Ctrl-C.")]


@report_app.command("send")
def report_send(
    files: Annotated[list[str], typer.Argument(help="JSONL, CSV, XLSX or DOCX files, or - for JSONL on stdin.")],
    data_dir: DataDir = None,
) -> None:
    """Submit reports; prints one receipt (JSON) for each, and what is wrong with a row on stderr."""
    from huiyao.cli.collecting import run_send

    raise typer.Exit(run_send(files, data_dir))


@feeds_app.command("poll")
def feeds_poll(once: Once = False, data_dir: DataDir = None) -> None:
    """Collect the media feeds of the district."""
    from huiyao.cli.collecting import run_feeds

    raise typer.Exit(run_feeds(data_dir, once=once))


@opinion_app.command("crawl")
def opinion_crawl(once: Once = False, data_dir: DataDir = None) -> None:
    """Collect public posts from the sites of the district."""
    from huiyao.cli.collecting import run_opinion

    raise typer.Exit(run_opinion(data_dir, once=once))


Name = Annotated[str, typer.Argument(help="huiyao, yuqing or xinxi")]
Day = Annotated[str, typer.Argument(help="YYYY-MM-DD")]


@bulletin_app.command("draft")
def bulletin_draft(name: Name, date: Day, data_dir: DataDir = None) -> None:
    """Print the draft of a bulletin as JSON."""
    from huiyao.cli.issuing import run_draft

    raise typer.Exit(run_draft(name, date, data_dir))


@bulletin_app.command("render")
def bulletin_render(
    name: Name,
    date: Day,
    formats: Annotated[str, typer.Option("--format", help="html, pdf, docx; several separated by commas")] = "html",
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("out"),
    data_dir: DataDir = None,
) -> None:
    """Write a bulletin to files and print their paths."""
    from huiyao.cli.issuing import run_render

    raise typer.Exit(run_render(name, date, [part.strip() for part in formats.split(",")], out, data_dir))


@deadletter_app.command("list")
def deadletter_list(
    as_json: Annotated[bool, typer.Option("--json")] = False,
    data_dir: DataDir = None,
) -> None:
    """List dead letters: number, time, topic, stage, reason, tries."""
    from huiyao.cli.operating import run_deadletter_list

    raise typer.Exit(run_deadletter_list(as_json, data_dir))


@deadletter_app.command("show")
def deadletter_show(
    number: Annotated[str, typer.Argument(help="Number from the list, as partition:offset.")], data_dir: DataDir = None
) -> None:
    """Show one dead letter with its original bytes, personal data masked."""
    from huiyao.cli.operating import run_deadletter_show

    raise typer.Exit(run_deadletter_show(number, data_dir))


@deadletter_app.command("replay")
def deadletter_replay(
    numbers: Annotated[list[str] | None, typer.Argument(help="Numbers from the list; none with --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Replay all.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Put the original bytes back on their topic, after the cause was mended."""
    from huiyao.cli.operating import run_deadletter_replay

    raise typer.Exit(run_deadletter_replay(numbers or [], every, data_dir))


@app.command()
def rebuild(data_dir: DataDir = None) -> None:
    """Make the index anew from Kafka: folds what was judged, judges nothing again."""
    from huiyao.cli.operating import run_rebuild

    raise typer.Exit(run_rebuild(data_dir))


@app.command()
def audit(data_dir: DataDir = None) -> None:
    """Account for every record of the input topics: indexed, folded, dead letter or missing."""
    from huiyao.cli.operating import run_audit

    raise typer.Exit(run_audit(data_dir))


@app.command()
def erase(
    item_id: Annotated[str, typer.Argument(help="The item's id.")],
    reason: Annotated[str, typer.Option(help="Why; goes into the record.")],
    by: Annotated[str, typer.Option(help="Who decided.")],
    data_dir: DataDir = None,
) -> None:
    """Erase an item: its text leaves the index and does not come back; a tombstone stays."""
    from huiyao.cli.operating import run_erase

    raise typer.Exit(run_erase(item_id, reason, by, data_dir))


@app.command("desk-move")
def desk_move(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count and refuse as usual; write nothing.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Move the desk's tables from its file into the PostgreSQL of the settings (empty; the desk stopped)."""
    from huiyao.cli.operating import run_desk_move

    raise typer.Exit(run_desk_move(data_dir, dry_run=dry_run))


@app.command()
def check(data_dir: DataDir = None) -> None:
    """Diagnose the usual troubles in plain words."""
    from huiyao.cli.checking import run_check

    raise typer.Exit(run_check(data_dir))


@app.command()
def district(
    folder: Annotated[Path | None, typer.Argument(help="District folder (default: that of the settings).")] = None,
) -> None:
    """Read a district folder as the processes would; say what it holds, or what is wrong, by file and line."""
    from huiyao.cli.district import run_district

    raise typer.Exit(run_district(folder))


@app.command()
def demo(
    exit_when_done: Annotated[bool, typer.Option("--exit", help="Stop by itself when the day is over.")] = False,
    data_dir: Annotated[Path, typer.Option("--data-dir")] = Path("data/demo"),
    out: Annotated[Path, typer.Option(help="Bulletins and summary.json go here.")] = Path("out"),
) -> None:
    """Play the sample day through all lanes on a virtual clock."""
    from huiyao.demo.run import run_demo

    raise typer.Exit(run_demo(data_dir, out, stop=exit_when_done))
