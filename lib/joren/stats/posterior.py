"""Weighted posterior draws, with what is known about their quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from joren.stats.arrays import Array

LARGEST_R_HAT = 1.01
SMALLEST_ESS = 400
LARGEST_K_HAT = 0.7


@dataclass(frozen=True)
class Posterior:
    """Weighted posterior draws of a model's parameters, with what is known about their quality.

    draws : (n_draws, n_parameters); weights : (n_draws,) summing to 1
    ess_bulk : (n_parameters,); r_hat : (n_parameters,) or None with `laplace`
    divergences : None with `laplace`; k_hat : None with `nuts`
    rejected_k_hat : k̂ of the laplace attempt that `auto` gave up, else None
    """

    parameters: tuple[str, ...]
    draws: Array
    weights: Array
    method: Literal["laplace", "nuts"]
    ess_bulk: Array
    r_hat: Array | None = None
    divergences: int | None = None
    k_hat: float | None = None
    rejected_k_hat: float | None = None

    def mean(self) -> Array:
        """(n_parameters,) posterior means."""
        return self.weights @ self.draws

    def sd(self) -> Array:
        """(n_parameters,) posterior standard deviations."""
        return np.sqrt(self.weights @ (self.draws - self.mean()) ** 2)

    def quantile(self, level: float) -> Array:
        """(n_parameters,) posterior quantiles."""
        return np.array([_weighted_quantile(d, self.weights, level) for d in self.draws.T])

    def equally_weighted(self, size: int) -> Array:
        """(size, n_parameters) draws of equal weight, by systematic resampling (no randomness)."""
        cumulative = np.cumsum(self.weights)
        picks = np.searchsorted(cumulative / cumulative[-1], (np.arange(size) + 0.5) / size)
        return self.draws[np.minimum(picks, len(self.draws) - 1)]

    def columns(self, places: Sequence[int], names: Sequence[str]) -> Posterior:
        """The posterior of some of the parameters alone, under names of their own."""
        r_hat = None if self.r_hat is None else self.r_hat[places]
        return replace(
            self,
            parameters=tuple(names),
            draws=self.draws[:, places],
            ess_bulk=self.ess_bulk[places],
            r_hat=r_hat,
        )

    def problems(self) -> list[str]:
        """The diagnostics that miss their threshold: `k_hat`, `r_hat`, `ess`, `divergences`."""
        failing = {
            "k_hat": self.k_hat is not None and not self.k_hat <= LARGEST_K_HAT,
            "r_hat": self.r_hat is not None and not self.r_hat.max() < LARGEST_R_HAT,
            "ess": not self.ess_bulk.min() > SMALLEST_ESS,
            "divergences": bool(self.divergences),
        }
        return [name for name, fails in failing.items() if fails]


def as_columns(names: Sequence[str], values: Sequence[np.ndarray]) -> tuple[tuple[str, ...], Array]:
    """One column per scalar: a vector `r` becomes `r[0]`, `r[1]`, …"""
    columns = [np.reshape(v, (len(v), -1)) for v in values]
    labels = [
        name if np.ndim(v) == 1 else f"{name}[{i}]"
        for name, v, c in zip(names, values, columns, strict=True)
        for i in range(c.shape[1])
    ]
    return tuple(labels), np.hstack(columns)


def _weighted_quantile(values: Array, weights: Array, level: float) -> float:
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order])
    return float(values[order][min(np.searchsorted(cumulative, level), len(values) - 1)])
