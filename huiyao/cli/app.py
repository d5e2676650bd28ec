"""The tree of commands; each command imports what it needs when it runs, so that starting is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
