"""The tables of single customers that analysts and managers may see: IDs masked, nothing personal.

Straight DuckDB: a viewer may be waiting, and Ibis takes longer to import (2.4 s measured) than the
whole rest; its test holds the Ibis form against it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from joren.serve import names

_JOINED = ("customers", "purchase_summary", "segments")
_MASKED = "'•••• ' || right(customer_id, 4)"


def write_explore(tables: Path, folder: Path) -> dict[str, Any] | None:
    """The table the filter of customers reads: values and masked IDs.

    Returns
    -------
    the channels and segments (code, name by language) to choose from, or None where the run has
    no LTV
    """
    if not (tables / "ltv.parquet").is_file():
        return None
    import duckdb

    there = {name: (tables / f"{name}.parquet").is_file() for name in _JOINED}
    with duckdb.connect(config={"threads": 1}) as connection:
        for name in ("ltv", *(name for name in there if there[name])):
            view = connection.read_parquet(str(tables / f"{name}.parquet"))
            if name == "segments":
                view = view.filter("preset = 'joren'").project("customer_id, segment")
            view.create_view(name)
        joins = " ".join(f"left join {name} using (customer_id)" for name in there if there[name])
        channels = "channels" if there["customers"] else "null::varchar[]"
        last = "last_ordered_at::date" if there["purchase_summary"] else "null::date"
        segment = "segment" if there["segments"] else "null::varchar"
        shown = connection.sql(
            f"""
            select {_MASKED} as id, {channels} as channels, {segment} as segment,
                {last} as last_ordered_on, p_order_90d, ltv_365d, ltv_365d_lower, ltv_365d_upper,
                ltv.past_value::double as past_value, overdue_ratio
            from ltv {joins} order by customer_id
            """
        )
        shown.write_parquet(str(folder / "explore.parquet"))
        seen = shown.query("shown", "select distinct unnest(channels) from shown").fetchall()
        stood = shown.query("shown", "select distinct segment from shown").fetchall()
    return {
        "channels": sorted(channel for (channel,) in seen if channel),
        "segments": [
            [code, names.segment("joren", code)] for code in sorted(s for (s,) in stood if s)
        ],
    }


def write_members(tables: Path, folder: Path) -> bool:
    """Who stands on which list, masked; whether there is such a list."""
    if not (tables / "list_members.parquet").is_file():
        return False
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        members = connection.read_parquet(str(tables / "list_members.parquet"))
        shown = members.project(
            f"list_id, {_MASKED} as id, due_at::date as due_on, channel, arm, standing, priority"
        )
        if shown.limit(1).fetchall() == []:
            return False
        shown.order("list_id, priority, id").write_parquet(str(folder / "members.parquet"))
    return True
