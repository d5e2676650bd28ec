"""``make bench``: timings of the whole; prints what falls short as it is.

make bench                          # judgement, hop, alert
make bench ARGS="judgement"         # one of: judgement, hop, alert, memory, ledger, desk
make bench ARGS="hop --items 200000"
make bench ARGS="alert --posts 300"
make bench ARGS="desk --items 200000"
make bench ARGS="desk --items 200000 --keep FOLDER"   # the index stays there for the next run
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HOP_ITEMS = 200_000
POSTS_PER_S = 1_000
MEMORY_ITEMS = 1_000_000
DESK_ITEMS = 1_000_000
DEFAULT = ("judgement", "hop", "alert")


def main() -> int:
    """Run the benches asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", choices=["judgement", "hop", "alert", "memory", "ledger", "desk", []], default=[]
    )
    parser.add_argument("--items", type=int, default=None)
    parser.add_argument("--rounds", type=int, default=4, help="rounds of the hop's contenders")
    parser.add_argument("--posts", type=int, default=POSTS_PER_S, help="posts a second beside the alerts")
    parser.add_argument(
        "--keep", type=Path, default=None, help="folder where the desk's index is kept for the next run"
    )
    arguments = parser.parse_args()
    for name in arguments.names or DEFAULT:
        print(f"== {name}", flush=True)
        if name == "judgement":
            from tests.bench import judgement

            judgement.run()
        elif name == "hop":
            from tests.bench import hop

            hop.run(arguments.items or HOP_ITEMS, arguments.rounds)
        elif name == "alert":
            from tests.bench import alert

            alert.run(arguments.posts)
        elif name == "ledger":
            from tests.bench import ledger

            ledger.run()
        elif name == "desk":
            from tests.bench import desk

            desk.run(arguments.items or DESK_ITEMS, arguments.keep)
        else:
            from tests.bench import memory

            memory.run(arguments.items or MEMORY_ITEMS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
