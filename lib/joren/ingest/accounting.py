"""Joren's monthly totals held against the client's accounting, with what may explain a difference.

Accounting gives a month's revenue or points; Joren's figure of the same month stands beside it. A
difference is explained by the one or two of these amounts of the month that add up to it, within
the tolerance: orders that Joren does not count (cancelled, returned, pending), tax, refunds, points
taken back, adjusted or expired, and what lies within the days around a month's end (cut-off). Which
explanation is true is for the client to say: it is a candidate, and several may fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
from ibis import _

from joren.contract import MONEY
from joren.errors import InputError
from joren.purchases import counted_orders, identified_orders

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from joren.params_accounting import Accounting

FIGURES = ("revenue", "points_granted", "points_used", "points_outstanding")
AGREES, UNEXPLAINED, NOT_KNOWN = "agrees", "unexplained", "not_known"
_NEEDED = ("month", "figure", "amount")
Parts = Mapping[tuple[date, str, str], Mapping[str, Decimal]]


@dataclass(frozen=True)
class Booked:
    """One total of the accounting: its month's first day; an empty source means all of them."""

    month: date
    source: str
    figure: str
    amount: Decimal


def read_accounting(path: Path) -> list[Booked]:
    """The client's totals, in the order of month, source and figure.

    Raises
    ------
    InputError naming the line: a column lacks, a figure is not known, a total stands twice
    """
    import csv

    if not path.is_file():
        raise InputError("there is no such file", f"accounting.path: {path}", "correct the path")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        lacking = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
        if lacking:
            raise InputError(
                f"the column {lacking[0]} is missing", str(path), f"add {', '.join(lacking)}"
            )
        booked = [_booked(row, f"{path}, line {rows.line_num}") for row in rows]
    seen: set[tuple] = set()
    for one in booked:
        key = (one.month, one.source, one.figure)
        if key in seen:
            raise InputError(
                f"{one.month:%Y-%m} {one.figure} {one.source} stands twice", str(path), "keep one"
            )
        seen.add(key)
    return sorted(booked, key=lambda one: (one.month, one.source, one.figure))


def _booked(row: Mapping[str, str], where: str) -> Booked:
    figure = (row["figure"] or "").strip()
    if figure not in FIGURES:
        raise InputError(f"{figure!r} is no figure", where, f"use one of {', '.join(FIGURES)}")
    try:
        year, month = (int(part) for part in row["month"].strip().replace("/", "-").split("-")[:2])
        amount = Decimal(row["amount"].strip().replace(",", ""))
        return Booked(date(year, month, 1), (row.get("source") or "").strip(), figure, amount)
    except (ValueError, AttributeError, InvalidOperation):
        raise InputError(
            "month or amount cannot be read", where, "write 2026-03 and a number"
        ) from None


def order_parts(orders: ir.Table, as_of: date, cut_off_days: int) -> Parts:
    """Joren's revenue of each month and what accounting may see otherwise.

    Parameters
    ----------
    orders : canonical/orders
    as_of : last day of data
    cut_off_days : days at a month's end that accounting may book later, or at its beginning that
        it may have booked earlier

    Returns
    -------
    (month, source, revenue) → joren: the value of counted orders, and by candidate how much more
    accounting would show
    """
    nobody = orders.select("source", "source_id", customer_id=ibis.null("string")).limit(0)
    known = identified_orders(orders, nobody)
    counted = counted_orders(known, as_of)
    past = orders.filter(_.ordered_at.date() <= as_of).mutate(day=_.ordered_at.date())
    tax = counted.select("source", "order_id").inner_join(
        past.filter(_.amount_excluding_tax.notnull()), ["source", "order_id"]
    )
    value = ibis.coalesce(past.amount_excluding_tax, past.amount)
    parts = [
        _part(counted, counted.value, "joren"),
        _part(tax, tax.amount - tax.amount_excluding_tax, "tax"),
        _part(counted.filter(~_.is_purchase), -counted.filter(~_.is_purchase).value, "refunds"),
        *(
            _part(past.filter(past.status == status), value, status)
            for status in ("cancelled", "returned", "pending")
        ),
        *_cut_off(counted, counted.value, cut_off_days),
    ]
    return _gathered(parts, "revenue")


