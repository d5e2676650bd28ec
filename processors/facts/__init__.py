"""Facts of an item: figures, onset, places, and findings where numbers or dates do not add up."""

from processors.facts.judge import FactJudge, FactResult

__all__ = ["FactJudge", "FactResult"]
