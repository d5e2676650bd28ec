"""The command line. Exit 0 on success, 2 on misuse, 1 on failure with one clear line on stderr."""

from __future__ import annotations

import os
import sys

from huiyao.collector import collect_seldom
from schemas.errors import HuiyaoError

DEBUG_FLAG = "--debug"


def main() -> None:
    """Entry point of ``huiyao``. ``--debug`` anywhere shows tracebacks."""
    collect_seldom()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them it reads all that is installed
    debug = DEBUG_FLAG in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != DEBUG_FLAG]
    from huiyao.cli.app import app  # imported late: `huiyao --help` need not load engines

    try:
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
