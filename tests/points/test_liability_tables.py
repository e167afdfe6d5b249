from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from tests.points.triangles import triangle_of

from joren.engine import connect, keep
from joren.points.liability import by_chain_ladder, progress
from joren.points.liability_tables import (
    books_table,
    final_shares,
    journal_tables,
    new_books,
    posted_books,
    used_shares,
    with_sales,
)
from joren.points.revenue import journal, positions


@pytest.fixture
def found():
    return {"<=12m": triangle_of([[10, 20, 0], [30, 10], [20]], [100, 100, 100])}


@pytest.fixture
def rows(found):
    now = by_chain_ladder(found, None, 0.9)
    sales = pd.DataFrame({
        "month": [date(2025, 1, 1), date(2025, 2, 1)],
        "sales": [Decimal(10_000), Decimal(9_000)], "tied": [80, 400],
    })  # fmt: skip
    return with_sales(progress(found, now), sales, Decimal("0.95"))


def test_shares_used_follow_each_cohort_to_the_age_it_has_come_to(found):
    seen = used_shares(found)

    assert len(seen) == 6
    assert seen.used_share.tolist() == pytest.approx([0.1, 0.3, 0.3, 0.3, 0.4, 0.2])


def test_a_cohorts_end_lies_between_its_use_and_all_of_its_points(found):
    final = final_shares(found, by_chain_ladder(found, None, 0.9), 2)

    assert len(final) == 3
    assert (final.used_share >= [0.3, 0.4, 0.2]).all()
    assert (final.upper <= 1).all()


def test_no_more_points_come_with_sales_than_were_granted(rows):
    tied = rows.groupby("cohort").tied.first()
    assert tied.tolist() == [80, 100, 0]


def test_what_an_earlier_run_posted_stands(rows):
    con = connect()
    earlier = positions(rows[rows.month < date(2025, 3, 1)])
    log = keep(con, "posted", books_table(earlier))
    posted = posted_books(log, date(2025, 3, 1))
    changed = rows.assign(ahead=rows.ahead + np.where(rows.ahead > 0, 5.0, 0.0))
    books = positions(changed, posted=posted)

    old = books[books.month < date(2025, 3, 1)].reset_index(drop=True)
    assert (old.recognised.map(int) == earlier.recognised.map(int)).all()
    assert set(new_books(books, posted).month) == {date(2025, 3, 1)}
    again = positions(changed, posted=posted_books(keep(con, "all", books_table(books)),
                                                   date(2025, 3, 1)))  # fmt: skip
    assert journal(again) == journal(books)
    assert posted_books(log, date(2024, 12, 1)) is None


def test_the_journal_is_written_in_the_readers_language_month_by_month(rows):
    lines = journal(positions(rows))
    tables = journal_tables(lines, "ja")

    assert sum(len(table) for table in tables.values()) == len(lines)
    first = tables[date(2025, 1, 1)].to_pylist()[0]
    assert (first["debit"], first["credit"]) == ("売上高", "契約負債(ポイント)")
    assert "2025年1月" in first["memo"]
