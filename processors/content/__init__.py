"""Doubts about content: is it sourced, measured, complete? (SPEC.md 6.4, LABELS.md "Content findings")."""

from processors.content.elements import Elements
from processors.content.judge import ContentJudge, ContentQuestion
from processors.content.learned import LearnedClaims

__all__ = ["ContentJudge", "ContentQuestion", "Elements", "LearnedClaims"]
