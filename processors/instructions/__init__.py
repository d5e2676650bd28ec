"""Instructions of leaders (批示): what was ordered of whom by when, and what became of it. Pure."""
