"""Where Elasticsearch's files go when root starts it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.access import account_named, can_reach, stage_for
from deploy.artifacts import ArtifactStore
from deploy.config import ArtifactConfig, ElasticsearchConfig
from deploy.elasticsearch import Elasticsearch
from deploy.process import Account
from schemas.errors import EngineError

STRANGER = Account(54321, 54321)
NO_FILES = ArtifactStore(ArtifactConfig(cache_dir=Path("/nowhere"), offline=True))


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A folder that anybody can walk to; pytest closes its own to others."""
    with tempfile.TemporaryDirectory(prefix="huiyao-access-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_the_account_goes_by_number_or_name_and_is_never_root() -> None:
    assert account_named("1234") == Account(1234, 1234)
    assert account_named("").uid != 0
    with pytest.raises(EngineError, match="不能以 root"):
        account_named("root")
    with pytest.raises(EngineError, match="没有账户"):
        account_named("nobody-of-that-name")


def test_one_closed_folder_on_the_way_closes_everything_below(open_dir: Path) -> None:
    inner = open_dir / "a" / "b"
    inner.mkdir(parents=True)
    assert can_reach(inner, STRANGER)
    (open_dir / "a").chmod(0o700)
    assert not can_reach(inner, STRANGER)
    assert can_reach(inner, Account(os.geteuid(), os.getegid()))


def test_a_folder_within_reach_is_used_as_it_is(open_dir: Path) -> None:
    folder = open_dir / "data" / "elasticsearch"
    assert stage_for(folder, STRANGER, open_dir / "stage") == folder
    assert stage_for(open_dir / "x", None, Path("/nowhere")) == open_dir / "x"


def test_below_a_closed_home_the_stage_is_used_and_stays_the_same(open_dir: Path) -> None:
    closed = open_dir / "root"
    closed.mkdir(mode=0o700)
    first = stage_for(closed / "data" / "elasticsearch", STRANGER, open_dir / "stage")
    assert first.parent == open_dir / "stage"
    assert stage_for(closed / "data" / "elasticsearch", STRANGER, open_dir / "stage") == first
    assert stage_for(closed / "other" / "elasticsearch", STRANGER, open_dir / "stage") != first


def test_a_closed_stage_is_an_error_that_names_both_ways_out(open_dir: Path) -> None:
    closed = open_dir / "root"
    closed.mkdir(mode=0o700)
    with pytest.raises(EngineError, match=r"数据目录.*engines\.stage_dir"):
        stage_for(closed / "data", STRANGER, closed / "stage")


def test_what_the_account_cannot_read_is_copied_once_to_where_it_can(open_dir: Path) -> None:
    closed = open_dir / "root" / "java"
    (closed / "bin").mkdir(parents=True)
    (closed / "bin" / "java").write_text("#!/bin/sh\n", encoding="utf-8")
    (closed / "release").write_text('JAVA_VERSION="25"', encoding="utf-8")
    (open_dir / "root").chmod(0o700)
    engine = Elasticsearch(open_dir / "es", ElasticsearchConfig(stage_dir=open_dir / "stage"), NO_FILES)
    engine._account = STRANGER
    copy = engine._reachable(closed)
    assert copy.is_relative_to(open_dir / "stage")
    assert (copy / "bin" / "java").exists()
    (closed / "bin" / "java").unlink()
    assert (engine._reachable(closed) / "bin" / "java").exists()
    (closed / "release").write_text('JAVA_VERSION="26"', encoding="utf-8")
    assert engine._reachable(closed) != copy
    assert engine._reachable(open_dir) == open_dir
