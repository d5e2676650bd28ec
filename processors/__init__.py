"""Judgement: pure functions from an item, a loaded district and a time to a verdict with its reasons."""
