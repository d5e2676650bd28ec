"""Whether a change of speed changed a verdict: assessments of many texts as JSON lines, to compare byte for byte.

python -m tests.bench.same_verdicts before.jsonl                  # in the tree before the change
python -m tests.bench.same_verdicts after.jsonl --as before.jsonl  # in the tree after it; 1 where a line differs

Texts: gold train and dev (never test), passages of the corpora in all lanes, the same damaged, bench texts.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from processors.assess import Judge
from schemas.assessment import Origin
from schemas.item import Item
from streams.ports import AssessInput
from tests.bench.texts import items
from tests.gold.load import load_gold

CORPORA = Path("../shared/data/corpus")
PASSAGES = 2_000
DAMAGED = 2_000
LONGEST = 600
"""Characters of a passage: longer ones repeat what shorter ones show."""
BENCH = 1_000
BATCH = 256
SEED = 7
MOMENT = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
LANES = ("report", "media", "opinion")
_FIGURES = "0123456789一二三四五六七八九十百千万%年月日时人名户元件"


def texts() -> Iterator[Item]:
    """All items, the same in every tree that has the same gold."""
    for gold in load_gold("train", "dev"):
        yield Item.model_validate(gold.item)
    draw = random.Random(SEED)
    passages = list(_passages(draw))
    for number, passage in enumerate(passages):
        yield _item(f"passage-{number}", LANES[number % 3], passage)
    gold_texts = [gold.item["text"] for gold in load_gold("train", "dev")]
    for number in range(DAMAGED):
        yield _item(f"damaged-{number}", LANES[number % 3], _damaged(draw.choice(gold_texts), draw))
    yield from items(BENCH)


def _passages(draw: random.Random) -> Iterator[str]:
    """As many from each corpus; paragraphs one behind the other until there is something to read."""
    for name in ("government-reports.txt.xz", "laws.txt.xz"):
        with lzma.open(CORPORA / name, "rt", encoding="utf-8") as file:
            lines = [line.strip() for line in file if line.strip()]
        for start in draw.sample(range(len(lines) - 8), PASSAGES // 2):
            yield "".join(lines[start : start + 1 + start % 8])[:LONGEST]


def _damaged(text: str, draw: random.Random) -> str:
    """Figures changed, signs lost or doubled, sentences in another order: what makes checks speak."""
    sentences = text.split("。")
    if draw.random() < 0.3:
        draw.shuffle(sentences)
    signs = list("。".join(sentences))
    for place, sign in enumerate(signs):
        if sign in _FIGURES and draw.random() < 0.2:
            signs[place] = draw.choice(_FIGURES)
        elif draw.random() < 0.02:
            signs[place] = draw.choice(("", sign * 2, "，", "；", "（", "）", "\n", "“", " ", "％", "～"))
    return "".join(signs) or text


def _item(name: str, lane: str, text: str) -> Item:
    title, _, rest = text.partition("。") if len(text) % 2 else ("", "", text)
    title = title[:60] if rest else ""
    source = "U034" if lane == "report" else "台架"
    return Item(id=name, lane=lane, source=source, title=title, text=rest or text, published_at=MOMENT)


def lines(judge: Judge) -> Iterator[str]:
    """One JSON line an item, without the version of the rules; batches as they come."""
    batch: list[AssessInput] = []
    every = [AssessInput(item, MOMENT, Origin(topic="", partition=0, offset=0)) for item in texts()]
    for start in range(0, len(every), BATCH):
        batch = every[start : start + BATCH]
        for asked, judged in zip(batch, judge.assess(batch), strict=True):
            if isinstance(judged, Exception):
                yield json.dumps({"id": asked.item.id, "error": str(judged)}, ensure_ascii=False)
                continue
            told = judged.model_dump(mode="json")
            told["assessment"].pop("rules_version")
            yield json.dumps(told, ensure_ascii=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--as", dest="before", type=Path, help="what another tree wrote")
    arguments = parser.parse_args()
    made = list(lines(build_judge(load_settings())))
    arguments.out.write_text("\n".join(made) + "\n", encoding="utf-8")
    print(f"{len(made)} items")
    if arguments.before is None:
        return 0
    known = arguments.before.read_text("utf-8").split("\n")[:-1]
    differ = [number for number, pair in enumerate(zip_longest(known, made)) if pair[0] != pair[1]]
    print(f"{len(differ)} differ {[number + 1 for number in differ[:20]]}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
