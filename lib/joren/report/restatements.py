"""What arrived late: months an earlier report told of, whose totals are others now.

Compared are rows up to the earlier run's last day, so that the days since are no restatement.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from joren.contract import MONEY
from joren.purchases import counted_orders, identified_orders
from joren.report.findings import compose
from joren.report.table_items import table_item
from joren.workspace import read_json, table_path

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

TABLE = "restatements"
_ENTRIES = {"grant": "points_granted", "use": "points_used"}
_KEY = ("month", "source", "figure")


def write_restatements(
    run: Path, record: Mapping[str, Any], previous: Path | None
) -> list[dict[str, Any]]:
    """Write the table `restatements` of a run and say in its report what it holds.

    Parameters
    ----------
    run, previous : folders of this run and of the one published before; None on a first run
    record : what run.json says so far

    Returns
    -------
    items for the data-quality page: a finding, and a table where months changed; empty where
    nothing can be compared
    """
    from joren.engine import connect, write_parquet

    before = read_json(previous / "run.json")["as_of"] if previous else None
    if before is None or record["as_of"] is None:
        return []
    closed = min(date.fromisoformat(before), date.fromisoformat(record["as_of"]))
    con = connect()
    held = [_totals(con, folder, closed) for folder in (previous, run)]
    if held[0] is None or held[1] is None:
        return []
    changed = con.create_table("changed", restatements(*held), temp=True)
    write_parquet(changed, table_path(run, TABLE), _KEY)
    months = held[0].select("month").union(held[1].select("month"), distinct=True)
    return _items(changed, int(months.count().execute()), closed, record)


def monthly_totals(
    orders: ir.Table | None, entries: ir.Table | None, last: date, con: Backend
) -> ir.Table | None:
    """Orders, revenue and points by month and source, up to and including `last`.

    Parameters
    ----------
    orders, entries : canonical/orders and canonical/point_entries; None where a run has none

    Returns
    -------
    month (its first day), source, figure (orders, revenue, points_granted, points_used), total;
    None where there is neither table
    """
    parts = []
    if orders is not None:
        nobody = con.create_table(
            "nobody", temp=True, overwrite=True,
            schema=ibis.schema(dict.fromkeys(("source", "source_id", "customer_id"), "string")),
        )  # fmt: skip
        counted = counted_orders(identified_orders(orders, nobody), last)
        by_month = counted.mutate(month=_.day.truncate("M")).group_by("month", "source")
        parts += [
            _figure(by_month.agg(total=_.is_purchase.sum()), "orders"),
            _figure(by_month.agg(total=_.value.sum()), "revenue"),
        ]
    if entries is not None:
        past = entries.filter(_.occurred_at.date() <= last, _.kind.isin(list(_ENTRIES)))
        by_kind = past.mutate(month=_.occurred_at.date().truncate("M"))
        parts += [
            _figure(
                by_kind.filter(by_kind.kind == kind)
                .group_by("month", "source")
                .agg(total=_.points.sum()),
                figure,
            )
            for kind, figure in _ENTRIES.items()
        ]
    if not parts:
        return None
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def restatements(before: ir.Table, now: ir.Table) -> ir.Table:
    """Totals that differ, a month that one side lacks counting as zero there.

    Parameters
    ----------
    before, now : from `monthly_totals`

    Returns
    -------
    month, source, figure, before, now, difference
    """
    old, new = before.rename(before="total"), now.rename(now="total")
    both = old.outer_join(new, list(_KEY))
    keys = {name: ibis.coalesce(both[name], both[f"{name}_right"]) for name in _KEY}
    zero = ibis.literal(0).cast(MONEY)
    table = both.select(
        **keys, before=both.before.fill_null(zero), now=both.now.fill_null(zero)
    ).filter(_.before != _.now)
    return table.mutate(difference=(_.now - _.before).cast(MONEY))


def _figure(table: ir.Table, figure: str) -> ir.Table:
    return table.select("month", "source", figure=ibis.literal(figure), total=_.total.cast(MONEY))


def _totals(con: Backend, folder: Path, last: date) -> ir.Table | None:
    from joren.engine import read_parquet

    paths = [table_path(folder, f"canonical/{name}") for name in ("orders", "point_entries")]
    tables = [read_parquet(con, path) if path.is_file() else None for path in paths]
    totals = monthly_totals(*tables, last, con)
    name = f"totals_{len(con.list_tables())}"
    return None if totals is None else con.create_table(name, totals, temp=True)


def _items(
    changed: ir.Table, months: int, closed: date, record: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows = changed.order_by(ibis.desc("month"), "source", "figure").to_pandas()
    say = {
        "lower": None, "upper": None, "why_no_interval": "common.counted", "accent": False,
        "level": record["parameters"]["interval"], "as_of": date.fromisoformat(record["as_of"]),
        "currency": record["currency"], "language": record["language"], "n": months,
    }  # fmt: skip
    if rows.empty:
        facts = {"closed": closed}
        return [compose("report.restated.none", value=0, facts=facts, **say).as_item()]
    revenue = rows.loc[rows.figure == "revenue", "difference"].sum()
    facts = {"closed": closed, "revenue": revenue, "latest": rows.month.max()}
    touched = rows.month.nunique()
    finding = compose("report.restated.some", value=touched, facts=facts, **say)
    rows["label"] = "report.restated.figure_" + rows.figure
    columns = {
        "month": ("report.restated.month", "month"),
        "source": ("report.restated.source", ""),
        "label": ("report.restated.figure", "label"),
        "before": ("report.restated.before", "count"),
        "now": ("report.restated.now", "count"),
        "difference": ("report.restated.difference", "count"),
    }
    table = table_item(TABLE, finding.text, rows, columns, record["currency"])
    return [finding.as_item(), table]
