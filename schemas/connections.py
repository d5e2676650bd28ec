"""How to reach the engines: plain data, filled by the front door from settings and passed in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr


class KafkaConnection(BaseModel):
    """Addresses and security of Kafka. ``prefix`` is put before every topic name and app id."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    bootstrap: str = "127.0.0.1:19292"
    prefix: str = ""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    username: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    replication_factor: int = 1

    def topic(self, name: str) -> str:
        """The name on the broker of one of our topics."""
        return f"{self.prefix}{name}"


class ElasticsearchConnection(BaseModel):
    """Address and security of Elasticsearch. ``prefix`` is put before every index and alias name."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    url: str = "http://127.0.0.1:19392"
    prefix: str = ""
    username: str | None = None
    password: SecretStr | None = None
    api_key: SecretStr | None = None
    ca_file: Path | None = None
    timeout_s: float = 20.0
    shards: int = 1
    replicas: int = 0

    def alias(self, name: str) -> str:
        """The alias on the cluster of one of ours (items, incidents, alerts, duty, bulletins)."""
        return f"{self.prefix}{name}"


_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def safe_address(url: str) -> bool:
    """https, or http on this machine: for what must not be read on its way."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
