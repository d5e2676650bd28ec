"""Speed of wording judgement: milliseconds an item of 465 characters, in batches of 500 and single. `make bench`.

Processor time, not wall time: the machine is shared.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from processors.tables import parse_table
from processors.wording import ARRAYS, Genre, WordingModel, WordingRules, judge_wording

ROOT = Path(__file__).parents[2]
LENGTH = 465
BATCH = 500
SINGLES = 100
PARAGRAPH = (
    "区应急管理局联合水西镇开展汛前隐患排查，出动工作人员46人次，检查山塘水库12座、地质灾害点8处，发现问题5个，已全部建立台账并明确整改责任人。"
    "会议要求，各镇街要压实属地责任，加强值班值守，及时发布预警信息，做好群众转移避险各项准备，确保人民群众生命财产安全。"
    "截至目前，全区共清理排水管网3.2公里，疏通雨水井260余个，储备编织袋1.5万条，组建应急抢险队伍9支218人。"
)  # fmt: skip


def _items() -> list[str]:
    long = PARAGRAPH * 8
    return [long[k % len(PARAGRAPH) :][:LENGTH] for k in range(0, 7 * BATCH, 7)]


@pytest.mark.bench
def test_milliseconds_an_item() -> None:
    folder = ROOT / "models" / "wording"
    begin = time.process_time()
    model = WordingModel.from_arrays({name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS})
    print(f"\nmodel loaded in {1000 * (time.process_time() - begin):.0f} ms")
    district = ROOT / "districts" / "zhanggong"
    tables = [
        parse_table(f"{n}.tsv", (district / f"{n}.tsv").read_text(encoding="utf-8")) for n in ("typos", "text_rules")
    ]
    rules = WordingRules.compile(*tables)
    items = _items()
    judge_wording(items, model, rules)
    for genre in Genre:
        begin = time.process_time()
        found = judge_wording(items, model, rules, genre=genre)
        batch = 1000 * (time.process_time() - begin) / BATCH
        begin = time.process_time()
        for item in items[:SINGLES]:
            judge_wording([item], model, rules, genre=genre)
        single = 1000 * (time.process_time() - begin) / SINGLES
        print(f"{genre}: {batch:.3f} ms an item in batches of {BATCH}, {single:.2f} ms single")
        assert len(found) == BATCH
