"""Discrete-time hazard of each cause of an end, on tenure × category cells.

1. Causes are independent given that the decision was reached (`risk`).
2. Leaving of her own will follows beta-discrete-Weibull in each course (`bdw`); failing to pay and
   other ends have one level in each course, and a step at the first renewal.
3. A factor's level moves the log-odds, the same way in every course and at every decision.
4. Courses are drawn towards each other, and levels towards none, by as much as their number and
   the data allow.

Every coordinate is standard normal a priori; `_SCALES` says what one unit of it means. A posterior
as wide as one is therefore what the prior said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from joren.churn.bdw import NUMBERS, logs, odds_formula
from joren.churn.risk import Categories, Cells, Places
from joren.stats.arrays import Array

if TYPE_CHECKING:
    import pymc as pm

# coordinate → centre, sd over clients, sd between courses
_SCALES = {
    "voluntary": {
        "mean": (np.log(0.15 / 0.85), 1.2, 0.5),  # logit of E[θ]
        "concentration": (np.log(5.0), 1.0, 0.5),  # log(a + b)
        "power": (0.0, 0.3, 0.15),  # log c
    },
    "other": {"level": (np.log(0.01), 1.5, 0.5), "first": (0.0, 0.5, 0.0)},
    "payment": {"level": (np.log(0.02), 1.5, 0.5), "first": (0.0, 0.5, 0.0)},
}
_FACTOR_SD = 0.5
_BLOCK = 2_000_000  # cells × draws at once


def shapes(cause: str) -> tuple[str, ...]:
    """The coordinates of a cause that all courses have in common."""
    return tuple(_SCALES[cause])


def coordinates(cause: str, categories: Categories) -> tuple[str, ...]:
    """The names of a cause's coordinates, in their order."""
    courses = categories.courses if len(categories.courses) > 1 else ()
    return (
        *_SCALES[cause],
        *(f"{shape}:{c}" for shape, s in _SCALES[cause].items() if s[2] for c in courses),
        *(f"{f}:{level}" for f in told_factors(categories) for level in categories.levels[f]),
    )


def log_odds(
    cause: str, theta: Any, places: Places, categories: Categories, maths: Any = NUMBERS
) -> Any:
    """Log-odds of ending by a cause at each place, given that the decision was reached.

    Parameters
    ----------
    theta : (n_coordinates, n_draws) standard-normal coordinates, numbers or a graph
    maths : NUMBERS or pytensor.tensor

    Returns
    -------
    (n_places, n_draws)
    """
    apart, spot = places.spots
    odds = baseline(cause, theta, apart, categories, maths)[spot]
    for factor in told_factors(categories):
        effects = factor_effects(cause, theta, factor, categories)
        odds = odds + effects[places.level[factor]]
    return odds


def baseline(
    cause: str, theta: Any, places: Places, categories: Categories, maths: Any = NUMBERS
) -> Any:
    """`log_odds` without the factors: what the course and the decision say."""
    names = {name: i for i, name in enumerate(coordinates(cause, categories))}
    shape = {
        name: _of_course(name, scale, theta, places, categories, names)
        for name, scale in _SCALES[cause].items()
    }
    if cause != "voluntary":
        return shape["level"] + shape["first"] * (places.decision == 1)[:, None]
    share = 1 / (1 + maths.exp(-shape["mean"]))
    concentration = maths.exp(shape["concentration"])
    # decisions that the commitment waives are nobody's; their places are never asked for
    t = np.maximum(places.decision - places.waived, 1.0)[:, None]
    a, b = share * concentration, (1 - share) * concentration
    return odds_formula(logs(t), logs(t - 1), a, b, maths.exp(shape["power"]), maths)


def told_factors(categories: Categories) -> list[str]:
    """The factors with more than one level: the others tell nothing apart."""
    return [factor for factor, levels in categories.levels.items() if len(levels) > 1]


def factor_effects(cause: str, theta: Any, factor: str, categories: Categories) -> Any:
    """What each level of a factor adds to the log-odds: (n_levels, n_draws)."""
    levels = categories.levels[factor]
    first = coordinates(cause, categories).index(f"{factor}:{levels[0]}")
    return _FACTOR_SD * theta[first : first + len(levels)]


def _of_course(
    name: str, scale: tuple[float, float, float], theta: Any, places: Places,
    categories: Categories, names: dict[str, int],
) -> Any:  # fmt: skip
    centre, sd, between = scale
    value = centre + sd * theta[names[name]][None, :]
    if not between or len(categories.courses) == 1:
        return value
    first = names[f"{name}:{categories.courses[0]}"]
    return value + between * theta[first + places.course]


def log_posterior(cause: str, cells: Cells, theta: Array) -> Array:
    """Log-density of draws of the coordinates, up to a constant; `build_model` in numbers.

    Parameters
    ----------
    theta : (n_draws, n_coordinates)

    Returns
    -------
    (n_draws,)
    """
    places, exposed, left = _seen(cause, cells)
    total = -0.5 * (theta**2).sum(axis=1)
    size = max(_BLOCK // max(len(left), 1), 1)
    for start in range(0, len(theta), size):
        block = slice(start, start + size)
        odds = log_odds(cause, theta[block].T, places, cells.categories)
        total[block] += left @ odds - exposed @ np.logaddexp(0.0, odds)
    return total


def _seen(cause: str, cells: Cells) -> tuple[Places, Array, Array]:
    """The cells in which somebody could end by the cause, how many could, and how many did."""
    exposed = cells.exposed(cause)
    at = exposed > 0
    return cells.places.take(at), exposed[at], cells.ends[cause][at]


def build_model(cause: str, cells: Cells) -> pm.Model:
    """The PyMC definition of one cause's hazard, its `coordinates` as one vector `theta`.

    Parameters
    ----------
    cause : one of CAUSES
    cells : counts by cell
    """
    import pymc as pm
    import pytensor.tensor as pt

    places, exposed, left = _seen(cause, cells)
    with pm.Model() as model:
        theta = pm.Normal("theta", 0, 1, shape=len(coordinates(cause, cells.categories)))
        odds = log_odds(cause, theta[:, None], places, cells.categories, pt)[:, 0]
        pm.Binomial("ends", exposed.astype(int), logit_p=odds, observed=left.astype(int))
    return model
