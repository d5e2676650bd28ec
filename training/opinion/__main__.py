"""Train tone and theme of public opinion: ``python -m training.opinion`` (seconds, deterministic).

Learns the weights of the words of lex_sentiment.tsv and watch_topics.tsv from posts of the gold (train and dev), of
training/category/items.jsonl, and of posts.tsv here (short posts written for training, never scored). Two
multinomial regressions over the words said, n-grams, the category, the event type; figures are by
leaving out one hand of the gold after the other, with the labelled category. Writes models/opinion with a manifest.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

from huiyao.districts import load_district
from huiyao.judges import load_arrays
from processors.document import Document
from processors.opinion import CATEGORIES, TITLE_FACTOR, TONES, load_themes, load_words, votes
from processors.opinion_grams import OpinionGrams
from processors.opinion_said import TAG, said
from processors.scan import ScannerBuilder
from schemas.item import Item
from schemas.vocab import Category, Lane
from tests.gold.load import ITEMS, load_gold
from training.category import fit
from training.category.__main__ import digest, save
from training.category.data import TABLES, WRITTEN, rows

ROOT = Path(__file__).resolve().parent.parent.parent
POSTS = Path(__file__).parent / "posts.tsv"
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Post:
    """One post with its labels. ``hand``: who wrote it (letter of the gid of the gold); what has none only teaches."""

    item: Item
    event: str
    tone: int
    theme: str | None
    category: str | None
    event_type: str | None
    emergency: bool
    hand: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen by cross-validation (docs/judgement/content.md)."""

    word_scale: float = 0.5
    vote_scale: float = 1.0
    event_scale: float = 2.0
    category_scale: float = 0.5
    """Low, so that words decide where the category is wrong."""
    table_scale: float = 0.5
    gram_scale: float = 4.0
    """Length of the n-grams of a post together."""
    gram_rarity: float = 0.5
    theme_strength: float = 2.0
    tone_strength: float = 1.0
    theme_margin: float = 0.5
    """Taken from the log-odds of no theme: a new hand names themes with words that training never saw."""


def posts() -> list[Post]:
    """Everything that is known, in a fixed order."""
    found = [_post(one.item, one.event, one.labels, one.gid.split("-")[0]) for one in load_gold("train", "dev")]
    records = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines() if line.strip()]
    found += [_post(one["item"], one["event"], one["labels"]) for one in records]
    found += [_post(item, name, labels) for table in TABLES for name, item, labels in rows(table)]
    for number, line in enumerate(POSTS.read_text("utf-8").splitlines()[1:]):
        tone, theme, text = line.split("\t")
        item = {"lane": "opinion", "source": "", "text": text, "published_at": "2026-05-05T09:00:00+08:00"}
        found.append(_post(item, f"post-{number}", {"sentiment": tone, "theme": theme or None}))
    return [one for one in found if one is not None]


def _post(item: dict[str, Any], event: str, labels: dict[str, Any], hand: str = "") -> Post | None:
    if item["lane"] != Lane.OPINION or not labels.get("sentiment"):
        return None
    return Post(
        Item.model_validate(item),
        event,
        [tone.value for tone in TONES].index(labels["sentiment"]),
        labels.get("theme"),
        labels.get("category"),
        labels.get("event_type"),
        bool(labels.get("is_emergency")),
        hand,
    )


class Trainer:
    """The words of one district."""

    def __init__(self, district: Path, settings: Settings, models: Path = ROOT / "models") -> None:
        tables = load_district(district).tables
        self.settings, self.themes = settings, load_themes(tables)
        self.words = load_words(tables, self.themes)
        builder = ScannerBuilder()
        builder.grouped(TAG, self.words.names)
        self.scanner = builder.build()
        shared = load_arrays(models / "category")
        self.vocabulary = {name: np.array(shared[name]) for name in ("slots", "checks", "vocabulary")}
        self.votes = votes(self.words, len(self.themes))
        self.columns = ["", *(theme.name for theme in self.themes)]

    def design(self, examples: Sequence[Post]) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Rows for the themes and for the tones."""
        text, title = (np.zeros((len(examples), len(self.words.names)), np.float32) for _ in range(2))
        other = np.zeros((len(examples), len(CATEGORIES) + len(self.themes) + 1), np.float32)
        for row, one in enumerate(examples):
            document = Document(one.item).in_chinese()
            words, head = said([document], [self.scanner.scan(document.norm)])
            text[row, words.word], title[row, head.word] = 1, 1
            if one.category:
                other[row, CATEGORIES.index(Category(one.category))] = self.settings.category_scale
            if one.emergency:
                other[row, -1] = 1
                for number, theme in enumerate(self.themes):
                    if one.event_type in theme.event_types:
                        other[row, len(CATEGORIES) + number] = self.settings.event_scale
        own, s = sparse.csr_matrix(text), self.settings
        voted = (text + title * (TITLE_FACTOR - 1)) @ self.votes * s.vote_scale
        parts = [own * s.word_scale, sparse.csr_matrix(title) * s.word_scale, sparse.csr_matrix(voted)]
        rest = sparse.csr_matrix(other)
        table = sparse.csr_matrix(text @ self.words.tones * s.table_scale)
        return sparse.hstack([*parts, rest]).tocsr(), sparse.hstack([own * s.word_scale, table, rest]).tocsr()

    def grams(self, examples: Sequence[Post]) -> tuple[sparse.csr_matrix, Array]:
        """N-grams of the category model by post, and the scale of each."""
        size = len(self.vocabulary["checks"])
        documents = [Document(one.item).in_chinese() for one in examples]
        said = OpinionGrams(self.vocabulary, np.zeros((size, 0), np.float32)).said(documents)
        numbers = np.array([len(features) for features in said])
        rows, columns = np.repeat(np.arange(len(said)), numbers), np.concatenate(said)
        counts = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(said), size))
        scales = self.settings.gram_scale * fit.rarity(counts, self.settings.gram_rarity)
        return sparse.diags(1 / np.sqrt(np.maximum(numbers, 1))) @ counts @ sparse.diags(scales), scales

    def fit(self, examples: Sequence[Post]) -> dict[str, Array]:
        """The arrays of the model folder; scales folded into the weights."""
        rows, tone_rows = self.design(examples)
        grams, scales = self.grams(examples)
        width, tone_width = rows.shape[1], tone_rows.shape[1]
        rows, tone_rows = (sparse.hstack([part, grams]).tocsr() for part in (rows, tone_rows))
        s, size, count = self.settings, len(self.words.names), len(self.themes)
        labels = np.array([self.columns.index(one.theme or "") for one in examples])
        theme = self._regression(rows, labels, len(self.columns), s.theme_strength)
        tone = self._regression(tone_rows, np.array([one.tone for one in examples]), len(TONES), s.tone_strength)
        text, title = theme[:size] * s.word_scale, theme[size : 2 * size] * s.word_scale
        voted = self.votes @ theme[2 * size : 2 * size + count] * s.vote_scale
        rest, tone_rest = theme[2 * size + count : width], tone[size + len(TONES) : tone_width]
        told = tone[:size] * s.word_scale + self.words.tones @ tone[size : size + len(TONES)] * s.table_scale
        theme[-1, 0] -= s.theme_margin
        split = len(CATEGORIES)
        both = np.hstack
        return {
            "words": np.array(self.words.names),
            "themes": np.array(self.columns[1:]),
            "text": both([told, text + voted]).astype(np.float16),
            "title": both([np.zeros((size, len(TONES))), title + voted * (TITLE_FACTOR - 1)]).astype(np.float16),
            "category": (both([tone_rest[:split], rest[:split]]) * s.category_scale).astype(np.float32),
            "event": (both([tone_rest[split:-1], rest[split:-1]]) * s.event_scale).astype(np.float32),
            "urgent": both([tone_rest[-1], rest[-1]]).astype(np.float32),
            "bias": both([tone[-1], theme[-1]]).astype(np.float32),
            **self.vocabulary,
            "grams": (both([tone[tone_width:-1], theme[width:-1]]) * scales[:, None]).astype(np.float16),
            "vote": np.array(np.diag(theme[2 * size : 2 * size + count][:, 1:]).mean() * s.vote_scale),
        }

    @staticmethod
    def _regression(rows: sparse.csr_matrix, labels: Array, classes: int, strength: float) -> Array:
        """Coefficients by class, the intercept last; a class without examples cannot win."""
        model = LogisticRegression(C=strength, max_iter=500, tol=1e-4).fit(rows, labels)
        weights = np.zeros((rows.shape[1] + 1, classes))
        weights[-1] = -10.0
        weights[:, model.classes_] = np.vstack([model.coef_.T, model.intercept_])
        return weights

    def predict(self, arrays: dict[str, Array], examples: Sequence[Post]) -> tuple[Array, Array]:
        """Tones and themes (numbers of ``columns``) that the product itself would give."""
        from processors.opinion import OpinionJudge

        judge = OpinionJudge(self.themes, self.words, arrays)
        documents = [Document(one.item).in_chinese() for one in examples]
        scans = [self.scanner.scan(each.norm) for each in documents]
        events = [_Known(one.emergency, one.event_type) for one in examples]
        categories = [Category(one.category) if one.category else None for one in examples]
        scores = judge.scores(documents, scans, events, categories)
        return scores[:, : len(TONES)].argmax(axis=1), scores[:, len(TONES) :].argmax(axis=1)

    def cross_validate(self, examples: Sequence[Post]) -> dict[str, dict[str, float]]:
        """Shares right of the gold's posts, each judged by a model that saw nothing of its hand nor of its event."""
        tones, themes = (np.zeros(len(examples), dtype=int) for _ in range(2))
        hands = np.array([one.hand for one in examples])
        for hand in sorted(set(hands) - {""}):
            unseen = np.flatnonzero(hands == hand)
            events = {examples[index].event for index in unseen}
            arrays = self.fit([one for one in examples if one.event not in events])
            tones[unseen], themes[unseen] = self.predict(arrays, [examples[index] for index in unseen])
        right = tones == np.array([one.tone for one in examples])
        same = themes == np.array([self.columns.index(one.theme or "") for one in examples])
        figures = {}
        for name in ["", *sorted(set(hands) - {""})]:
            rows = hands == name if name else hands != ""
            found = {"posts": rows.sum(), "tone": right[rows].mean(), "theme": same[rows].mean()}
            figures[f"unseen_hand_{name}".rstrip("_")] = {key: round(float(value), 4) for key, value in found.items()}
        return figures


@dataclass(frozen=True, slots=True)
class _Known:
    is_emergency: bool
    event_type: str | None
    sensitive: bool = False


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--district", type=Path, default=ROOT / "districts" / "zhanggong")
    parser.add_argument("--out", type=Path, default=ROOT / "models")
    arguments = parser.parse_args()
    trainer, examples = Trainer(arguments.district, Settings()), posts()
    figures = trainer.cross_validate(examples)
    print(json.dumps(figures, indent=1))
    save(
        arguments.out / "opinion",
        trainer.fit(examples),
        {
            "made_by": "python -m training.opinion",
            "data": {file.name: digest(file) for file in [*sorted(ITEMS.glob("*.jsonl")), WRITTEN, *TABLES, POSTS]},
            "posts": len(examples),
            "figures": figures,
        },
    )


if __name__ == "__main__":
    main()
