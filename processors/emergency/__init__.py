"""Emergencies: is a real event going on, what kind, and why."""
