"""Months close once: later runs add lines, never change a closed figure."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest
from tests.points.handmade import SCHEMA, entry

from joren.engine import connect, keep
from joren.errors import JorenError
from joren.params import Points
from joren.points.close import FIGURES, as_table, close_months, month_totals
from joren.points.ledger import end_of_day, keep_ledger

# 2024: January has days 0–30, February 31–59, March 60–90
ROWS = [
    entry("g", 3, "grant", 500), entry("u", 20, "use", 120), entry("h", 33, "grant", 70),
    entry("v", 40, "use", 500), entry("w", 70, "grant", 90),
]  # fmt: skip


def closing(rows, as_of, log=None, **rules):
    con = connect()
    entries = keep(con, "rows", pa.Table.from_pylist(rows, schema=SCHEMA))
    points = Points(**rules)
    ledger = keep_ledger(con, entries, points, end_of_day(as_of))
    return close_months(month_totals(ledger, entries, as_of), log, points, as_of)


def lines(closing, status):
    rows = closing.months[closing.months.status == status]
    return {(f"{row.month:%m}", row.kind): row.points for row in rows.itertuples() if row.points}


def test_a_month_closes_when_its_last_day_was_seen():
    result = closing(ROWS, date(2024, 3, 15))
    assert lines(result, "closed") == {
        ("01", "granted"): 500, ("01", "used"): 120, ("01", "outstanding"): 380,
        ("02", "granted"): 70, ("02", "used"): 450, ("02", "debt"): 50,
    }  # fmt: skip
    assert lines(result, "open") == {
        ("03", "granted"): 90, ("03", "used"): 50, ("03", "outstanding"): 40,
    }  # fmt: skip
    assert sorted(set(result.newly_closed.month)) == [date(2024, 1, 1), date(2024, 2, 1)]
    assert len(closing(ROWS, date(2024, 3, 31)).newly_closed) == 3 * len(FIGURES)


def test_a_late_entry_makes_restatement_lines_and_changes_no_closed_figure():
    first = closing(ROWS, date(2024, 2, 29))
    late = [*ROWS, entry("late", 25, "grant", 40)]
    second = closing(late, date(2024, 3, 31), first.newly_closed)
    assert lines(second, "closed").items() >= lines(first, "closed").items()
    restated = second.months[second.months.status == "restatement"]
    assert [tuple(row) for row in restated.iloc[:, [1, 3, 4, 5, 6, 7]].to_numpy()] == [
        ("granted", 540, 500, 40, 1, "late"),
        ("outstanding", 420, 380, 40, 1, "late"),
        ("used", 490, 450, 40, 1, "late"),
        ("debt", 10, 50, -40, 1, "late"),
    ]
    assert set(second.newly_closed.month) == {date(2024, 3, 1)}

    log = pd.concat([first.newly_closed, second.newly_closed])
    third = closing(late, date(2024, 3, 31), log)
    assert third.newly_closed.empty
    assert len(third.months[third.months.status == "restatement"]) == 4


def test_a_run_that_finds_the_same_restates_nothing():
    first = closing(ROWS, date(2024, 2, 29))
    again = closing(ROWS[::-1] + ROWS, date(2024, 2, 29), first.newly_closed)
    assert not (again.months.status == "restatement").any()
    assert again.newly_closed.empty


def test_changed_rules_are_named_as_the_reason():
    first = closing(ROWS, date(2024, 2, 29))
    short = {"policy": "fixed", "days": 10}
    again = closing(ROWS, date(2024, 2, 29), first.newly_closed, expiry=short)
    restated = again.months[again.months.status == "restatement"]
    assert set(restated.reason) == {"rules"}
    assert set(restated.late_entries) == {0}


def test_months_of_a_run_that_looks_back_stay_closed():
    first = closing(ROWS, date(2024, 3, 31))
    back = closing(ROWS, date(2024, 2, 10), first.newly_closed)
    assert set(back.months.status) == {"closed"}
    assert back.newly_closed.empty


def test_a_closed_figure_that_was_changed_is_refused():
    log = closing(ROWS, date(2024, 2, 29)).newly_closed
    log.loc[log.kind == "granted", "points"] += 1
    with pytest.raises(JorenError, match="2024-01"):
        closing(ROWS, date(2024, 3, 31), log)


def test_the_hash_of_a_month_is_a_function_of_its_totals():
    first, again = (closing(rows, date(2024, 2, 29)) for rows in (ROWS, ROWS[::-1]))
    assert list(first.newly_closed["hash"]) == list(again.newly_closed["hash"])
    assert all(len(digest) == 64 for digest in first.newly_closed["hash"])


def test_rows_keep_their_types_where_no_month_was_restated():
    schema = as_table(closing(ROWS, date(2024, 2, 29)).months).schema
    assert [str(schema.field(name).type) for name in ("month", "points", "reason")] == [
        "date32[day]", "int64", "string",
    ]  # fmt: skip
