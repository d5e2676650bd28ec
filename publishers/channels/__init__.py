"""Channels: ways to reach people. Each implements ``schemas.ports.Channel``."""
