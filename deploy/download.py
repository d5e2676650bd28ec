"""One file over HTTP: verified, resumable, atomic.

The bytes gather in ``NAME.part``; only a file whose digest is right is renamed to ``NAME``. A cut transfer goes on from
where it was (``Range``), or from the start where the server cannot do that or the joined pieces do not fit.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.errors import DownloadError

logger = logging.getLogger(__name__)

# Strongest first; a Maven repository always has .sha1, newer artifacts have the others too.
# https://maven.apache.org/resolver/about-checksums.html
CHECKSUMS = ("sha512", "sha256", "sha1")
ATTEMPTS = 5
BACKOFF_S = 0.5

# (file name, total bytes or 0, bytes already here) -> a context that yields `advance(bytes)`
Progress = Callable[[str, int, int], AbstractContextManager[Callable[[int], None]]]


@contextmanager
def silent(_name: str, _total: int, _done: int) -> Iterator[Callable[[int], None]]:
    """A progress report that reports nothing."""
    yield lambda _n: None


@dataclass(frozen=True, slots=True)
class Digest:
    """``algorithm`` as in :mod:`hashlib`, ``value`` in lower-case hex."""

    algorithm: str
    value: str

    def matches(self, path: Path) -> bool:
        """Whether the file has this digest."""
        with path.open("rb") as file:
            return hashlib.file_digest(file, self.algorithm).hexdigest() == self.value


def published_digest(client: httpx.Client, url: str) -> Digest:
    """The strongest checksum that the repository keeps beside the file.

    Raises :class:`DownloadError` where there is none: an unverified program is not run.
    """
    for algorithm in CHECKSUMS:
        response = _get_with_retry(client, f"{url}.{algorithm}")
        words = response.text.split() if response.status_code == httpx.codes.OK else []
        if words:
            return Digest(algorithm, words[0].lower())
    raise DownloadError(f"仓库没有 {url} 的校验和", hint="换一个仓库地址（设置 engines.maven_repository）")


def fetch(
    client: httpx.Client, url: str, target: Path, *, digest: Digest | None = None, progress: Progress = silent
) -> Path:
    """Bring ``url`` to ``target`` unless it is there; the caller holds a lock on the folder.

    ``digest``: what the file must have; without one, the repository's own checksum.
    Raises :class:`DownloadError` after the last attempt.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    expected = digest or published_digest(client, url)
    part = target.with_name(f"{target.name}.part")
    resumed = part.exists()
    _download(client, url, part, progress)
    if not expected.matches(part) and resumed:
        logger.warning("resumed file has a wrong checksum, fetching it anew: %s", target.name)
        part.unlink()
        _download(client, url, part, progress)
    if not expected.matches(part):
        part.unlink()
        raise DownloadError(
            f"{target.name} 的 {expected.algorithm} 校验和不符，已丢弃", hint="稍后再试；反复出现时检查仓库或代理"
        )
    part.replace(target)
    return target


def _download(client: httpx.Client, url: str, part: Path, progress: Progress) -> None:
    """Fill ``part`` to the end of the file, going on after cuts."""
    cause: Exception | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(BACKOFF_S * 2 ** (attempt - 1))
        try:
            _transfer(client, url, part, progress)
            return
        except httpx.TransportError as exc:
            logger.info("download cut (attempt %d): %s: %r", attempt + 1, url, exc)
            cause = exc
    raise DownloadError(f"下载中断：{url}：{cause!r}", hint="检查网络后重来，会从断点继续") from cause


def _transfer(client: httpx.Client, url: str, part: Path, progress: Progress) -> None:
    done = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={done}-", "Accept-Encoding": "identity"} if done else {"Accept-Encoding": "identity"}
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # already whole, or longer than the file: the checksum tells
        if response.status_code >= 500:
            raise httpx.RemoteProtocolError(f"HTTP {response.status_code}")
        if response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
            raise DownloadError(
                f"HTTP {response.status_code}：{url}", hint="检查仓库地址（设置 engines.maven_repository）"
            )
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        _save(response, part, done if resumed else 0, progress)


def _save(response: httpx.Response, part: Path, done: int, progress: Progress) -> None:
    total = done + int(response.headers.get("Content-Length", 0))
    name = part.name.removesuffix(".part")
    with progress(name, total, done) as advance, part.open("ab" if done else "wb") as file:
        for chunk in response.iter_raw():  # as it comes: a buffer of ours would lose its bytes at a cut
            file.write(chunk)
            advance(len(chunk))


def _get_with_retry(client: httpx.Client, url: str) -> httpx.Response:
    for attempt in range(ATTEMPTS):
        try:
            response = client.get(url)
        except httpx.TransportError as exc:
            if attempt == ATTEMPTS - 1:
                raise DownloadError(f"无法访问 {url}：{exc!r}", hint="检查网络或代理") from exc
        else:
            if response.status_code < 500:
                return response
        time.sleep(BACKOFF_S * 2**attempt)
    raise DownloadError(f"仓库暂时不可用：{url}", hint="稍后再试")
