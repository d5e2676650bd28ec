"""The command line as outsiders call it: exit codes, one clear line on stderr, one line out for each line in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from huiyao.cli.judging import assess_lines
from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from schemas.assessment import AssessedItem
from schemas.errors import DistrictError, InvalidItem
from streams.ports import AssessInput

ITEM = {
    "lane": "media",
    "source": "虔城晚报",
    "title": "",
    "text": "今天凌晨3时17分，水西镇一处仓库起火，造成2人受伤，无人死亡。",
    "published_at": "2026-03-14T08:40:00+08:00",
}


def huiyao(
    *arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "huiyao", *arguments],
        input=stdin,
        capture_output=True,
        timeout=120,
        env=os.environ | (env or {}),
        check=False,
    )


def lines(result: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def jsonl(*values: Any) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


def test_assess_gives_one_line_for_each_line_in_order() -> None:
    report = ITEM | {
        "lane": "report",
        "source": "区水利局",
        "id": "r-1",
        "text": "今日无紧急重要信息。",
        "kind": "zero",
    }
    result = huiyao("assess", stdin=jsonl(ITEM, report))
    assert result.returncode == 0, result.stderr
    first, second = lines(result)
    assert first["emergency"]["is_emergency"] is True
    assert first["facts"]["injured"] == 2
    assert first["id"] == first["item_id"]
    assert (second["id"], second["category"]) == ("r-1", "其他")
    assert sum(first["category_scores"].values()) == pytest.approx(1.0, abs=1e-3)
    assert len(first["category_scores"]) == 7


def test_assess_names_bad_lines_and_does_the_rest() -> None:
    bad = [b"{broken\n", b"[1]\n", b"\n", jsonl(ITEM | {"sender": "x"}), jsonl({"lane": "media"})]
    unknown = jsonl(ITEM | {"lane": "report", "source": "不存在局"})
    result = huiyao("assess", stdin=b"".join([jsonl(ITEM), *bad, unknown, jsonl(ITEM)]))
    assert result.returncode == 1
    found = lines(result)
    assert len(found) == 8
    assert [record.get("line") for record in found] == [None, 2, 3, 4, 5, 6, 7, None]
    assert "sender" in found[4]["error"]
    assert "不存在局" in found[6]["error"]


def test_assess_is_the_same_every_time() -> None:
    assert huiyao("assess", stdin=jsonl(ITEM)).stdout == huiyao("assess", stdin=jsonl(ITEM)).stdout


def test_compare_shows_what_flips(tmp_path: Path) -> None:
    record = lines(huiyao("assess", stdin=jsonl(ITEM)))[0]
    old = tmp_path / "old.jsonl"
    old.write_text(json.dumps(record | {"category": "工作动态"}, ensure_ascii=False) + "\n", "utf-8")
    result = huiyao("assess", "--compare", str(old), stdin=jsonl(ITEM))
    flip, summary = result.stdout.decode().strip().splitlines()
    assert flip.endswith(f"category: 工作动态 -> {record['category']}")
    assert ITEM["text"][:10] in flip
    assert summary == "1 items, 1 with another verdict; category 1"


def test_compare_says_so_when_nothing_flips(tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    old.write_bytes(huiyao("assess", stdin=jsonl(ITEM)).stdout)
    result = huiyao("assess", "--compare", str(old), stdin=jsonl(ITEM))
    assert result.stdout.decode() == "1 items, nothing changed\n"


def test_compare_sees_items_that_came_and_went(tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    old.write_bytes(huiyao("assess", stdin=jsonl(ITEM) + jsonl(ITEM | {"text": "另一条。"})).stdout)
    fewer = huiyao("assess", "--compare", str(old), stdin=jsonl(ITEM)).stdout.decode()
    assert "only in the earlier output" in fewer
    more = huiyao("assess", "--compare", str(old), stdin=jsonl(ITEM) * 2 + jsonl(ITEM | {"text": "又一条。"}))
    assert more.stdout.decode().count("not in the earlier output") == 2


@pytest.mark.parametrize("content", [None, "garbage\n", '{"lane": "media"}\n'])
def test_compare_names_a_file_that_is_no_earlier_output(tmp_path: Path, content: str | None) -> None:
    old = tmp_path / "old.jsonl"
    if content is not None:
        old.write_text(content, "utf-8")
    result = huiyao("assess", "--compare", str(old), stdin=jsonl(ITEM))
    assert result.returncode == 1
    [line] = result.stderr.decode().strip().splitlines()
    assert str(old) in line


def test_explain_says_why() -> None:
    result = huiyao("explain", ITEM["text"], "--lane", "media")
    assert result.returncode == 0, result.stderr
    told = result.stdout.decode()
    for word in (
        "类别：",
        "突发事件概率",
        "事发时间：",
        "地点：水西镇",
        "数字：死亡0人，受伤2人",
        "定级",
        "时限",
        "情绪：",
        "主题：",
    ):
        assert word in told


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["nonsense"], 2), (["schema", "nonsense"], 2), (["bulletin", "draft", "huiyao", "gestern"], 2)],
)
def test_misuse_is_2(arguments: list[str], code: int) -> None:
    assert huiyao(*arguments).returncode == code


def test_a_failure_is_1_with_one_clear_line(tmp_path: Path) -> None:
    result = huiyao("assess", "--district", str(tmp_path), stdin=b"")
    assert result.returncode == 1
    [line] = result.stderr.decode().strip().splitlines()
    assert "district.toml is missing" in line


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    assert b"Traceback" in huiyao("--debug", "assess", "--district", str(tmp_path)).stderr


def test_topics_and_schemas_are_printed() -> None:
    names = [entry["name"] for entry in json.loads(huiyao("topics", "--json").stdout)]
    assert {"reports.submitted", "items.assessed", "deadletter"} <= set(names)
    schema = json.loads(huiyao("schema", "assessment").stdout)
    assert "timeliness" in schema["properties"]


def test_status_of_nothing_is_not_ready(tmp_path: Path) -> None:
    result = huiyao("status", "--json", "--data-dir", str(tmp_path))
    assert result.returncode == 1
    status = json.loads(result.stdout)
    wanted = {"ready", "data_dir", "kafka", "elasticsearch", "desk", "topic_prefix", "api_key_file", "pids"}
    assert wanted <= status.keys()
    assert status["ready"] is False
    assert set(status["pids"]) == {"kafka", "elasticsearch", "worker", "producer", "desk"}


def test_every_command_has_help() -> None:
    for command in (
        "up down status worker desk assess explain topics schema rebuild audit erase check demo report feeds opinion "
        "bulletin deadletter desk-move"
    ).split():
        result = huiyao(command, "--help")
        assert (result.returncode, b"Usage" in result.stdout) == (0, True), command


def test_a_bad_rule_stops_the_run_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = build_judge(load_settings())

    def bad(items: Sequence[AssessInput]) -> list[AssessedItem | InvalidItem]:
        raise DistrictError("text_rules.tsv", 7, "regex: bad regular expression")

    monkeypatch.setattr(judge, "assess", bad)
    with pytest.raises(DistrictError, match=r"text_rules\.tsv:7"):
        list(assess_lines(judge, [jsonl(ITEM)]))


def test_a_text_on_which_judgement_fails_costs_its_own_line_only(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = build_judge(load_settings(second_reader=False))
    whole = judge.assess

    def assess(items: Sequence[AssessInput]) -> list[AssessedItem | InvalidItem]:
        if any("倒楣" in one.item.text for one in items):
            raise ValueError("no such figure")
        return whole(items)

    monkeypatch.setattr(judge, "assess", assess)
    texts = ("第一条：路灯不亮。", "倒楣的一条。", "第三条：路灯亮了。")
    first, second, third = assess_lines(judge, jsonl(*(ITEM | {"text": text} for text in texts)).splitlines())
    assert "category" in first
    assert "category" in third
    assert second["line"] == 2
    assert "no such figure" in second["error"]
