"""What points do to revenue: IFRS 15 / 収益認識 allocation, its progress and journal lines.

1. Points that come with a sale are an obligation of their own. The price of the sale is allocated
   to goods and points by their stand-alone selling prices; that of a point is its value times the
   share expected to be used. The points' part is a contract liability.
2. It becomes revenue as points are used: cumulatively in proportion to points used over points
   expected to be used in all, by the latest estimate; a changed estimate is caught up at once. A
   cohort of which nothing is outstanding or expected any more is recognised in full.
3. Points given without a sale allocate no price; what they are expected to cost is a provision.

All amounts are `Decimal`s. Cumulative amounts are rounded half up to the currency's smallest unit
and movements are their differences, so that they add up to the unit.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from joren.errors import JorenError

PROVISION = "provision"
_SCALE = Decimal("0.000001")  # of points, where an expectation comes as a float
# account keys in `text/*/liability.yaml`
SALES, CONTRACT = "liability.account.sales", "liability.account.contract"
EXPENSE, PROVISIONS = "liability.account.expense", "liability.account.provision"


@dataclass(frozen=True)
class Line:
    """One line of a journal: the same amount on both sides, which balances it."""

    date: date
    debit: str
    credit: str
    amount: Decimal
    memo: str
    cohort: str


def exact(number: float | int | str | Decimal) -> Decimal:
    """The number as it is written, in decimals."""
    return number if isinstance(number, Decimal) else Decimal(str(number))


def in_units(amount: Decimal, unit: Decimal = Decimal(1)) -> Decimal:
    """The amount in whole units of currency, half a unit up."""
    return (amount / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def allocate(
    sales: Decimal, expected_points: Decimal, value_per_point: Decimal, unit: Decimal = Decimal(1)
) -> tuple[Decimal, Decimal]:
    """The price of sales, allocated to goods and points by relative stand-alone selling price.

    Parameters
    ----------
    sales : what was paid, which is the goods' stand-alone selling price too
    expected_points : of the points granted, those expected to be used
    value_per_point : what a used point takes off a price
    unit : smallest unit of the currency

    Returns
    -------
    goods and points, which add up to `sales`

    Raises
    ------
    JorenError if sales, points or value are negative
    """
    if min(sales, expected_points, value_per_point) < 0:
        raise JorenError(
            "sales, points and their value cannot be negative", "points", "net refunds first"
        )
    price = expected_points * value_per_point
    points = in_units(sales * price / (sales + price), unit) if price else Decimal(0)
    return sales - points, points


def recognised(
    allocated: Decimal, used: Decimal | int, expected_in_all: Decimal | int,
    unit: Decimal = Decimal(1),
) -> Decimal:  # fmt: skip
    """Cumulative revenue of points.

    Parameters
    ----------
    allocated : to the points at the sale
    used, expected_in_all : points used so far, and those that will have been in the end; where
        both are 0 nothing is owed any more
    """
    if expected_in_all <= 0:
        return allocated
    share = min(max(exact(used) / exact(expected_in_all), Decimal(0)), Decimal(1))
    return min(in_units(allocated * share, unit), allocated)


def positions(
    progress: pd.DataFrame, unit: Decimal = Decimal(1), posted: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What stands in the books for each month and cohort.

    Parameters
    ----------
    progress : month, cohort (dates), sales (Decimal, of that cohort's month), tied (points granted
        with a sale), granted, used (cumulative), ahead (points expected to be used after the
        month), value (Decimal, of a point); one row per cohort and month from its own on
    posted : what earlier runs have published, as returned; it stands, and only later months are
        added to it

    Returns
    -------
    month, cohort (`YYYY-MM`, or PROVISION), allocated, recognised; for PROVISION `recognised` is
    the provision
    """
    rows, allocated, provisions = [], {}, {}
    if posted is not None and len(posted):
        progress = progress[progress.month > posted.month.max()]
        allocated = dict(zip(posted.cohort, posted.allocated, strict=True))
    for row in progress.sort_values(["cohort", "month"]).itertuples():
        ahead = exact(row.ahead).quantize(_SCALE) if row.ahead else Decimal(0)
        in_all = row.used + ahead
        tied = Decimal(int(row.tied)) / int(row.granted) if row.granted else Decimal(0)
        cohort = f"{row.cohort:%Y-%m}"
        if cohort not in allocated:
            expected = max(in_all, Decimal(0)) * tied
            allocated[cohort] = allocate(row.sales, expected, row.value, unit)[1]
        found = recognised(allocated[cohort], row.used, in_all, unit)
        rows.append((row.month, cohort, allocated[cohort], found))
        untied = (1 - tied) * ahead * row.value
        provisions[row.month] = provisions.get(row.month, Decimal(0)) + untied
    rows += [(m, PROVISION, Decimal(0), in_units(p, unit)) for m, p in provisions.items()]
    frame = pd.DataFrame(rows, columns=["month", "cohort", "allocated", "recognised"])
    if posted is not None and len(posted):
        frame = pd.concat([posted[frame.columns], frame]) if len(frame) else posted[frame.columns]
    return frame.sort_values(["month", "cohort"], ignore_index=True)


def journal(books: pd.DataFrame) -> list[Line]:
    """The lines that take the books from month to month.

    Parameters
    ----------
    books : from `positions`; a cohort's months follow each other

    Returns
    -------
    lines by month and cohort; accounts and memo are text keys
    """
    lines = []
    for cohort, rows in books.sort_values(["cohort", "month"]).groupby("cohort", sort=True):
        allocated = done = Decimal(0)
        for row in rows.itertuples():
            more, moved = row.allocated - allocated, row.recognised - done
            allocated, done = row.allocated, row.recognised
            if cohort == PROVISION:
                lines += _line(row.month, EXPENSE, PROVISIONS, moved, "provided", cohort)
            else:
                lines += _line(row.month, SALES, CONTRACT, more, "allocated", cohort)
                lines += _line(row.month, CONTRACT, SALES, moved, "recognised", cohort)
    return sorted(lines, key=lambda line: (line.date, line.cohort))


def _line(
    month: date, debit: str, credit: str, amount: Decimal, why: str, cohort: str
) -> list[Line]:
    if amount < 0:
        debit, credit = credit, debit
    day = month.replace(day=monthrange(month.year, month.month)[1])
    memo = f"liability.memo.{why}"
    return [Line(day, debit, credit, abs(amount), memo, cohort)] if amount else []


def account_balances(lines: Iterable[Line]) -> dict[str, Decimal]:
    """Debits less credits of every account; they add up to 0."""
    found: dict[str, Decimal] = {}
    for line in lines:
        found[line.debit] = found.get(line.debit, Decimal(0)) + line.amount
        found[line.credit] = found.get(line.credit, Decimal(0)) - line.amount
    return found
