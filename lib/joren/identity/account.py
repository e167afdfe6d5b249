"""Before and after: what a run's changes to identity did to the customers known before.

Only records that had a customer before are counted, and the same orders on both sides, so that
growth does not blur what the merges and splits did.
"""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from joren import text
from joren.identity.kpis import purchases_by_customer, totals

MEASURES = (
    "records", "customers", "ids_kept", "merges", "splits", "buyers", "repeat_rate",
    "value_per_buyer", "top_tenth_share",
)  # fmt: skip


def before_and_after(
    identity_map: ir.Table, last_ids: ir.Table, events: ir.Table, orders: ir.Table
) -> pd.DataFrame:
    """The account of one run.

    Parameters
    ----------
    identity_map : source, source_id, customer_id, as of now
    last_ids : source, source_id, old_id: the assignments before this run
    events : this run's new events
    orders : canonical/orders

    Returns
    -------
    measure (of `MEASURES`), before, after
    """
    both = identity_map.inner_join(last_ids, ["source", "source_id"]).select(
        "source", "source_id", "customer_id", "old_id"
    )
    old = both.select("source", "source_id", customer_id="old_id")
    found = {"before": _side(old, orders), "after": _side(both, orders)}
    counted = {row["kind"]: row["n"] for row in _counted(events)}
    survived = both.filter(both.customer_id == both.old_id).customer_id.nunique().execute()
    found["before"] |= {"ids_kept": found["before"]["customers"], "merges": 0, "splits": 0}
    found["after"] |= {
        "ids_kept": survived,
        "merges": counted.get("merge", 0),
        "splits": counted.get("split", 0) + counted.get("unmerge", 0),
    }
    rows = [(m, float(found["before"][m]), float(found["after"][m])) for m in MEASURES]
    return pd.DataFrame(rows, columns=["measure", "before", "after"])


def account_rows(account: pd.DataFrame, language: str, currency: str) -> pd.DataFrame:
    """The account as a reader sees it: measure (text key), before and after as text."""
    account = account.set_index("measure").loc[list(MEASURES)].reset_index()
    rows = [
        (f"identity.account.{row.measure}",
         *(text.format_value(value, account_spec(row.measure), language, currency)
           for value in (row.before, row.after)))
        for row in account.itertuples()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["measure", "before", "after"])


def account_spec(measure: str) -> str:
    """How a measure of the account is written."""
    if measure in ("repeat_rate", "top_tenth_share"):
        return "pct"
    return "money" if measure == "value_per_buyer" else "count"


def _side(owners: ir.Table, orders: ir.Table) -> dict[str, float]:
    counts = owners.agg(
        records=owners.count(), customers=owners.customer_id.nunique()
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    return counts | totals(purchases_by_customer(orders, owners))


def _counted(events: ir.Table) -> list[dict]:
    return events.group_by("kind").agg(n=events.count()).to_pyarrow().to_pylist()
