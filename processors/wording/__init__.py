"""Wording: slips of the pen, words, titles, numbers and punctuation in official prose (docs/judgement/wording.md)."""

from processors.wording.finding import Genre, WordingFinding
from processors.wording.judge import judge_wording
from processors.wording.model import ARRAYS, WordingModel
from processors.wording.rules import WordingRules

__all__ = ["ARRAYS", "Genre", "WordingFinding", "WordingModel", "WordingRules", "judge_wording"]
