"""What arms do in each segment, learned together: the model's parts, their priors and definition.

An outcome has one part (a rate, or the mean of anything) or two (who buys at all, and how much the
buyers spend). In each part, with s a segment and k an arm, 0 being the control:

1. η_sk = base_s + effect_sk, effect_s0 = 0: the log-odds of a rate, the log mean of what buyers
   spend, or a mean itself in units of the mean of all.
2. base_s ~ N(μ, σ²), effect_sk ~ N(m_k, τ²): segments resemble each other as far as the data say,
   and the effects of all arms vary between segments alike.
3. Buyers' spend is gamma with one shape in all cells: n, Σx and Σ ln x are all it asks of them.
   Where spend varies more than such a gamma does, buyers count for as many fewer (a likelihood to a
   power below one), or intervals would be too narrow by that.

Amounts enter as multiples of their mean. Priors are of ratios, therefore, and neither yen nor
dollars change a relative result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import expit, gammaln

from joren.stats.arrays import Array
from joren.stats.moments import Moments, merged

if TYPE_CHECKING:
    import pymc as pm

Kind = Literal["rate", "size", "mean"]
SHAPE_PRIOR = (log(2.0), 1.2)  # normal, of the logarithm of the gamma's shape
DATA: dict[Kind, tuple[str, ...]] = {
    "rate": ("n", "total"),
    "size": ("n", "total", "extra"),
    "mean": ("total", "extra"),
}
_BORROWED = 10  # customers' worth of what is believed beforehand in a variance


@dataclass(frozen=True)
class Prior:
    """centre, spread : of μ; arm : sd of m_k; between, effect : half-normal scales of σ and τ."""

    centre: float
    spread: float
    arm: float
    between: float
    effect: float


PRIORS: dict[Kind, Prior] = {
    "rate": Prior(-3.5, 2.5, 0.7, 0.75, 0.3),
    "size": Prior(0.0, 1.0, 0.3, 0.5, 0.15),
    "mean": Prior(1.0, 1.0, 0.5, 0.75, 0.3),
}


@dataclass(frozen=True)
class Part:
    """One part of an outcome, (n_segments, n_arms) each, the control first.

    n : customers (rate, mean) or buyers (size), for as many as they count
    total : who answered (rate), Σx (size) or mean (mean), in units
    extra : Σ ln x (size) or 1 / se² of the mean (mean), in units; else 0
    unit : currency in a unit
    """

    kind: Kind
    n: Array
    total: Array
    extra: Array
    unit: float = 1.0

    def value(self, eta: Array) -> Array:
        """From η to the rate, or to the mean in currency."""
        if self.kind == "rate":
            return expit(eta)
        return self.unit * (np.exp(eta) if self.kind == "size" else eta)


def rate_part(cells: list[list[Moments]]) -> Part:
    """Who answered, or bought at all; cells by segment and arm."""
    n = _table(cells, lambda m: m.n)
    return Part("rate", n, _table(cells, lambda m: m.positive), np.zeros_like(n))


def size_part(cells: list[list[Moments]]) -> Part:
    """How much those who bought spent."""
    everybody = merged(m for row in cells for m in row)
    unit = float(everybody.positive_total) / everybody.positive if everybody.positive else 1.0
    n = _table(cells, lambda m: m.positive)
    total = _table(cells, lambda m: m.positive_total) / unit
    logs = _table(cells, lambda m: m.log_total) - n * log(unit)
    squares = _table(cells, lambda m: m.squares) / unit**2
    counts = _counts_for(n, total, logs, squares)
    return Part("size", counts * n, counts * total, counts * logs, unit)


def _counts_for(n: Array, total: Array, logs: Array, squares: Array) -> float:
    """How many buyers of a gamma say as much of a mean as one of these does: at most one.

    The squared coefficient of variation that the gamma of their logarithms has, over the one found;
    both within cells. Few buyers are taken to be of a gamma.
    """
    some = n > 1
    df = float((n[some] - 1).sum())
    if not df:
        return 1.0
    mean = total[some] / n[some]
    found = float(((squares[some] - n[some] * mean**2) / mean**2).sum()) / df
    gap = float((n[some] * np.log(mean) - logs[some]).sum()) / df  # ln of the mean, less mean ln
    if gap <= 0 or found <= 0:
        return 1.0
    # the shape of largest likelihood, to 1.5 % (Minka 2002)
    shape = (3 - gap + ((gap - 3) ** 2 + 24 * gap) ** 0.5) / (12 * gap)
    share = min(1 / (shape * found), 1.0)
    return (df * share + _BORROWED) / (df + _BORROWED)


def mean_part(cells: list[list[Moments]]) -> Part:
    """The mean of an outcome of any sign, whose cells' means are taken to be normal.

    The variance of a cell is that within its segment, arms together, drawn towards all segments'.
    The unit is the mean of all, or a tenth of its standard deviation where that is more.
    """
    df = _table(cells, lambda m: max(m.n - 1, 0))
    squares = df * _table(cells, lambda m: m.variance() if m.n > 1 else 0.0)
    overall = squares.sum() / max(df.sum(), 1.0)
    within = (squares.sum(axis=1) + _BORROWED * overall) / (df.sum(axis=1) + _BORROWED)
    everybody = merged(m for row in cells for m in row)
    unit = max(abs(everybody.mean()), overall**0.5 / 10) if everybody.n else 0.0
    unit = unit or 1.0
    # no variance at all would be certainty
    se2 = np.maximum(within, 1e-12 * unit**2)[:, None] / unit**2
    n, mean = _table(cells, lambda m: m.n), _table(cells, lambda m: m.mean() if m.n else 0.0)
    return Part("mean", n, mean / unit, n / se2, unit)


def log_likelihood(part: Part, eta: Array, shape: Array | None) -> tuple[Array, Array, Array]:
    """Log-likelihood with its slope and (negative) curvature in η.

    Parameters
    ----------
    eta : (m, n_segments, n_arms)
    shape : (m,) of the gamma, of part `size` only

    Returns
    -------
    (m,) up to a constant; (m, n_segments, n_arms); the same, not negative
    """
    if part.kind == "rate":
        p = expit(eta)
        value = part.total * eta - part.n * np.logaddexp(0.0, eta)
        return value.sum((1, 2)), part.total - part.n * p, part.n * p * (1 - p)
    if part.kind == "mean":
        gap = part.total - eta
        value = -0.5 * part.extra * gap**2
        return value.sum((1, 2)), part.extra * gap, np.broadcast_to(part.extra, eta.shape)
    a = shape[:, None, None]
    fall = a * np.exp(-eta) * part.total
    value = part.n * (a * np.log(a) - a * eta - gammaln(a)) + (a - 1) * part.extra - fall
    return value.sum((1, 2)), fall - part.n * a, fall


def build_model(part: Part) -> pm.Model:
    """The PyMC definition; its data, `DATA`, may be set anew.

    Non-centred, since segments may say little. `eta` (n_segments, n_arms) is what effects are made
    of; `sigma` and `tau` say how far segments differ in level and in effect.
    """
    import pymc as pm
    import pytensor.tensor as pt

    prior, (segments, arms) = PRIORS[part.kind], part.n.shape
    with pm.Model() as model:
        data = {name: pm.Data(name, getattr(part, name)) for name in DATA[part.kind]}
        mu = pm.Normal("mu", prior.centre, prior.spread)
        m = pm.Normal("m", 0, prior.arm, shape=arms - 1)
        sigma, tau = pm.HalfNormal("sigma", prior.between), pm.HalfNormal("tau", prior.effect)
        base = mu + sigma * pm.Normal("z_base", 0, 1, shape=segments)
        effect = m + tau * pm.Normal("z_effect", 0, 1, shape=(segments, arms - 1))
        changes = pt.concatenate([pt.zeros((segments, 1)), effect], axis=1)
        eta = pm.Deterministic("eta", base[:, None] + changes)
        pm.Potential("cells", _likelihood(part.kind, eta, **data).sum())
    return model


def _likelihood(kind: Kind, eta: Any, total: Any, n: Any = None, extra: Any = None) -> Any:
    """`log_likelihood` of each cell as a graph."""
    import pymc as pm
    import pytensor.tensor as pt

    if kind == "rate":
        return total * eta - n * pt.softplus(eta)
    if kind == "mean":
        return -0.5 * extra * (total - eta) ** 2
    a = pt.exp(pm.Normal("log_shape", *SHAPE_PRIOR))
    shared = n * (a * pt.log(a) - a * eta - pt.gammaln(a)) + (a - 1) * extra
    return shared - a * pt.exp(-eta) * total


def _table(cells: list[list[Moments]], of: Callable[[Moments], float]) -> Array:
    return np.array([[float(of(m)) for m in row] for row in cells])
