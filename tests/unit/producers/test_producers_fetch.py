"""Fetching: bounded in bytes, time and hops, and only from public addresses."""

from __future__ import annotations

import asyncio
import gzip
import threading
import tracemalloc
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from conftest import Request, Web

from producers.web.addresses import is_public
from producers.web.body import FetchError
from producers.web.fetch import Fetched, Fetcher, FetchSettings, retry_after
from schemas.errors import SourceError

LOCAL = frozenset({"127.0.0.1"})


def settings(**changes: object) -> FetchSettings:
    values: dict[str, object] = {
        "contact": "xinxibu@example.gov.cn",
        "allow_private_hosts": LOCAL,
        "max_bytes": 100_000,
    }
    return FetchSettings(**(values | changes))  # type: ignore[arg-type]


async def get(url: str, fetch: FetchSettings | None = None, **options: object) -> Fetched:
    async with Fetcher(fetch or settings()) as fetcher:
        return await fetcher.get(url, **options)  # type: ignore[arg-type]


async def test_body_and_validators(web: Web) -> None:
    web.page("/f", "正文", ETag='"1"', Last_Modified="Fri, 20 Nov 2026 00:30:00 GMT", Content_Type="text/xml")
    answer = await get(web.address + "/f")
    assert (answer.body.decode(), answer.etag, answer.content_type) == ("正文", '"1"', "text/xml")
    headers = web.asked[0][1]
    assert headers["User-Agent"] == "Huiyao/0.1 (+xinxibu@example.gov.cn)"
    assert headers["Host"] == web.address.removeprefix("http://")


async def test_conditional_get(web: Web) -> None:
    def changed(request: Request) -> None:
        request.answer(304 if request.headers.get("If-None-Match") == '"1"' else 200, b"x")

    web.pages["/f"] = changed
    assert (await get(web.address + "/f", etag='"1"')).not_modified
    assert (await get(web.address + "/f", etag='"2"')).body == b"x"


async def test_cookies_are_not_kept(web: Web) -> None:
    web.page("/f", "x", Set_Cookie="session=1")
    async with Fetcher(settings()) as fetcher:
        await fetcher.get(web.address + "/f")
        await fetcher.get(web.address + "/f")
    assert all("Cookie" not in headers for _, headers in web.asked)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress("正文".encode(), mtime=0)),
        ("gzip", gzip.compress("正".encode(), mtime=0) + gzip.compress("文".encode(), mtime=0)),
        ("deflate", zlib.compress("正文".encode())),
        ("deflate", zlib.compress("正文".encode())[2:-4]),
    ],
)
async def test_compressed_bodies(web: Web, encoding: str, data: bytes) -> None:
    web.page("/f", data, Content_Encoding=encoding)
    assert (await get(web.address + "/f")).body.decode() == "正文"


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        (gzip.compress(bytes(200_000_000), 9), {"Content_Encoding": "gzip"}),
        (zlib.compress(bytes(200_000_000), 9), {"Content_Encoding": "deflate"}),
        (b"x" * 100_001, {}),
    ],
)
async def test_bombs_are_refused_at_the_cap(web: Web, data: bytes, headers: dict[str, str]) -> None:
    web.page("/f", data, **headers)
    with pytest.raises(FetchError, match="more than 100000 bytes"):
        await get(web.address + "/f")
    cut = await get(web.address + "/f", cut=True)
    assert len(cut.body) == 100_000


@pytest.mark.parametrize(
    ("data", "encoding"),
    [(gzip.compress(b"x" * 1000, mtime=0)[:-12], "gzip"), (b"no gzip", "gzip"), (b"x", "br")],
)
async def test_broken_compression_is_an_error(web: Web, data: bytes, encoding: str) -> None:
    web.page("/f", data, Content_Encoding=encoding)
    with pytest.raises(FetchError):
        await get(web.address + "/f")


