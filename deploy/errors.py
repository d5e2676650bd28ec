"""Errors of this room.

EngineError (schemas.errors)
├── DownloadError        a file could not be fetched, or its checksum is wrong
├── PortTaken            another program listens where an engine should
├── EngineNotReady       an engine died or did not answer in time; carries the tail of its log
├── EngineInUse          another live process owns the engine's directory
└── SupervisorError      the data directory already has a supervisor, or a service did not become ready
"""

from __future__ import annotations

from schemas.errors import EngineError


class DownloadError(EngineError):
    """A file could not be fetched, or what arrived is not what the repository says it is."""


class PortTaken(EngineError):
    """A port is in use; names the port and the setting that changes it."""

    def __init__(self, host: str, port: int, setting: str) -> None:
        super().__init__(
            f"端口 {host}:{port} 已被其他程序占用",
            hint=f"停掉占用它的程序，或改设置 {setting} 换一个端口",
        )
        self.port, self.setting = port, setting


SLOW = "机器太忙就再试一次，或设 HUIYAO_ENGINES__START_TIMEOUT_S=300"


class EngineNotReady(EngineError):
    """An engine died or did not answer before the deadline; ``tail`` is the end of its log."""

    def __init__(self, message: str, *, tail: str, hint: str = "") -> None:
        super().__init__(f"{message}\n{tail}" if tail else message, hint=hint)
        self.tail = tail


class EngineInUse(EngineError):
    """Another live process owns this engine's directory."""


class SupervisorError(EngineError):
    """The data directory already has a supervisor, or a service did not become ready."""
