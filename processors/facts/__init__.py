"""Facts of an item: figures, onset, places, and findings where numbers or dates do not add up."""

from processors.facts.judge import Asked, FactJudge, FactResult

__all__ = ["Asked", "FactJudge", "FactResult"]
