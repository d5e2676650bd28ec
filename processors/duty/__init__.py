"""Duty: calendar, register, reminders, rates, omissions, points and commissioned items (docs/duty.md)."""
