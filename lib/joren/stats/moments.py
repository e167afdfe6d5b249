"""Sums of an outcome over the customers of a group: all that effects and their intervals need.

Sums of whole numbers and decimals stay exact, also when groups are merged; nothing is rounded
before a variance is asked for. (n·Σx² − (Σx)² in floats loses every digit where amounts are large
and alike; here it is taken from exact fractions.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from fractions import Fraction

Number = int | float | Decimal


@dataclass(frozen=True)
class Moments:
    """Sums over n customers of an outcome x and, for CUPED, of a covariate y known before.

    total, squares : Σx, Σx²
    positive, positive_total, log_total : number of x > 0, and their Σx and Σ ln x (natural)
    covariate, covariate_squares, product : Σy, Σy², Σxy
    """

    n: int
    total: Number = 0
    squares: Number = 0
    positive: int = 0
    positive_total: Number = 0
    log_total: float = 0.0
    covariate: Number = 0
    covariate_squares: Number = 0
    product: Number = 0

    def __add__(self, other: Moments) -> Moments:
        """The moments of both groups together."""
        mine, theirs = asdict(self), asdict(other)
        return Moments(**{name: _sum(mine[name], theirs[name]) for name in mine})

    def mean(self) -> float:
        """Mean outcome of a customer; NaN of nobody."""
        return float(Fraction(self.total) / self.n) if self.n else float("nan")

    def variance(self) -> float:
        """Variance of the outcome between customers (n − 1); NaN of fewer than two."""
        return _spread(self.n, self.total, self.total, self.squares)

    def covariate_mean(self) -> float:
        """Mean covariate of a customer; NaN of nobody."""
        return float(Fraction(self.covariate) / self.n) if self.n else float("nan")

    def covariate_variance(self) -> float:
        """Variance of the covariate (n − 1)."""
        return _spread(self.n, self.covariate, self.covariate, self.covariate_squares)

    def covariance(self) -> float:
        """Covariance of outcome and covariate (n − 1)."""
        return _spread(self.n, self.total, self.covariate, self.product)

    def only_positive_or_nothing(self) -> bool:
        """Whether no outcome is negative: what is not positive adds nothing to the total."""
        return abs(float(Fraction(self.total) - Fraction(self.positive_total))) <= 1e-9 * abs(
            float(self.positive_total)
        )

    def record(self) -> dict[str, Number]:
        """As a plain record, one entry a sum."""
        return asdict(self)


def from_record(record: Mapping[str, Number | None]) -> Moments:
    """Moments from a record of sums, such as a row that an engine aggregated.

    Entries of other names are passed over; a sum that is missing or null (of no rows) is 0.
    """
    given = {f.name: record.get(f.name) for f in fields(Moments)}
    return Moments(**{name: 0 if value is None else value for name, value in given.items()})


def of_counts(n: int, successes: int) -> Moments:
    """Moments of an outcome that is 1 for `successes` of n customers and else 0."""
    return Moments(n, successes, successes, successes, successes, 0.0)


def merged(groups: Iterable[Moments]) -> Moments:
    """The moments of all groups together; of none, those of nobody."""
    return sum(groups, Moments(0))


def _sum(a: Number, b: Number) -> Number:
    if isinstance(a, float) != isinstance(b, float):
        return float(a) + float(b)  # a decimal cannot be added to a float
    return a + b


def _spread(n: int, total: Number, other: Number, product: Number) -> float:
    if n < 2:
        return float("nan")
    return float((Fraction(product) - Fraction(total) * Fraction(other) / n) / (n - 1))
