"""Facts of an item: figures, onset, places, and findings where numbers or dates do not add up."""

from processors.facts.judge import FactJudge, FactQuestion, FactResult

__all__ = ["FactJudge", "FactQuestion", "FactResult"]
