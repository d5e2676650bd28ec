"""All settings, read once at the front door: ``huiyao.toml``, then ``HUIYAO_*`` variables (``__`` between levels).

A secret can also be given as a file: ``HUIYAO_KAFKA__PASSWORD_FILE=/run/secrets/kafka``.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from schemas.base import Time
from schemas.connections import ElasticsearchConnection, KafkaConnection, safe_address
from schemas.errors import SettingsError

ENV_PREFIX = "HUIYAO_"
DELIMITER = "__"
TOML_FILE = "huiyao.toml"
_FILE = "_FILE"
SECRET_FILES = frozenset({"password_file", "username_file", "api_key_file", "database_file", "client_secret_file"})
CHILD_VARIABLE = "HUIYAO_SETTINGS_JSON"
"""Path of the settings that a supervisor hands down to its children; they stand above everything else."""


class _Group(BaseModel):
    """Its validator is built when a value is given: a run with nothing set needs none."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class EngineSettings(_Group):
    """The local engines that ``huiyao up`` starts. Heaps in megabytes, ``start_timeout_s`` in seconds."""

    kafka_port: int = 19292
    kafka_controller_port: int = 19293
    elasticsearch_port: int = 19392
    kafka_heap_mb: int = 512
    elasticsearch_heap_mb: int = 512
    run_as: str = ""
    """Account for Elasticsearch when started by root; empty picks one that exists."""
    stage_dir: Path = Path("/var/lib/huiyao")
    start_timeout_s: float = 120.0
    cache_dir: Path | None = None
    """Where engine files are kept between instances; by default the user's cache folder."""
    maven_repository: str = "https://repo1.maven.org/maven2"


class AttachmentSettings(_Group):
    """Files that come with reports. ``folder``: by default ``<data_dir>/desk/attachments``; sizes in megabytes;
    ``kinds``: of pdf, jpg, png, docx, xlsx; ``megapixels``: of a picture."""

    folder: Path | None = None
    most: int = Field(default=5, ge=0)
    each_mb: float = Field(default=10.0, gt=0)
    total_mb: float = Field(default=20.0, gt=0)
    kinds: tuple[Literal["pdf", "jpg", "png", "docx", "xlsx"], ...] = ("pdf", "jpg", "png", "docx", "xlsx")
    megapixels: float = Field(default=64.0, gt=0)


class OidcSettings(_Group):
    """OpenID Connect (docs/operations.md). The secret also as a file; ``redirect_url`` ends in ``/oidc/back``."""

    issuer: str
    client_id: str
    client_secret: SecretStr | None = None
    redirect_url: str
    claim: str = "preferred_username"
    scopes: str = "openid profile"
    label: str = "统一身份认证"
    create_role: Literal["reporter", "editor", "duty", "leader", "supervisor"] | None = None
    """Not administrators: they are made by one."""
    department_claim: str = ""
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _sound(self) -> OidcSettings:
        for name in ("issuer", "redirect_url"):
            if not safe_address(getattr(self, name)):
                raise ValueError(f"{name}: write https://…")
        if not self.redirect_url.endswith("/oidc/back"):
            raise ValueError("redirect_url: the desk's address and /oidc/back")
        if "openid" not in self.scopes.split():
            raise ValueError("scopes: openid is one of them")
        if (self.create_role == "reporter") != bool(self.department_claim):
            raise ValueError("department_claim: with create_role = reporter, and only then")
        return self


