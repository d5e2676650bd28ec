"""Lessons for the content checks: exaggeration, generalisation, speculation, vague sources."""
