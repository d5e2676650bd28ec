"""The exception tree.

    HuiyaoError                    base; ``hint`` says what to do next
    ├── SettingsError              a setting is missing or wrong
    ├── DistrictError              a rule or table of the district folder is wrong (file, line, cause)
    ├── InvalidItem                an input item breaks the contract; carries field errors
    │   ├── ClassifiedItem         the item is marked 秘密/机密/绝密 and must not be stored
    │   └── ItemTooLarge           the item is larger than the limit
    ├── BrokerUnavailable          Kafka did not acknowledge; the sender keeps the item
    ├── IndexUnavailable           Elasticsearch did not answer; try again later
    ├── DatabaseUnavailable        the desk's PostgreSQL did not answer; try again later
    ├── SourceError                a feed or a crawled page could not be used
    ├── EngineError                an engine could not be fetched, started or stopped
    ├── PublishingError            a bulletin could not be set
    └── DeliveryError              a channel did not take an alert (``recoverable`` or not)

Errors of libraries are mapped to these once, where they enter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class HuiyaoError(Exception):
    """Base of all errors that Huiyao raises on purpose."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} ({self.hint})" if self.hint else message


class SettingsError(HuiyaoError):
    """A setting is missing or wrong."""


class DistrictError(HuiyaoError):
    """A district table is wrong: names file, line and cause."""

    def __init__(self, file: str, line: int, cause: str) -> None:
        super().__init__(f"{file}:{line}: {cause}")
        self.file, self.line, self.cause = file, line, cause


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field, in both languages."""

    field: str
    message: str
    message_zh: str


class InvalidItem(HuiyaoError):
    """An input item breaks the contract."""

    status = 422

    def __init__(self, errors: Sequence[FieldError], *, hint: str = "") -> None:
        super().__init__("; ".join(f"{e.field}: {e.message}" for e in errors), hint=hint)
        self.errors = tuple(errors)


class ClassifiedItem(InvalidItem):
    """The item carries a secrecy mark; the system is not a secret system (保守国家秘密法, SPEC S13)."""


class ItemTooLarge(InvalidItem):
    """The item is larger than the limit."""

    status = 413


class PublishingError(HuiyaoError):
    """A bulletin could not be made in the format asked for."""


class BrokerUnavailable(HuiyaoError):
    """Kafka did not acknowledge in time; nothing was accepted."""


class DatabaseUnavailable(HuiyaoError):
    """The desk's PostgreSQL did not answer, or another writer held it for too long."""


class IndexUnavailable(HuiyaoError):
    """Elasticsearch did not answer."""


class SourceError(HuiyaoError):
    """A feed or page could not be used; the reason is kept as the source's health."""


class EngineError(HuiyaoError):
    """An engine could not be fetched, started or stopped."""


class DeliveryError(HuiyaoError):
    """A channel did not take a message. ``unsure``: it may have taken it; sending again may double it."""

    def __init__(self, message: str, *, recoverable: bool, unsure: bool = False, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.recoverable, self.unsure = recoverable, unsure


class UnsureDelivery(DeliveryError):
    """The line broke when the other side may have taken the message already; sending again may double it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, recoverable=False, unsure=True)
