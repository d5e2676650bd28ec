"""Which account Elasticsearch runs as under root, and whether that account can get at a path."""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from pathlib import Path

from deploy.process import Account
from schemas.errors import EngineError

# The account of Elastic's own packages, then the one that every Unix has.
CANDIDATES = ("elasticsearch", "nobody")


def account_named(name: str) -> Account:
    """The account by name or number; "" takes the first that exists. Raises EngineError for an unknown or root one."""
    if name.isdigit():
        account = Account(int(name), int(name))
    else:
        entry = next(filter(None, map(_lookup, (name,) if name else CANDIDATES)), None)
        if entry is None:
            raise EngineError(f"没有账户 {name or '、'.join(CANDIDATES)}", hint="设置 engines.run_as")
        account = Account(entry.pw_uid, entry.pw_gid)
    if account.uid == 0:
        raise EngineError("Elasticsearch 不能以 root 运行", hint="设置 engines.run_as 为普通账户")
    return account


def can_reach(path: Path, account: Account) -> bool:
    """Whether the account can walk to the path and into it (mode bits; access lists are not looked at)."""
    resolved = path.resolve()
    return all(_may_enter(folder, account) for folder in (resolved, *resolved.parents) if folder.is_dir())


def stage_for(folder: Path, account: Account | None, stage_dir: Path) -> Path:
    """Where an engine's files go: its folder, or a place below ``stage_dir`` where the account cannot reach that.

    Root's home is closed (0700) for good reasons, so it is not opened; the stage's name comes from the folder's path.
    Raises EngineError where the stage is closed, too.
    """
    if account is None or can_reach(_existing(folder), account):
        return folder
    stage = stage_dir / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    if not can_reach(_existing(stage), account):
        raise EngineError(
            f"账户 {account.uid} 既到不了 {folder}，也到不了 {stage}",
            hint="换一个数据目录，或设置 engines.stage_dir，或不以 root 运行",
        )
    return stage


def give(folder: Path, account: Account) -> None:
    """Hand a tree to the account, links not followed."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _existing(path: Path) -> Path:
    """The nearest folder above (or the path itself) that exists."""
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())


def _may_enter(folder: Path, account: Account) -> bool:
    about = folder.stat()
    if about.st_uid == account.uid:
        return bool(about.st_mode & stat.S_IXUSR)
    if about.st_gid == account.gid:
        return bool(about.st_mode & stat.S_IXGRP)
    return bool(about.st_mode & stat.S_IXOTH)


def _lookup(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
