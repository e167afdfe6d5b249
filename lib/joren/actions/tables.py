"""The tables of what to do next: `actions`, a row a customer and action, and `action_lists`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis import _

from joren.actions.design import designs
from joren.actions.playbook import Play
from joren.contract import TABLES
from joren.lists.account import export_record
from joren.lists.draw import HELD_OUT, LISTED

AT_STAKE = "at_stake"


def actions_table(drawn: ir.Table, members: ir.Table, points: ir.Table, value_per_point: float):
    """Table `actions`: everybody on a list or held out of it, those of expiring points included.

    Parameters
    ----------
    drawn : from `drawing.draw`
    members, points : tables list_members and expiring_points, drawn earlier in the run
    value_per_point : currency

    Returns
    -------
    customer_id, action, reason, due_at, channel, expected_value (at stake, in currency; points at
    their face value, without interval), lower, upper, priority (the list's, and her place in it as
    its fraction: the smaller the sooner), test_arm, list_id, campaign_id, standing, basis
    """
    chosen = drawn.filter(drawn.standing.isin([HELD_OUT, LISTED]))
    size = chosen.count().over(ibis.window(group_by="list_id"))
    own = chosen.select(
        "customer_id", "action", "reason", "due_at", "channel",
        expected_value=chosen.value,
        lower=chosen.value_lower,
        upper=chosen.value_upper,
        priority=chosen.priority + (chosen.place - 1) / size,
        test_arm=chosen.arm,
        list_id=chosen.list_id, campaign_id=chosen.campaign_id, standing=chosen.standing,
        basis=ibis.literal(AT_STAKE),
    )  # fmt: skip
    held = points.select("customer_id", "points")
    reminded = members.filter(members.standing.isin([HELD_OUT, LISTED]))
    reminded = reminded.left_join(held, "customer_id").drop("customer_id_right")
    place = ibis.row_number().over(order_by=[_.due_at, _.points.desc(), _.customer_id])
    size = reminded.count().over()
    told = reminded.select(
        "customer_id", "action", "reason", "due_at", "channel",
        expected_value=(reminded.points * value_per_point).cast("float64"),
        lower=ibis.null("float64"),
        upper=ibis.null("float64"),
        # before the playbook's lists, which begin at 1: it was drawn first and is due within hours
        priority=place / size,
        test_arm=reminded.arm,
        list_id=reminded.list_id, campaign_id=reminded.campaign_id, standing=reminded.standing,
        basis=ibis.literal(AT_STAKE),
    )  # fmt: skip
    return own.union(told)


def on_other_lists(drawn: ir.Table) -> dict[str, int]:
    """Customers of each list who are over the cap only because lists before it took them."""
    rows = drawn.filter(_.other_list).group_by("action").agg(n=_.count()).order_by("action")
    return {row["action"]: row["n"] for row in rows.to_pyarrow().to_pylist()}


def lists_table(
    plays: Sequence[Play],
    account: pd.DataFrame,
    worth: pd.DataFrame,
    doubled: Mapping[str, int],
    others: Mapping[str, int],
    chances: Mapping[str, float],
    as_of: date,
) -> pd.DataFrame:
    """Table `action_lists`, and what a page shows beside it: name (text key), standings.

    Each list has its condition (as in the playbook, JSON), its KPI and the design of its test:
    hold-out, days, the share who order anyway (`base`) and the rise it can show (`detectable`).

    Parameters
    ----------
    account : table action_account
    worth : from `worth.list_worth`
    doubled : action → customers whose household gets one letter already
    others : action → customers whom a list of higher priority took; from `on_other_lists`
    chances : action → share expected to order anyway; from `worth.order_chances`
    """
    about = pd.DataFrame([
        {
            "list_id": play.list_id(as_of),
            "name": f"actions.name.{play.id}",
            "owner": play.owner,
            "condition": play.condition,
            "kpi": play.kpi,
            "readout_days": play.readout_days,
            "readout_on": play.readout_on(as_of),
            "same_household": doubled.get(play.id, 0),
            "offer_cost": play.offer_cost,
            "channels": ", ".join(play.channels),
        }
        for play in plays
    ])  # fmt: skip
    counted = account.drop(columns=["listed", "held_out", "reason"])
    table = about.merge(counted, on="list_id").merge(worth, on="action")
    table = table.merge(designs(worth, chances), on="action")
    table["other_list"] = table.action.map(others).fillna(0).astype(int)
    return table.assign(over_cap=table.over_cap - table.other_list)


def export_records(account: ir.Table, files: Mapping[str, str], exported_at: datetime) -> ir.Table:
    """Rows to append to state log `exports_log`, one a file.

    Parameters
    ----------
    account : table action_account
    files : action → its file
    exported_at : local time
    """
    parts = [
        export_record(account.filter(account.action == action), file, exported_at)
        for action, file in files.items()
    ]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def typed(name: str, frame: pd.DataFrame | None = None) -> pa.Table:
    """A frame in the types of a table's contract, also where it has no row or a column no value.

    Parameters
    ----------
    frame : its columns in any order, others left out; None for a table without rows
    """
    schema = TABLES[name].ibis_schema().to_pyarrow()
    if frame is None:
        return schema.empty_table()
    columns = [pa.array(frame[f.name].tolist(), f.type, from_pandas=True) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)
