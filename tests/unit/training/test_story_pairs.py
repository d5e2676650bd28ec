"""The trees as they are shipped say what scikit-learn's say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from processors.story_evidence import NAMES
from processors.story_model import PairModel
from processors.story_weights import Weights
from training.stories.__main__ import FALLING, RISING, Pairs, Settings, fit

WEIGHTS = Weights({"冰雹": 0.75, "雹": 0.5})


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    draw = np.random.default_rng(7)
    rows = draw.normal(size=(240, len(NAMES))).round(1)
    same = rows[:, 0] + rows[:, 3] * rows[:, 7] + draw.normal(size=240) > 0.8
    return Pairs(rows, same, np.array(["A", "B"] * 120))


def test_chances_are_those_of_the_library(pairs: Pairs) -> None:
    settings = Settings(trees=8, least_in_leaf=20)
    chosen = pairs.hands == "A"
    model = PairModel.from_arrays(fit(pairs, chosen, settings, WEIGHTS))
    library = HistGradientBoostingClassifier(
        max_iter=8, max_leaf_nodes=settings.leaves, learning_rate=settings.rate,
        min_samples_leaf=settings.least_in_leaf, l2_regularization=settings.ridge, early_stopping=False,
        monotonic_cst=[(name in RISING) - (name in FALLING) for name in NAMES],
    ).fit(pairs.rows[chosen], pairs.same[chosen])  # fmt: skip
    wanted = library.predict_proba(pairs.rows)[:, 1]
    assert wanted.max() - wanted.min() > 0.1
    np.testing.assert_allclose(model.chances(pairs.rows.tolist()), wanted, rtol=1e-6)


def test_a_row_is_worth_the_same_alone(pairs: Pairs) -> None:
    model = PairModel.from_arrays(fit(pairs, pairs.hands == "A", Settings(trees=5, least_in_leaf=20), WEIGHTS))
    together = model.chances(pairs.rows[:12].tolist())
    assert together.tolist() == [model.chances([row])[0] for row in pairs.rows[:12].tolist()]


def test_evidence_of_another_version_is_refused(pairs: Pairs) -> None:
    arrays = fit(pairs, pairs.hands == "A", Settings(trees=2), WEIGHTS)
    with pytest.raises(ValueError, match="make train"):
        PairModel.from_arrays(arrays | {"names": arrays["names"][:-1]})


def test_weights_are_read_back_and_the_unknown_is_worth_most(pairs: Pairs) -> None:
    model = PairModel.from_arrays(fit(pairs, pairs.hands == "A", Settings(trees=2), WEIGHTS))
    assert (model.weights.of("冰雹"), model.weights.of("雹"), model.weights.of("鹮")) == (0.75, 0.5, 1.0)
    assert model.weights.total(["雹", "冰雹"]) == (1.25, 0.75)
    assert model.weights.total([]) == (0.0, 0.0)