def entry_parts(entries: ir.Table, as_of: date, cut_off_days: int) -> Parts:
    """Points granted and used of each month, with candidates; as `order_parts`.

    Parameters
    ----------
    entries : canonical/point_entries
    """
    past = entries.filter(_.occurred_at.date() <= as_of).mutate(day=_.occurred_at.date())
    reversed_ = past.filter(past.kind == "cancel").select(
        "source", "day", "points", entry_id="reverses_entry_id"
    )
    kinds = past.select("source", "entry_id", "kind")
    undone = reversed_.inner_join(kinds, ["source", "entry_id"])
    found: dict[tuple[date, str, str], Mapping[str, Decimal]] = {}
    for kind, figure in (("grant", "points_granted"), ("use", "points_used")):
        own = past.filter(past.kind == kind)
        taken_back = undone.filter(undone.kind == kind)
        adjusted = past.filter(
            past.kind == "adjust", past.points > 0 if kind == "grant" else past.points < 0
        )
        parts = [
            _part(own, own.points.abs(), "joren"),
            _part(taken_back, -taken_back.points.abs(), "taken_back"),
            _part(adjusted, adjusted.points.abs(), "adjusted"),
            *_cut_off(own, own.points.abs(), cut_off_days),
        ]
        if kind == "use":
            expired = past.filter(past.kind == "expire")
            parts.append(_part(expired, expired.points.abs(), "expired"))
        found |= _gathered(parts, figure)
    return found


def month_parts(months: ir.Table) -> Parts:
    """Points outstanding at each month's end, of all sources together, as they are today.

    Parameters
    ----------
    months : point_months
    """
    rows = months.filter(months.kind == "outstanding").to_pyarrow().to_pylist()
    rows.sort(key=lambda row: row["status"] == "restatement")  # what is known now comes last
    return {
        (row["month"], "", "points_outstanding"): {"joren": Decimal(row["points"])} for row in rows
    }


def reconcile(booked: Iterable[Booked], parts: Parts, rules: Accounting) -> list[dict]:
    """Each total of the accounting beside Joren's, with the candidates that explain a difference.

    Parameters
    ----------
    parts : of `order_parts`, `entry_parts` and `month_parts` together
    rules : tolerance

    Returns
    -------
    month, source, figure, accounting, joren, difference (accounting − joren), reason: `agrees`,
    candidates joined by `+`, several explanations by ` | `, `unexplained`, or `not_known` where
    Joren has no such figure
    """
    totals = _with_all_sources(parts)
    rows = []
    for one in booked:
        own = totals.get((one.month, one.source, one.figure))
        joren = own["joren"] if own and "joren" in own else None
        difference = None if joren is None else one.amount - joren
        reason = NOT_KNOWN if own is None or joren is None else _reason(difference, own, rules)
        rows.append({
            "month": one.month, "source": one.source, "figure": one.figure,
            "accounting": one.amount, "joren": joren, "difference": difference, "reason": reason,
        })  # fmt: skip
    return rows


def _reason(difference: Decimal, own: Mapping[str, Decimal], rules: Accounting) -> str:
    if abs(difference) <= rules.tolerance:
        return AGREES
    candidates = {
        name: amount for name, amount in sorted(own.items()) if name != "joren" and amount
    }
    for size in (1, 2):
        fitting = [
            "+".join(names)
            for names in combinations(candidates, size)
            if abs(difference - sum(candidates[name] for name in names)) <= rules.tolerance
        ]
        if fitting:
            return " | ".join(fitting)
    return UNEXPLAINED


def _part(table: ir.Table, amount: ir.Value, name: str) -> ir.Table:
    rows = table.select("source", month=_.day.truncate("M"), amount=amount.cast(MONEY))
    return _summed(rows, name)


def _cut_off(table: ir.Table, amount: ir.Value, days: int) -> list[ir.Table]:
    """What booking later, or earlier, by so many days around each month's end adds to a month."""
    rows = table.select("source", "day", amount=amount.cast(MONEY))
    month, shift = rows.day.truncate("M"), ibis.interval(days=days)
    parts = []
    for name, moved in (
        ("cut_off_late", (rows.day + shift).truncate("M").cast("date")),
        ("cut_off_early", (rows.day - shift).truncate("M").cast("date")),
    ):
        across = rows.filter(moved != month)
        out = across.select("source", month=across.day.truncate("M"), amount=-across.amount)
        step = shift if name == "cut_off_late" else -shift
        into = across.select(
            "source", month=(across.day + step).truncate("M").cast("date"), amount=across.amount
        )
        parts.append(_summed(out.union(into), name))
    return parts


def _summed(rows: ir.Table, name: str) -> ir.Table:
    summed = rows.group_by("source", "month").agg(amount=rows.amount.sum().cast(MONEY))
    return summed.mutate(part=ibis.literal(name))


def _gathered(parts: Iterable[ir.Table], figure: str) -> dict[tuple, dict[str, Decimal]]:
    found: dict[tuple, dict[str, Decimal]] = {}
    for row in ibis.union(*parts).to_pyarrow().to_pylist():
        own = found.setdefault((row["month"], row["source"], figure), {})
        own[row["part"]] = row["amount"]
    for own in found.values():
        own.setdefault("joren", Decimal(0))
    return found


def _with_all_sources(parts: Parts) -> dict[tuple, dict[str, Decimal]]:
    totals = {key: dict(own) for key, own in parts.items()}
    for (month, source, figure), own in parts.items():
        if not source:
            continue
        whole = totals.setdefault((month, "", figure), {})
        for name, amount in own.items():
            whole[name] = whole.get(name, Decimal(0)) + amount
    return totals
