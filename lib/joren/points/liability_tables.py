"""What the page on the liability shows, as small tables: the cohorts, the fan, the journal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from joren.contract import MONEY
from joren.points.liability import Valuation, as_date
from joren.points.revenue import Line
from joren.points.triangle import Triangle
from joren.text import render

COHORTS_SHOWN = 12
_MONEY = pa.decimal128(*(int(part) for part in MONEY[8:-1].split(",")))


def used_shares(found: dict[str, Triangle]) -> pd.DataFrame:
    """Share of each cohort's points used up to each age it has come to: cohort, age, used_share."""
    cohorts = next(iter(found.values())).cohorts
    used = sum(of.cumulative() for of in found.values())
    granted = sum(of.granted for of in found.values())
    row, age = np.nonzero(~np.isnan(used) & (granted > 0)[:, None])
    return pd.DataFrame({
        "cohort": cohorts[row].astype("datetime64[s]"), "age": age,
        "used_share": used[row, age] / granted[row],
    })  # fmt: skip


def final_shares(found: dict[str, Triangle], now: Valuation, longest: int) -> pd.DataFrame:
    """Share of each living cohort's points used in the end.

    Parameters
    ----------
    longest : age at which the shares are drawn

    Returns
    -------
    cohort, age, used_share, lower, upper
    """
    used = sum(of.used.sum(axis=1) for of in found.values())
    granted = np.maximum(sum(of.granted for of in found.values()), 1)
    live = now.outstanding > 0
    shares = {
        name: ((used + part) / granted)[live]
        for name, part in (
            ("used_share", now.expected), ("lower", now.lower), ("upper", now.upper),
        )
    }  # fmt: skip
    place = np.arange(len(granted))[::-1][live]
    # apart by age, so that whiskers of neighbours do not cover each other
    age = longest + 1 - 0.35 * place
    return pd.DataFrame({"cohort": now.cohorts[live].astype("datetime64[s]"), "age": age} | shares)


def with_sales(progress: pd.DataFrame, sales: pd.DataFrame, value: Decimal) -> pd.DataFrame:
    """The progress of cohorts with the sales their points came with; see `revenue.positions`.

    Parameters
    ----------
    progress : from `liability.progress`
    sales : month (date), sales, tied
    value : of a point
    """
    of = {pd.Timestamp(row.month).date(): row for row in sales.itertuples()}
    paid = [of[c].sales if c in of else Decimal(0) for c in progress.cohort]
    tied = [int(of[c].tied) if c in of else 0 for c in progress.cohort]
    # points moved or given back open lots in months of their own: never more than was granted
    tied = np.minimum(tied, progress.granted.to_numpy())
    return progress.assign(sales=paid, tied=tied, value=value)


def posted_books(log: ir.Table | None, last: date) -> pd.DataFrame | None:
    """What earlier runs posted up to a month, as `revenue.positions` takes it; None if nothing.

    Parameters
    ----------
    log : the state log `point_revenue`
    """
    if log is None:
        return None
    rows = log.filter(log.month <= ibis.literal(last)).to_pyarrow().to_pylist()
    return pd.DataFrame(rows, dtype=object) if rows else None


def new_books(books: pd.DataFrame, posted: pd.DataFrame | None) -> pd.DataFrame:
    """The rows of the books that no earlier run has posted."""
    return books if posted is None else books[books.month > posted.month.max()]


def books_table(books: pd.DataFrame) -> pa.Table:
    """Rows of the books with their types: month, cohort, allocated, recognised."""
    schema = pa.schema([
        ("month", pa.date32()), ("cohort", pa.string()), ("allocated", _MONEY),
        ("recognised", _MONEY),
    ])  # fmt: skip
    return pa.Table.from_pylist(books.to_dict("records"), schema=schema)


def journal_tables(lines: Iterable[Line], language: str) -> dict[date, pa.Table]:
    """The journal of each month, as written in a language: date, debit, credit, amount, memo."""
    months: dict[date, list[dict]] = {}
    for line in lines:
        facts = {} if line.cohort == "provision" else {"cohort": _month(line.cohort)}
        months.setdefault(line.date.replace(day=1), []).append({
            "date": line.date, "debit": render(language, line.debit),
            "credit": render(language, line.credit), "amount": line.amount,
            "memo": render(language, line.memo, **facts),
        })  # fmt: skip
    schema = pa.schema([
        ("date", pa.date32()), ("debit", pa.string()), ("credit", pa.string()),
        ("amount", _MONEY), ("memo", pa.string()),
    ])  # fmt: skip
    return {month: pa.Table.from_pylist(rows, schema=schema) for month, rows in months.items()}


def _month(cohort: str) -> date:
    return as_date(np.datetime64(cohort, "M"))
