"""Downloads: verified, resumed, atomic."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import httpx
import pytest

from deploy import download
from deploy.download import Digest, fetch, published_digest
from deploy.errors import DownloadError

BODY = random.Random(7).randbytes(300_000)
FILE = "/a/b/c-1.jar"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "BACKOFF_S", 0.0)


def test_a_file_arrives_whole_and_is_not_asked_for_again(repository, client, tmp_path: Path) -> None:
    repository.add(FILE, BODY, "sha1")
    target = fetch(client, repository.url + FILE, tmp_path / "deep" / "c-1.jar")
    assert target.read_bytes() == BODY
    asked = len(repository.seen)
    fetch(client, repository.url + FILE, target)
    assert len(repository.seen) == asked
    assert [path.name for path in target.parent.iterdir()] == ["c-1.jar"]


def test_the_strongest_published_checksum_is_used(repository, client) -> None:
    repository.add(FILE, BODY, "sha1", "sha256")
    assert published_digest(client, repository.url + FILE).algorithm == "sha256"
    repository.add(FILE, BODY, "sha512")
    assert published_digest(client, repository.url + FILE).algorithm == "sha512"


def test_a_wrong_checksum_discards_the_file(repository, client, tmp_path: Path) -> None:
    repository.add(FILE, BODY, "sha1")
    repository.files[f"{FILE}.sha1"] = b"0" * 40 + b"  c-1.jar"
    with pytest.raises(DownloadError, match="sha1 校验和不符"):
        fetch(client, repository.url + FILE, tmp_path / "c-1.jar")
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_checksum_is_refused_before_it_is_fetched(repository, client, tmp_path: Path) -> None:
    repository.add(FILE, BODY)
    with pytest.raises(DownloadError, match=r"没有.*校验和"):
        fetch(client, repository.url + FILE, tmp_path / "c-1.jar")
    assert repository.ranges_asked(FILE) == []


def test_a_pinned_digest_needs_no_published_one_and_is_enforced(repository, client, tmp_path: Path) -> None:
    repository.add(FILE, BODY, "sha1")
    with pytest.raises(DownloadError, match="sha512"):
        fetch(client, repository.url + FILE, tmp_path / "c-1.jar", digest=Digest("sha512", "ab" * 64))
    assert not (tmp_path / "c-1.jar").exists()


def test_a_cut_download_goes_on_where_it_was(repository, client, tmp_path: Path) -> None:
    repository.add(FILE, BODY, "sha1")
    repository.cut_after = [100_000, 50_000]
    assert fetch(client, repository.url + FILE, tmp_path / "c-1.jar").read_bytes() == BODY
    first, second, third = repository.ranges_asked(FILE)
    assert first == ""
    assert second == "bytes=100000-"
    assert third == "bytes=150000-"


def test_a_server_without_ranges_starts_over(repository, client, tmp_path: Path) -> None:
    repository.add(FILE, BODY, "sha1")
    repository.cut_after, repository.ranges = [100_000], False
    assert fetch(client, repository.url + FILE, tmp_path / "c-1.jar").read_bytes() == BODY


def test_a_cut_that_never_ends_keeps_what_came_for_the_next_run(repository, client, tmp_path: Path) -> None:
    repository.add(FILE, BODY, "sha1")
    repository.cut_after = [10_000] * download.ATTEMPTS
    with pytest.raises(DownloadError, match="下载中断"):
        fetch(client, repository.url + FILE, tmp_path / "c-1.jar")
    assert (tmp_path / "c-1.jar.part").stat().st_size == 10_000 * download.ATTEMPTS
    assert fetch(client, repository.url + FILE, tmp_path / "c-1.jar").read_bytes() == BODY


@pytest.mark.parametrize("left", [b"not the beginning of it", BODY + b"too long", BODY])
def test_a_leftover_part_of_any_kind_ends_in_the_right_file(repository, client, tmp_path: Path, left: bytes) -> None:
    repository.add(FILE, BODY, "sha1")
    (tmp_path / "c-1.jar.part").write_bytes(left)
    assert fetch(client, repository.url + FILE, tmp_path / "c-1.jar").read_bytes() == BODY


def test_a_missing_file_names_the_address_and_the_setting(repository, client, tmp_path: Path) -> None:
    repository.add(FILE, BODY, "sha1")
    del repository.files[FILE]
    with pytest.raises(DownloadError, match=r"404.*maven_repository"):
        fetch(client, repository.url + FILE, tmp_path / "c-1.jar")


def test_an_unreachable_repository_is_one_clear_error(client, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="无法访问"):
        fetch(client, "http://127.0.0.1:1/x.jar", tmp_path / "x.jar")


def test_progress_counts_from_what_is_there(repository, client, tmp_path: Path) -> None:
    repository.add(FILE, BODY, "sha1")
    (tmp_path / "c-1.jar.part").write_bytes(BODY[:200_000])
    reports: list[tuple[str, int, int]] = []
    counted: list[int] = []

    class Counting:
        def __init__(self, *about) -> None:
            reports.append(about)

        def __enter__(self):
            return counted.append

        def __exit__(self, *_exc) -> None:
            pass

    fetch(client, repository.url + FILE, tmp_path / "c-1.jar", progress=Counting)
    assert reports == [("c-1.jar", 300_000, 200_000)]
    assert sum(counted) == 100_000


def test_a_server_error_is_tried_again(tmp_path: Path) -> None:
    answers = iter([503, 200, 502, 200])

    def answer(request: httpx.Request) -> httpx.Response:
        status = next(answers)
        body = hashlib.sha512(b"x").hexdigest().encode() if request.url.path.endswith("sha512") else b"x"
        return httpx.Response(status, content=iter([body] if status == 200 else []))

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        assert fetch(client, "http://repo/x.jar", tmp_path / "x.jar").read_bytes() == b"x"
