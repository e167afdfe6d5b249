"""Uplift: how much more a campaign does for one customer than for another.

1. Who was treated was decided at random, with one share for all.
2. Features are known before; one customer's treatment does not touch another's outcome.

T-learner: a model of the outcome in each arm, and their difference. DR-learner (Kennedy 2023): the
outcome's models are corrected by what each customer really did, φ = μ₁ − μ₀ + (A − e)/(e(1 − e)) ·
(Y − μ_A), and φ is learned. φ is linear in Y, so its mean in a cell is exact from the cell's sums.

Everything is cross-fitted: a cell's score comes from models that have not seen its fold, and the
φ they learned from come from models that have seen neither. Models are gradient boosted trees
(scikit-learn) on cells weighted by customers; `_PULL` customers without any effect are added to
every leaf, so that a leaf of few says little.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from threadpoolctl import threadpool_limits

from joren.errors import JorenError
from joren.experiments.feature_cells import FOLDS, Cells
from joren.stats.arrays import Array

Learner = Literal["t", "dr"]
LEAST_CUSTOMERS = 1000  # in the smaller arm; of fewer nothing but the mean effect can be told
_PULL = 300.0


@dataclass(frozen=True)
class Uplift:
    """A cross-fitted learner.

    Parameters
    ----------
    learner : t or dr
    scores : (k,) predicted uplift of the cells it was learned from, each by models that have not
        seen its fold
    models : one a fold; `predict` averages them for any cell
    """

    learner: Learner
    scores: Array
    models: tuple[Any, ...]

    def predict(self, codes: Array) -> Array:
        """(m,) uplift of cells by their codes, in the outcome's unit."""
        with threadpool_limits(1):
            return np.mean([_difference(model, codes) for model in self.models], axis=0)


def fit_uplift(cells: Cells, learner: Learner, seed: int) -> Uplift:
    """Learn uplift from a randomised test.

    Parameters
    ----------
    cells : from `feature_cells`
    learner : t or dr
    seed : of the trees

    Raises
    ------
    JorenError if an arm has too few customers
    """
    smaller = int(cells.n.sum(1).min())
    if smaller < LEAST_CUSTOMERS:
        raise JorenError(
            f"an arm has only {smaller} customers",
            "",
            f"wait until each arm has {LEAST_CUSTOMERS}; until then the mean effect holds for all",
        )
    # limits reach only libraries that are loaded
    import sklearn.ensemble  # noqa: F401

    fit = _t_models if learner == "t" else _dr_models
    scores = np.empty(len(cells.fold))
    # cells are few: threads would wait for each other longer than they work
    with threadpool_limits(1):
        models = fit(cells, seed)
        for fold, model in enumerate(models):
            own = cells.fold == fold
            if own.any():
                scores[own] = _difference(model, cells.codes[own])
    return Uplift(learner, scores, models)


def _difference(model: Any, codes: Array) -> Array:
    """A T-model is a pair (control, treated), a DR-model one model of the difference."""
    if isinstance(model, tuple):
        return model[1].predict(codes) - model[0].predict(codes)
    return model.predict(codes)


def _t_models(cells: Cells, seed: int) -> tuple[Any, ...]:
    return tuple(_arms(cells, cells.fold != fold, seed) for fold in range(FOLDS))


def _dr_models(cells: Cells, seed: int) -> tuple[Any, ...]:
    # nuisances that have seen neither of two folds serve both ways round
    nuisances = {
        pair: _arms(cells, ~np.isin(cells.fold, pair), seed)
        for pair in combinations(range(FOLDS), 2)
    }
    models = []
    for fold in range(FOLDS):
        phi = np.zeros(len(cells.fold))
        for other in range(FOLDS):
            own = cells.fold == other
            if other != fold and own.any():
                pair = (min(fold, other), max(fold, other))
                phi[own] = _doubly_robust(cells, own, nuisances[pair])
        seen = cells.fold != fold
        models.append(_boosted(cells.codes[seen], phi[seen], cells.customers[seen], seed))
    return tuple(models)


def _doubly_robust(cells: Cells, own: np.ndarray, arms: tuple[Any, Any]) -> Array:
    """Mean φ of each cell."""
    e = cells.share
    control, treated = (model.predict(cells.codes[own]) for model in arms)
    n, y = cells.n[:, own], cells.y[:, own]
    corrected = (y[1] - n[1] * treated) / e - (y[0] - n[0] * control) / (1 - e)
    return treated - control + corrected / n.sum(0)


def _arms(cells: Cells, seen: np.ndarray, seed: int) -> tuple[Any, Any]:
    models = []
    for arm in (0, 1):
        there = seen & (cells.n[arm] > 0)
        n = cells.n[arm, there]
        models.append(_boosted(cells.codes[there], cells.y[arm, there] / n, n, seed))
    return models[0], models[1]


def _boosted(codes: Array, target: Array, weight: Array, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    # a leaf's say is G/(H + λ) with H its customers; scikit-learn counts rows, that is cells,
    # where it limits a leaf's size, so the limit is left to λ
    model = HistGradientBoostingRegressor(
        max_iter=60, learning_rate=0.08, max_leaf_nodes=8, min_samples_leaf=1,
        l2_regularization=_PULL, early_stopping=False, random_state=seed,
    )  # fmt: skip
    return model.fit(codes, target, sample_weight=weight)
