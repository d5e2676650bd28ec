"""The second reader: a small network of general Chinese that is asked where the fast judges are unsure (ADR 073)."""

from processors.reader.model import Readings, SecondReader
from processors.reader.tokens import WordPieces

__all__ = ["Readings", "SecondReader", "WordPieces"]