async def test_a_bomb_is_not_even_unpacked_past_the_cap(web: Web) -> None:
    """The first 64 kB of this gzip hold 64 MB."""
    bomb = gzip.compress(bytes(200_000_000), 9)
    web.page("/f", bomb, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(FetchError):
            await get(web.address + "/f")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


async def test_a_body_that_ends_early_is_an_error(web: Web) -> None:
    def cut(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"half")
        request.close_connection = True

    web.pages["/f"] = cut
    with pytest.raises(FetchError):
        await get(web.address + "/f")


async def test_a_server_that_drips_is_left_at_the_total_time_out(web: Web) -> None:
    def drip(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        while not web.stop.wait(0.02):
            request.wfile.write(b"x")
            request.wfile.flush()

    web.pages["/f"] = drip
    with pytest.raises(FetchError, match="no complete answer in"):
        await get(web.address + "/f", settings(total_timeout_s=0.3))


async def test_a_server_that_says_nothing_is_left(web: Web) -> None:
    web.pages["/f"] = lambda _: web.stop.wait() and None
    with pytest.raises(FetchError):
        await get(web.address + "/f", settings(read_timeout_s=0.2))


async def test_errors_carry_status_and_retry_after(web: Web) -> None:
    web.page("/f", "", 429, Retry_After="120")
    with pytest.raises(FetchError) as caught:
        await get(web.address + "/f")
    assert (caught.value.status, caught.value.retry_after_s) == (429, 120.0)


async def test_redirects_are_followed_to_the_end(web: Web) -> None:
    web.page("/a", "", 302, Location="/b")
    web.page("/b", "", 308, Location=web.address + "/c")
    web.page("/c", "x")
    assert (await get(web.address + "/a")).url == web.address + "/c"


async def test_a_redirect_loop_ends(web: Web) -> None:
    web.page("/a", "", 302, Location="/a")
    with pytest.raises(FetchError, match="more than 5 redirects"):
        await get(web.address + "/a")
    assert len(web.asked) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.com/", "//", "http://", "javascript:1"])
async def test_redirects_to_other_schemes_are_refused(web: Web, target: str) -> None:
    web.page("/a", "", 302, Location=target)
    with pytest.raises(SourceError):
        await get(web.address + "/a", settings(max_redirects=1))


async def test_a_redirect_to_a_private_address_is_not_followed(web: Web) -> None:
    """The first host is allowed; the second is the same server under a name that is not."""
    port = web.address.rpartition(":")[2]
    web.page("/a", "", 302, Location=f"http://inside.example:{port}/secret")

    async def resolver(host: str, _: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "127.0.0.1" else ["10.0.0.5"]

    async with Fetcher(settings(), resolver=resolver) as fetcher:
        with pytest.raises(SourceError, match=r"10\.0\.0\.5"):
            await fetcher.get(web.address + "/a")
    assert web.paths() == ["/a"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "0.0.0.0"])
async def test_loopback_by_any_spelling_is_refused(web: Web, host: str) -> None:
    port = web.address.rpartition(":")[2]
    with pytest.raises(SourceError):
        await get(f"http://{host}:{port}/", settings(allow_private_hosts=frozenset()))
    assert web.asked == []


async def test_a_name_that_changes_its_answer_gains_nothing(web: Web) -> None:
    """DNS rebinding: the check saw a public address, so the connection goes there and not to the second answer."""
    answers = iter([["192.0.2.1"], ["127.0.0.1"]])
    asked: list[str] = []

    async def rebinding(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    async with Fetcher(settings(connect_timeout_s=0.2), resolver=rebinding) as fetcher:
        with pytest.raises(SourceError):
            await fetcher.get(f"http://rebind.example:{web.address.rpartition(':')[2]}/")
    assert asked == ["rebind.example"]
    assert web.asked == []


async def test_the_connection_goes_to_the_checked_address_under_the_hosts_name(web: Web) -> None:
    async def resolver(_: str, __: int) -> Sequence[str]:
        return ["127.0.0.1"]

    web.page("/f", "x")
    port = web.address.rpartition(":")[2]
    async with Fetcher(settings(allow_private_hosts=frozenset({"intranet.example"})), resolver=resolver) as fetcher:
        await fetcher.get(f"http://user:word@Intranet.example:{port}/f")
    headers = web.asked[0][1]
    assert headers["Host"] == f"intranet.example:{port}"
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["114.114.114.114", "2400:3200::1", "::ffff:114.114.114.114"])
def test_public(address: str) -> None:
    assert is_public(address)


NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("30", 30.0),
        ("999999999999", 86400.0),
        ("Fri, 20 Nov 2026 09:01:00 GMT", 60.0),
        ("Fri, 20 Nov 2026 08:00:00 GMT", 0.0),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


async def test_many_fetches_run_beside_each_other(web: Web) -> None:
    """A slow site holds up nobody: the fast one answers while the slow one is still open."""
    entered = threading.Event()

    def hang(request: Request) -> None:
        entered.set()
        web.stop.wait()
        request.answer(200, b"x")

    web.pages["/slow"] = hang
    web.page("/fast", "x")
    async with Fetcher(settings()) as fetcher:
        slow = asyncio.create_task(fetcher.get(web.address + "/slow"))
        await asyncio.to_thread(entered.wait)
        assert (await fetcher.get(web.address + "/fast")).body == b"x"
        assert not slow.done()
        web.stop.set()
        await slow
