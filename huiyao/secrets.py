"""Secrets of an instance, made on first start and kept in its data directory, readable by its owner only.

``secrets/deadletter.key`` seals the bytes of dead letters, ``secrets/api.key`` is the first API key of the desk,
``secrets/metrics.key`` reads its metrics, ``secrets/ack.key`` signs links that acknowledge alerts, and
``secrets/webhook.key`` signs what subscribers get.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from schemas.errors import HuiyaoError

OWNER_ONLY = 0o600
API_KEY_BYTES = 32


def secret_file(data_dir: Path, name: str, make: str) -> Path:
    """The file of a secret, made with ``make`` (its first content) where it is missing.

    Two starters agree on one, and none reads it before it is whole: it gets its name when it is written.
    """
    path = data_dir / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        return path
    temporary = path.with_name(f".{name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
        file.write(make)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass  # somebody was faster
    finally:
        temporary.unlink()
    return path


def api_key_file(data_dir: Path) -> Path:
    """Where the first API key is."""
    return secret_file(data_dir, "api.key", secrets.token_urlsafe(API_KEY_BYTES))


def first_password_file(data_dir: Path) -> Path:
    """Where the desk writes the administrator's one-time password; gone once that was changed."""
    return data_dir / "secrets" / "admin.password"


def metrics_key(data_dir: Path) -> str:
    """The key that reads the desk's metrics and nothing else."""
    return _read(secret_file(data_dir, "metrics.key", secrets.token_urlsafe(API_KEY_BYTES)))


def ack_key(data_dir: Path) -> bytes:
    """The key that signs the links which acknowledge alerts."""
    return _read(secret_file(data_dir, "ack.key", secrets.token_hex(API_KEY_BYTES))).encode()


def webhook_secret(data_dir: Path) -> str:
    """The secret by which subscribers know that a webhook is ours (Standard Webhooks)."""
    made = base64.b64encode(secrets.token_bytes(API_KEY_BYTES)).decode()
    return _read(secret_file(data_dir, "webhook.key", f"whsec_{made}"))


class Seal:
    """Encrypts the original bytes of dead letters at rest (Fernet: AES-128-CBC with HMAC-SHA-256)."""

    def __init__(self, data_dir: Path) -> None:
        self._fernet = Fernet(_read(secret_file(data_dir, "deadletter.key", Fernet.generate_key().decode())))

    def seal(self, original: bytes) -> str:
        """The sealed text for ``original_base64``."""
        return self._fernet.encrypt(original).decode("ascii")

    def unseal(self, sealed: str) -> bytes:
        """The original bytes of a sealed text. Raises ValueError where it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise ValueError("sealed with another key: use the data directory that the worker ran with") from None


def _read(path: Path) -> str:
    content = path.read_text("utf-8").strip()
    if not content:
        raise HuiyaoError(f"{path} is empty", hint="remove the file; a new secret is made on the next start")
    return content
