"""Who left out of whom: each list's account, and the record of what left a run."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.lists.draw import STANDINGS
from joren.lists.plan import ListPlan

EXPORTS = "exports_log"


def members_table(drawn: ir.Table) -> ir.Table:
    """Table `list_members`: where everybody considered stands, without addresses.

    Parameters
    ----------
    drawn : from `draw.draw_lists`; `due_at` where the candidates have one
    """
    if "due_at" not in drawn.columns:
        drawn = drawn.mutate(due_at=ibis.null("timestamp(6)"))
    return drawn.select(
        "list_id", "campaign_id", "customer_id", "action", "reason", "due_at", "channel",
        "priority", "arm", "standing",
    )  # fmt: skip


def account(con: Backend, members: ir.Table, plans: Sequence[ListPlan], as_of: date) -> ir.Table:
    """Table `list_account`: considered is the sum of all that became of it.

    Parameters
    ----------
    members : from `draw.draw_lists`
    plans : all lists drawn; one that considered nobody has its row too

    Returns
    -------
    list_id, campaign_id, action, reason, as_of, hold_out, considered, and a column of each of
    `draw.STANDINGS`
    """
    named = ibis.memtable({
        name: [getattr(plan, name) for plan in plans]
        for name in ("list_id", "campaign_id", "action", "reason", "hold_out")
    })  # fmt: skip
    counted = members.group_by("list_id").agg(
        considered=members.count(),
        **{standing: (members.standing == standing).sum() for standing in STANDINGS},
    )
    joined = named.left_join(counted, "list_id").drop("list_id_right")
    counts = {name: joined[name].fill_null(0).cast("int64") for name in ("considered", *STANDINGS)}
    return keep(con, "list_account", joined.mutate(as_of=ibis.literal(as_of), **counts))


def standings(counts: Mapping[str, int]) -> pd.DataFrame:
    """A list's row of the account as a table to read: standing (text key), customers."""
    names = ("considered", *STANDINGS)
    return pd.DataFrame({
        "standing": [f"lists.standing.{name}" for name in names],
        "customers": [int(counts[name]) for name in names],
    })  # fmt: skip


def export_record(account: ir.Table, file: str, exported_at: datetime) -> ir.Table:
    """Rows to append to state log `exports_log`: who exported which list, when, how many.

    Parameters
    ----------
    account : rows of `list_account` that the file holds
    file : its name
    exported_at : local time
    """
    return account.mutate(
        file=ibis.literal(file),
        exported_at=ibis.literal(exported_at).cast("timestamp(6)"),
        exported_by=ibis.literal(_who()),
    )


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number only
        return f"uid {os.getuid()}"
