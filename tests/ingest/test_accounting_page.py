"""The page on accounting: its counts add up, its reasons stand in both languages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from joren.contract import validate
from joren.engine import connect
from joren.ingest.accounting_page import as_table, differences, summary
from joren.report.table_items import table_item


def _row(reason, difference):
    joren = None if difference is None else Decimal(100)
    return {
        "month": dt.date(2026, 1, 1), "source": "pos", "figure": "revenue",
        "accounting": Decimal(100) + (difference or 0), "joren": joren, "difference": difference,
        "reason": reason,
    }  # fmt: skip


ROWS = [
    _row("agrees", Decimal(0)), _row("cancelled+tax | returned", Decimal(30)),
    _row("unexplained", Decimal("-40.25")), _row("not_known", None),
]  # fmt: skip


def test_the_account_adds_up():
    account = summary(ROWS)
    assert (account.agreeing, account.explained, account.unexplained, account.not_known) == (
        1, 1, 1, 1,
    )  # fmt: skip
    assert account.totals == 4


def test_the_table_keeps_its_contract_and_cents():
    rows = [row | {"source": f"s{place}"} for place, row in enumerate(ROWS)]
    table = connect().create_table("given", as_table(rows))
    validate(table, "accounting_reconciliation")
    assert Decimal("-40.25") in table["difference"].to_pyarrow().to_pylist()


def test_differences_come_largest_first_with_reasons_in_both_languages():
    frame = differences(ROWS)
    assert frame.difference.tolist() == [Decimal("-40.25"), Decimal(30), None]

    both = {"ja": "", "en": ""}
    columns = {"figure": ("ingest.accounting.figure", "label"),
               "reason": ("ingest.accounting.reason", "")}  # fmt: skip
    rows = table_item("accounting", both, frame, columns, "JPY")["rows"]

    assert rows["en"][1] == ["Revenue", "cancelled orders + tax / returned orders"]
    assert rows["ja"][1] == ["売上", "取消注文 + 消費税 / 返品注文"]
