"""Bulk answers: each item is read and named; large requests are cut."""

from __future__ import annotations

import orjson
import pytest

from streams.elastic import bulk
from streams.elastic.bulk import Answer, Verdict, Write, encoded


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DONE), (201, Verdict.DONE), (409, Verdict.CONFLICT), (404, Verdict.GONE), (429, Verdict.LATER),
        (503, Verdict.LATER), (500, Verdict.LATER), (403, Verdict.CLOSED), (400, Verdict.REFUSED),
        (413, Verdict.REFUSED),
    ],
)  # fmt: skip
def test_each_status_has_a_name(status: int, verdict: Verdict) -> None:
    error = {"type": "t", "reason": "why", "caused_by": {"reason": "because"}}
    answer = bulk._answer({"status": status} | ({"error": error} if status > 299 else {}))
    assert answer.verdict is verdict
    assert status < 300 or answer.reason == f"{status} t: why because"
    assert status > 299 or answer == Answer(Verdict.DONE)


def test_a_write_is_a_create_an_index_with_its_number_or_a_delete() -> None:
    new = [orjson.loads(line) for line in Write("i", "1", {"a": 1}).lines().split(b"\n")]
    assert new == [{"create": {"_index": "i", "_id": "1"}}, {"a": 1}]
    known = [orjson.loads(line) for line in Write("i", "1", {}, (7, 2)).lines().split(b"\n")]
    assert known[0] == {"index": {"_index": "i", "_id": "1", "if_seq_no": 7, "if_primary_term": 2}}
    assert b"\n" not in Write("i", "1", None, (7, 2)).lines()


def test_requests_are_cut_by_count_and_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK_WRITES", 3)
    monkeypatch.setattr(bulk, "CHUNK_BYTES", 10)
    lines = [b"1", b"2", b"3", b"4", b"123456", b"12345", b"a longer one than the limit", b"5"]
    assert [len(chunk) for chunk in bulk._chunks(lines)] == [3, 2, 1, 1, 1]
    assert [line for chunk in bulk._chunks(lines) for line in chunk] == lines


def test_numbers_beyond_64_bits_are_written() -> None:
    assert encoded({"a": 10**30}) == b'{"a": 1000000000000000000000000000000}'