class DeskSettings(_Group):
    """The desk's address and limits. ``body_limit`` in bytes.

    ``database``: ``postgresql://user:password@host/database`` instead of a file in the data directory;
    ``trusted_proxies``: addresses and networks whose X-Forwarded-For is believed for the audit and the login limits;
    ``one_time_password_hours``: how long a one-time password may wait to be changed.
    """

    host: str = "127.0.0.1"
    port: int = 19080
    body_limit: int = 4 * 1024 * 1024
    cookie_secure: bool = False
    database: SecretStr | None = None
    attachments: AttachmentSettings = AttachmentSettings.model_construct()
    oidc: OidcSettings | None = None
    trusted_proxies: tuple[str, ...] = ()
    one_time_password_hours: float = Field(default=72.0, gt=0)

    @field_validator("database")
    @classmethod
    def _address(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and not given.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("write postgresql://user:password@host:5432/database")
        return given

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            ip_network(one)  # the middleware takes a slip of the pen for the name of a host, and trusts nobody
        return given


class ClockSettings(_Group):
    """A virtual clock for the sample day: ``start`` is what it shows when the instance first starts."""

    start: Time | None = None


class CollectSettings(_Group):
    """Collectors. ``contact`` stands in the user agent, so that a site's operator can write to us.

    ``allow_private_hosts``: hosts (or ``*``) that may be at private addresses. Intervals are set by each source.
    """

    contact: str = "mailto:xinxibu@zhanggong.example"
    allow_private_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None
    sources_dir: Path | None = None
    """Folder with media/*.yml and opinion/*.yml (docs/district.md); by default the district's."""


class WebhookSettings(_Group):
    """A webhook that alerts are handed to, signed by Standard Webhooks with ``secret`` (``whsec_…``)."""

    url: str
    secret_file: Path | None = None


class PrioritySettings(_Group):
    """Who steps back when the processors are full: 0 (nobody) to 19, the higher the further, as of ``nice``.

    ``background``: everything that an emergency's way from a report to the channels does not lead through: judging
    posts and media, stories, ledger, cases, the index, the collectors; 5 is a third of an urgent process's share, 10 a
    ninth. ``elasticsearch``: a local one.
    """

    background: int = Field(default=5, ge=0, le=19)
    elasticsearch: int = Field(default=0, ge=0, le=19)


class AlertSettings(_Group):
    """Channels that get every alert, and where addresses and secrets of the district's own channels are.

    ``contacts_file``: by default ``<data_dir>/secrets/contacts.toml``; ``secrets_dir``: by default
    ``<data_dir>/secrets/channels``.
    ``page_url``: the desk as people reach it, for the links that acknowledge.
    """

    webhooks: tuple[WebhookSettings, ...] = ()
    contacts_file: Path | None = None
    secrets_dir: Path | None = None
    page_url: str = ""


class Settings(BaseModel):
    """Everything that can be set. Frozen; passed in, never read again elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    data_dir: Path = Path("data")
    district_dir: Path = Path(__file__).resolve().parent.parent / "districts" / "zhanggong"
    models_dir: Path = Path(__file__).resolve().parent.parent / "models"
    second_reader: bool = True
    """Ask the second reader where the fast judges are unsure; off, thousands of items a second are judged a core."""
    kafka: KafkaConnection | None = None
    """Set: Kafka elsewhere, none is started here."""
    elasticsearch: ElasticsearchConnection | None = None
    """Set: Elasticsearch elsewhere, none is started here."""
    topic_prefix: str = ""
    engines: EngineSettings = EngineSettings.model_construct()
    desk: DeskSettings = DeskSettings.model_construct()
    clock: ClockSettings = ClockSettings.model_construct()
    collect: CollectSettings = CollectSettings.model_construct()
    alerts: AlertSettings = AlertSettings.model_construct()
    priorities: PrioritySettings = PrioritySettings.model_construct()
    font_dirs: tuple[Path, ...] = ()
    """Folders with fonts of the office's own (仿宋_GB2312, 方正小标宋) for PDF; else Noto Serif SC."""
    log_level: str = "INFO"
    metrics_port: int | None = None

    def kafka_connection(self) -> KafkaConnection:
        """Kafka elsewhere where its address is set, else the local one."""
        if self.kafka is not None:
            return self.kafka if self.kafka.prefix else self.kafka.model_copy(update={"prefix": self.topic_prefix})
        return KafkaConnection(bootstrap=f"127.0.0.1:{self.engines.kafka_port}", prefix=self.topic_prefix)

    def elasticsearch_connection(self) -> ElasticsearchConnection:
        """Elasticsearch elsewhere where its address is set, else the local one."""
        if self.elasticsearch is not None:
            return self.elasticsearch
        return ElasticsearchConnection(url=f"http://127.0.0.1:{self.engines.elasticsearch_port}")

    def for_children(self) -> dict[str, Any]:
        """Everything set, secrets in clear, for a file that only the owner can read."""
        plain: dict[str, Any] = _plain(self.model_dump())
        return plain

    def require_clock_start(self) -> datetime:
        """The virtual start, which the sample day needs."""
        if self.clock.start is None:
            raise SettingsError("clock.start is not set", hint="set HUIYAO_CLOCK__START=2026-11-20T06:00:00+08:00")
        return self.clock.start


def load_settings(**overrides: Any) -> Settings:
    """Settings from all sources; one clear error naming every wrong field."""
    handed_down = os.environ.get(CHILD_VARIABLE)
    given = json.loads(Path(handed_down).read_text("utf-8")) if handed_down else _secrets_from_files(os.environ)
    try:
        return _read(_merge(given, overrides))
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise SettingsError(
            "wrong settings: " + "; ".join(lines), hint="see huiyao.toml and the HUIYAO_* variables"
        ) from None


def _read(given: dict[str, Any]) -> Settings:
    """What is given, above what the sources say. They are asked only where there is anything to read:
    pydantic-settings takes as long to import as ten items to judge."""
    if any(name.upper().startswith(ENV_PREFIX) for name in os.environ) or Path(TOML_FILE).exists():
        from huiyao.settings_sources import SourcedSettings

        return SourcedSettings(**given).plain()
    return Settings(**given) if given else Settings.model_construct()


def is_secret_file(name: str) -> bool:
    """Whether a variable names a file with a secret (``HUIYAO_KAFKA__PASSWORD_FILE``)."""
    lower = name.lower()
    return lower.startswith(ENV_PREFIX.lower()) and lower.rsplit(DELIMITER, 1)[-1] in SECRET_FILES


def _secrets_from_files(environment: Any) -> dict[str, Any]:
    """``HUIYAO_A__B_FILE=path`` gives ``{"a": {"b": content}}``; own ``*_file`` settings are left alone."""
    found: dict[str, Any] = {}
    for name, value in environment.items():
        levels = name.removeprefix(ENV_PREFIX).lower().split(DELIMITER)
        if not is_secret_file(name):
            continue
        try:
            content = Path(value).read_text("utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{name}: cannot read {value}: {error.strerror}") from None
        group = found
        for level in levels[:-1]:
            group = group.setdefault(level, {})
        group[levels[-1].removesuffix(_FILE.lower())] = content
    return found


def _plain(value: Any) -> Any:
    """JSON-able settings without Nones, so that defaults stay defaults."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _merge(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged
