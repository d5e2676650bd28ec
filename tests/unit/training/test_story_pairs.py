"""The trees as they are shipped say what scikit-learn's say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from processors.story_evidence import NAMES
from processors.story_model import PairModel
from training.stories.__main__ import RISING, Pairs, Settings, fit


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    draw = np.random.default_rng(7)
    rows = draw.normal(size=(240, len(NAMES))).round(1)
    same = rows[:, 0] + rows[:, 3] * rows[:, 7] + draw.normal(size=240) > 0.8
    return Pairs(rows, same, np.array(["A", "B"] * 120))


def test_chances_are_those_of_the_library(pairs: Pairs) -> None:
    settings = Settings(trees=8)
    chosen = pairs.hands == "A"
    model = PairModel.from_arrays(fit(pairs, chosen, settings))
    library = HistGradientBoostingClassifier(
        max_iter=8, max_leaf_nodes=settings.leaves, learning_rate=settings.rate,
        min_samples_leaf=settings.least_in_leaf, l2_regularization=settings.ridge, early_stopping=False,
        monotonic_cst=[int(name in RISING) for name in NAMES],
    ).fit(pairs.rows[chosen], pairs.same[chosen])  # fmt: skip
    wanted = library.predict_proba(pairs.rows)[:, 1]
    assert wanted.max() - wanted.min() > 0.1
    np.testing.assert_allclose(model.chances(pairs.rows.tolist()), wanted, rtol=1e-6)


def test_a_row_is_worth_the_same_alone(pairs: Pairs) -> None:
    model = PairModel.from_arrays(fit(pairs, pairs.hands == "A", Settings(trees=5)))
    together = model.chances(pairs.rows[:12].tolist())
    assert together.tolist() == [model.chances([row])[0] for row in pairs.rows[:12].tolist()]


def test_evidence_of_another_version_is_refused(pairs: Pairs) -> None:
    arrays = fit(pairs, pairs.hands == "A", Settings(trees=2))
    with pytest.raises(ValueError, match="make train"):
        PairModel.from_arrays(arrays | {"names": arrays["names"][:-1]})
