"""What is said of all sources together."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest

from joren.engine import connect
from joren.ingest.overview import Bought, Held, by_source, totals_held, who_bought
from joren.ingest.totals import Compared


@pytest.fixture(scope="module")
def con() -> ibis.BaseBackend:
    return connect()


def test_a_source_has_one_row_and_its_files_count_once(con):
    day = pa.array([None, None, None], pa.timestamp("us"))
    coverage = con.create_table(
        "coverage",
        pa.table(
            {
                "source": ["web", "web", "pos"],
                "file": ["a.csv", "a.csv", "m.csv"],
                "rows_in": [10, 4, 3],
                "rows_accepted": [7, 4, 3],
                "rows_duplicate": [2, 0, 0],
                "rows_quarantined": [3, 0, 0],
                "first_at": day,
                "last_at": day,
            }
        ),
    )
    pos, web = by_source(coverage).to_pyarrow().to_pylist()
    assert (pos["source"], pos["files"], pos["rows_in"], pos["quarantined"]) == ("pos", 1, 3, 0)
    assert (web["files"], web["rows_in"], web["accepted"]) == (1, 14, 11)
    assert (web["quarantined"], web["duplicate"]) == (3, 2)


def test_orders_are_of_members_of_guests_or_of_nobody(con):
    ids = ["m1", "guest:5", None, "m2", "m1"]
    orders = con.create_table("orders", pa.table({"source_id": ids}))
    assert who_bought(orders) == Bought(orders=5, members=3, guests=1)
    assert who_bought(orders).nobody == 1
    assert who_bought(orders.filter(ibis.literal(False))) == Bought(0, 0, 0)


def test_totals_are_added_up_by_check_and_checks_without_orders_are_left_out():
    compared = [
        Compared("web", "lines", 60, 3), Compared("mall", "lines", 40, 2),
        Compared("web", "sum", 0, 0),
    ]  # fmt: skip
    held = totals_held(compared)
    assert held == {"lines": Held(100, 5)}
    assert held["lines"].agreeing == pytest.approx(0.95)
