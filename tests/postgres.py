"""A real PostgreSQL for tests, on a loopback port and in a folder of its own, run by an account without rights."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from deploy.testing import free_ports

INSTALL = "apt-get install -y postgresql"
USER = "huiyao"
PATIENCE_S = 60.0


def programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``; Debian keeps it off the path."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def required_programs() -> Path:
    """The same; where there is none a test fails by name in CI and is passed over elsewhere."""
    folder = programs()
    if folder is None:
        said = f"PostgreSQL is not installed; install it with: {INSTALL}"
        if os.environ.get("CI"):
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
    return folder


@contextmanager
def server() -> Iterator[str]:
    """The address of a server that lives as long as the block. PostgreSQL refuses to run as root."""
    bin_folder, [port], password = required_programs(), free_ports(1), secrets.token_hex(8)
    folder = Path(tempfile.mkdtemp(prefix="huiyao-postgres-"))
    account = _account()
    try:
        secret = folder / "password"
        secret.write_text(password, "utf-8")
        if account is not None:
            for path in (folder, secret):
                os.chown(path, account.pw_uid, account.pw_gid)
        as_account = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        # A language whose order is not that of bytes: times are texts and must order right all the same.
        making = [
            str(bin_folder / "initdb"), "-D", str(folder / "data"), "-U", USER, "-A", "scram-sha-256",
            f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh-CN",
        ]  # fmt: skip
        made = subprocess.run(making, cwd=folder, capture_output=True, text=True, check=False, **as_account)  # type: ignore[call-overload]
        assert made.returncode == 0, made.stderr
        serving = [
            str(bin_folder / "postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder),
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200",
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(serving, cwd=folder, stdout=log, stderr=log, **as_account)  # type: ignore[call-overload]
        try:
            address = f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
            _wait(address, process, folder / "log")
            yield address
        finally:
            process.send_signal(signal.SIGINT)  # the fast shutdown
            process.wait(PATIENCE_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    """Under root another account, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("neither postgres nor nobody is an account here")


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        assert process.poll() is None, log.read_text("utf-8", "replace")
        try:
            psycopg.connect(address, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < end, log.read_text("utf-8", "replace")
            time.sleep(0.05)


def fresh(address: str) -> str:
    """The address of an empty place of its own (a schema) on the server."""
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{address}?options={quote(f'-c search_path={name}')}"
