"""The phrase table against a search letter by letter; scans of a batch against scans of its texts one by one."""

from __future__ import annotations

import random
import re

import pytest

from processors.phrases import PhraseTable, code_points
from processors.scan import ScannerBuilder, gathered, prepare, together

SIGNS = "火水灾山体滑坡😀a1。"


def _naive(phrases: list[str], text: str) -> list[tuple[int, int, int]]:
    found = [
        (start + len(phrase), -len(phrase), number)
        for number, phrase in enumerate(phrases)
        for start in range(len(text))
        if text.startswith(phrase, start)
    ]
    return [(number, end + minus, end) for end, minus, number in sorted(found)]


@pytest.mark.parametrize("seed", range(20))
def test_the_table_finds_what_a_plain_search_finds_in_the_order_of_ends(seed: int) -> None:
    draw = random.Random(seed)
    phrases = sorted({"".join(draw.choices(SIGNS, k=draw.randint(1, 6))) for _ in range(60)})
    text = "".join(draw.choices(SIGNS, k=300))
    matches = PhraseTable(phrases).find(code_points(text))
    found = zip(matches.phrase.tolist(), matches.start.tolist(), matches.end.tolist(), strict=True)
    assert list(found) == _naive(phrases, text)


def test_an_empty_table_and_an_empty_text_give_nothing() -> None:
    assert not len(PhraseTable([]).find(code_points("火灾")).phrase)
    assert not len(PhraseTable(["火"]).find(code_points("")).phrase)


def _builder() -> ScannerBuilder:
    builder = ScannerBuilder()
    for phrase in ("起火", "火", "着火", "送医"):
        builder.literal("event", phrase, phrase.upper())
    builder.literal("other", "起火")
    builder.grouped("arrays", ["送医", "起火了"])
    builder.pattern("event", re.compile("火[^。]{0,9}送医"), ["送医"], "both")
    builder.pattern("always", re.compile("^厂"), [])
    return builder


def test_hits_come_by_tag_in_the_order_of_their_ends_with_patterns_last() -> None:
    scan = _builder().build().scan("厂房起火了，两人送医。")
    assert [(hit.start, hit.end, hit.data) for hit in scan.hits("event")] == [
        (2, 4, "起火"),
        (3, 4, "火"),
        (8, 10, "送医"),
        (3, 10, "both"),
    ]
    assert scan.has("other")
    assert scan.has("always")
    assert not scan.has("none")
    assert list(scan.hits("none")) == []


def test_a_pattern_of_the_sentence_looks_no_further_than_the_full_stops_around_its_anchors() -> None:
    builder = ScannerBuilder()
    builder.pattern("near", re.compile("火.*?医"), ["送医"], sentence=True)
    builder.pattern("far", re.compile("火.*?医"), ["送医"])
    scan = builder.build().scan("起火。着火，送医，送医。火，医。")
    assert [(hit.start, hit.end) for hit in scan.hits("near")] == [(4, 8)]
    assert [(hit.start, hit.end) for hit in scan.hits("far")] == [(1, 8), (12, 15)]


def test_a_batch_gives_what_its_texts_give_alone() -> None:
    scanner = _builder().build()
    texts = ["厂房起火", "", "送医", "火", "没有什么", "着火送医😀起火送医"]
    for text, scan in zip(texts, scanner.scan_many(texts), strict=True):
        alone = scanner.scan(text)
        for tag in ("event", "other", "always"):
            assert list(scan.hits(tag)) == list(alone.hits(tag))


def test_grouped_phrases_are_arrays_over_the_batch_whoever_scanned() -> None:
    scanner = _builder().build()
    texts = ["送医", "起火了"]
    for scans in (scanner.scan_many(texts), [scanner.scan(text) for text in texts]):
        batch = together(scans)
        found = batch.grouped["arrays"]
        assert found.phrase.tolist() == [0, 1]
        assert batch.texts.owner[found.start].tolist() == [0, 1]
        assert [batch.texts.joined[a:b] for a, b in zip(found.start, found.end, strict=True)] == texts


def test_patterns_run_one_by_one_over_a_batch_find_what_each_text_has() -> None:
    scanner = _builder().build()
    texts = ["厂房起火，送医", "送医", "火，两人送医。厂", "厂起火"]
    scans = scanner.scan_many(texts)
    assert scans[1].hits("always") == []
    for tag in ("event", "always", "none"):
        prepare(scans, tag)
        for text, scan in zip(texts, scans, strict=True):
            assert list(scan.hits(tag)) == list(scanner.scan(text).hits(tag))


def test_literals_are_counted_without_patterns() -> None:
    scan = _builder().build().scan("厂房起火了，两人送医。")
    assert [scan.count(tag) for tag in ("event", "other", "always")] == [3, 1, 0]


def test_some_texts_of_a_batch_keep_its_arrays_others_are_scanned_anew() -> None:
    scanner = _builder().build()
    scans = scanner.scan_many(["送医", "起火了", "火"])
    batch, rows = gathered([scans[2], scans[0]])
    assert batch is scans[0].batch
    assert rows.tolist() == [2, 0]
    for mixed in ([scans[0], scans[0]], [scans[1], scanner.scan("送医")]):
        batch, rows = gathered(mixed)
        found = batch.texts.owner[batch.grouped["arrays"].start]
        assert rows.tolist() == [0, 1]
        assert found.tolist() == [0, 1]
