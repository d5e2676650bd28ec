"""The command line. Exit 0 on success, 2 on misuse, 1 on failure with one clear line on stderr."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from huiyao.collector import collect_seldom
from schemas.errors import HuiyaoError

DEBUG_FLAG = "--debug"


def main() -> None:
    """Entry point of ``huiyao``. ``--debug`` anywhere shows tracebacks."""
    collect_seldom()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them it reads all that is installed
    debug = DEBUG_FLAG in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != DEBUG_FLAG]
    try:
        options = _of_assess(sys.argv[1:])
        if options is not None:
            from huiyao.cli.judging import run_assess

            sys.exit(run_assess(options.get("district"), options.get("compare")))
        from huiyao.cli.app import app  # imported late: `huiyao --help` need not load engines

        app()
    except HuiyaoError as error:
        if debug:
            raise
        print(f"huiyao: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        print(f"huiyao: {type(error).__name__}: {error} (run again with --debug for the traceback)", file=sys.stderr)
        sys.exit(1)


def _of_assess(arguments: list[str]) -> dict[str, Path] | None:
    """The options of a plain ``huiyao assess``, which many start for a single item: making the tree of all commands
    takes longer than judging it. None for all else, also for what is wrong, which the tree explains."""
    names, values = arguments[1::2], arguments[2::2]
    if arguments[:1] != ["assess"] or len(names) != len(values) or not set(names) <= {"--district", "--compare"}:
        return None
    if len(set(names)) < len(names) or any(value.startswith("-") for value in values):
        return None
    return {name.removeprefix("--"): Path(value) for name, value in zip(names, values, strict=True)}
