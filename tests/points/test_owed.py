from datetime import date

import pyarrow as pa

from joren.contract import TABLES
from joren.engine import connect
from joren.points.owed import Owed, owed_today


def liability(*rows: tuple) -> Owed:
    schema = TABLES["point_liability"].ibis_schema()
    names = ("month", "cohort", "outstanding_points", "expected_redeemed", "liability_amount")
    complete = [
        dict.fromkeys(schema.names) | dict(zip(names, row, strict=True)) | {"method": "x"}
        for row in rows
    ]
    table = pa.Table.from_pylist(complete, schema=schema.to_pyarrow())
    return owed_today(connect().create_table("liability", table))


def test_the_newest_months_total_counts():
    found = liability(
        (date(2026, 2, 1), "total", 1000, 900.0, 800.0),
        (date(2026, 3, 1), "total", 2000, 500.0, 450.0),
        (date(2026, 3, 1), "2026-03", 500, 500.0, 450.0),
    )
    assert found == Owed(450.0, 0.25)


def test_without_an_estimate_nothing_is_known():
    assert liability() == Owed(0.0, None)
