"""Before and after a run, on the records and orders known before."""

from datetime import datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from joren.engine import connect
from joren.identity.account import MEASURES, account_rows, before_and_after


def test_a_merge_makes_one_repeater_and_growth_does_not_count(canonical_rows):
    con = connect()
    ids = [("1", "A", "A"), ("2", "A", "B"), ("3", "C", "C"), ("4", "D", None)]
    now = [{"source": "pos", "source_id": i, "customer_id": c} for i, c, _ in ids]
    then = [{"source": "pos", "source_id": i, "old_id": o} for i, _, o in ids if o]
    orders = [
        {"source": "pos", "order_id": str(n), "source_id": i, "amount": Decimal(100),
         "ordered_at": datetime(2026, 1, n), "status": "valid"}
        for n, i in ((1, "1"), (2, "2"), (3, "3"), (4, "4"))
    ]  # fmt: skip
    account = before_and_after(
        con.create_table("now", pa.Table.from_pylist(now)),
        con.create_table("then", pa.Table.from_pylist(then)),
        con.create_table("events", pa.table({"kind": ["merge", "create"]})),
        con.create_table("orders", canonical_rows(orders, "orders")),
    ).set_index("measure")
    assert account.loc["records"].tolist() == [3, 3]
    assert account.loc["customers"].tolist() == [3, 2]
    assert account.loc["ids_kept"].tolist() == [3, 2]
    assert account.loc["merges"].tolist() == [0, 1]
    assert account.loc["repeat_rate"].tolist() == [0, 0.5]
    assert account.loc["value_per_buyer"].tolist() == [100, 150]


def test_the_account_is_read_in_its_own_order():
    rows = [(measure, 1.0, 0.5) for measure in sorted(MEASURES)]
    account = pd.DataFrame(rows, columns=["measure", "before", "after"])
    read = account_rows(account, "en", "JPY")
    assert read.measure.tolist() == [f"identity.account.{measure}" for measure in MEASURES]
    assert read.set_index("measure").loc["identity.account.repeat_rate", "after"] == "50.0 %"
