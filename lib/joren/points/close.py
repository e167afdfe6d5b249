"""Period close: a closed month's totals are fixed by a hash, and what changes later is a line.

A month closes with the first published run that has seen its last day. Its totals stand from then
on; a run that finds others says so in restatement lines and changes nothing. Each hash holds the
month's totals and the hash of the month before, so that no closed figure can be changed unseen.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from joren.errors import JorenError
from joren.params import Points
from joren.points.ledger import Ledger
from joren.points.lot_pass import KINDS

FIGURES = (*KINDS, "debt", "outstanding")
LOG_COLUMNS = ["month", "kind", "points", "entries", "rules", "hash", "closed_as_of"]


class Closing(NamedTuple):
    """The rows of `point_months`, and those that publication adds to the log."""

    months: pd.DataFrame
    newly_closed: pd.DataFrame


def month_totals(ledger: Ledger, entries: ir.Table, as_of: date) -> pd.DataFrame:
    """What each month moved and left, month by month without gaps.

    Returns
    -------
    indexed by month: granted, used, expired, cancelled, transferred (in the month), debt and
    outstanding (points in lots; both at its end), entries (told up to its end)
    """
    flows = ledger.flows.group_by("month", "kind").agg(points=ledger.flows.points.sum())
    moved = flows.to_pandas().pivot_table("points", "month", "kind", "sum", fill_value=0)
    debts = ledger.debts.to_pandas().groupby("month").points.sum()
    month = entries.occurred_at.truncate("M").cast("date").name("month")
    ids = entries.source + ":" + entries.entry_id  # one told twice counts once
    told = entries.group_by(month).agg(n=ids.nunique()).to_pandas()
    first = min([as_of.replace(day=1), *pd.to_datetime(told.month).dt.date])
    index = pd.date_range(first, as_of.replace(day=1), freq="MS")

    def by_month(series: pd.Series) -> pd.Series:
        series = series.set_axis(pd.to_datetime(series.index))
        return series.reindex(index, fill_value=0).astype("int64")

    found = pd.DataFrame({
        kind: by_month(moved[kind]) if kind in moved else pd.Series(0, index) for kind in KINDS
    })  # fmt: skip
    change = found.granted - found[[kind for kind in KINDS if kind != "granted"]].sum(axis=1)
    return found.assign(
        debt=by_month(debts).cumsum(),
        outstanding=change.cumsum(),
        entries=by_month(told.set_index("month").n).cumsum(),
    )


def close_months(
    totals: pd.DataFrame, log: pd.DataFrame | None, rules: Points, as_of: date
) -> Closing:
    """Hold a run's totals against the closed months, and close those that are over.

    Parameters
    ----------
    totals : from `month_totals`
    log : state log `closed_point_months`, all published rows; None for none
    rules : of the points; a change of them may explain a restatement

    Raises
    ------
    JorenError if a closed month's totals are not those that its hash was made of
    """
    rule = json.dumps({"consumption": rules.consumption, "expiry": rules.expiry}, sort_keys=True)
    closed = _checked(log)
    last_hash = closed.iloc[-1]["hash"] if len(closed) else ""
    rows, fresh = [], []
    for month, found in totals.iterrows():
        day = month.date()
        is_over = (month + pd.offsets.MonthEnd(0)).date() <= as_of
        if month in closed.index:
            kept = closed.loc[month]
            rows += _lines(day, kept, "closed", kept["hash"])
            rows += _restated(day, kept, found, rule) if is_over else []
        elif not is_over or any(closed.index > month):
            # entries from before the first closed month do not open a month before it
            rows += _lines(day, found, "open", None)
        else:
            last_hash = _hash(last_hash, day, found, rule)
            rows += _lines(day, found, "closed", last_hash)
            fresh += [
                (day, kind, int(found[kind]), int(found.entries), rule, last_hash, as_of)
                for kind in FIGURES
            ]
    names = ["month", "kind", "status", "points", "closed_points", "difference", "late_entries"]
    frame = pd.DataFrame(rows, columns=[*names, "reason", "hash"])
    whole = ["closed_points", "difference", "late_entries"]
    return Closing(
        frame.astype(dict.fromkeys(whole, "Int64")), pd.DataFrame(fresh, columns=LOG_COLUMNS)
    )


def as_table(months: pd.DataFrame) -> pa.Table:
    """The rows of `point_months` in the types of the contract, however many are empty."""
    texts, whole = ("kind", "status", "reason", "hash"), months.columns[3:7]
    types = {"month": pa.date32()} | dict.fromkeys(texts, pa.string())
    types |= dict.fromkeys(whole, pa.int64())
    schema = pa.schema([(name, types[name]) for name in months.columns])
    return pa.Table.from_pandas(months, schema=schema, preserve_index=False)


def _lines(month: date, found: pd.Series, status: str, digest: str | None) -> list[tuple]:
    return [
        (month, kind, status, int(found[kind]), None, None, None, None, digest) for kind in FIGURES
    ]


def _restated(month: date, kept: pd.Series, found: pd.Series, rule: str) -> list[tuple]:
    late = int(found.entries - kept.entries)
    reason = "rules" if kept["rules"] != rule else "late" if late > 0 else "changed"
    return [
        (month, kind, "restatement", int(found[kind]), int(kept[kind]),
         int(found[kind] - kept[kind]), late, reason, None)
        for kind in FIGURES if found[kind] != kept[kind]
    ]  # fmt: skip


def _checked(log: pd.DataFrame | None) -> pd.DataFrame:
    """The closed months in order, one row each, their hashes proved."""
    if log is None or log.empty:
        columns = [*FIGURES, "entries", "rules", "hash"]
        return pd.DataFrame(columns=columns, index=pd.DatetimeIndex([]))
    first = log.sort_values("closed_as_of", kind="stable").drop_duplicates(["month", "kind"])
    wide = first.pivot(index="month", columns="kind", values="points")
    facts = first.drop_duplicates("month").set_index("month")[["entries", "rules", "hash"]]
    closed = wide.join(facts).sort_index()
    closed.index = pd.to_datetime(closed.index)
    before = ""
    for month, kept in closed.iterrows():
        if not set(FIGURES) <= set(closed.columns) or kept["hash"] != _hash(
            before, month.date(), kept, kept["rules"]
        ):
            raise JorenError(
                f"the closed totals of {month:%Y-%m} are not those its hash was made of",
                "state/closed_point_months",
                "restore the log from a backup",
            )
        before = kept["hash"]
    return closed


def _hash(before: str, month: date, found: pd.Series, rule: str) -> str:
    figures = [f"{kind}={int(found[kind])}" for kind in (*FIGURES, "entries")]
    text = "|".join([before, month.isoformat(), *figures, rule])
    return hashlib.sha256(text.encode()).hexdigest()
