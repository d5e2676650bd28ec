"""``python -m huiyao``: the same as the ``huiyao`` command."""

from huiyao.cli import main

main()
