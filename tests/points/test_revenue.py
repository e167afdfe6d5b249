from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from joren.errors import JorenError
from joren.points.revenue import (
    CONTRACT,
    PROVISION,
    PROVISIONS,
    SALES,
    account_balances,
    allocate,
    exact,
    journal,
    positions,
    recognised,
)

ONE = Decimal(1)
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def _progress(*rows: tuple, value: str = "1") -> pd.DataFrame:
    names = ["month", "cohort", "sales", "tied", "granted", "used", "ahead"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(sales=frame.sales.map(Decimal), value=Decimal(value))


def test_the_standards_example_to_the_yen():
    """IFRS 15, example 52: 100,000 of sales, 10,000 points, 9,500 expected to be used."""
    goods, points = allocate(Decimal(100_000), Decimal(9_500), ONE)
    assert (goods, points) == (91_324, 8_676)

    first = recognised(points, 4_500, 9_500)
    second = recognised(points, 8_500, 9_700)
    assert (first, second - first) == (4_110, 3_493)
    assert (points - first, points - second) == (4_566, 1_073)


def test_the_example_as_a_journal():
    books = positions(
        _progress(
            (JANUARY, JANUARY, 100_000, 10_000, 10_000, 4_500, 5_000.0),
            (FEBRUARY, JANUARY, 100_000, 10_000, 10_000, 8_500, 1_200.0),
            (MARCH, JANUARY, 100_000, 10_000, 10_000, 9_700, 0.0),
        )
    )
    lines = journal(books)

    assert [(line.debit, line.credit, line.amount) for line in lines] == [
        (SALES, CONTRACT, 8_676), (CONTRACT, SALES, 4_110),
        (CONTRACT, SALES, 3_493), (CONTRACT, SALES, 1_073),
    ]  # fmt: skip
    assert [line.date.day for line in lines] == [31, 31, 28, 31]


def test_an_estimate_that_falls_is_caught_up_and_one_that_rises_taken_back():
    books = positions(
        _progress(
            (JANUARY, JANUARY, 1_000, 100, 100, 50, 10.0),
            (FEBRUARY, JANUARY, 1_000, 100, 100, 50, 50.0),
        )
    )
    back = journal(books)[-1]

    assert (back.debit, back.credit) == (SALES, CONTRACT)
    assert back.amount > 0


def test_points_without_a_sale_are_a_provision_and_touch_no_sales():
    books = positions(
        _progress(
            (JANUARY, JANUARY, 0, 0, 100, 20, 60.5), (FEBRUARY, JANUARY, 0, 0, 100, 70, 0.0),
            value="0.95",
        )
    )  # fmt: skip
    lines = journal(books)

    assert {line.cohort for line in lines} == {PROVISION}
    assert [line.amount for line in lines] == [57, 57]  # 60.5 × 0.95 = 57.475
    assert (lines[0].credit, lines[1].debit) == (PROVISIONS, PROVISIONS)


def test_points_of_which_nothing_can_be_used_any_more_are_recognised_in_full():
    assert recognised(Decimal(80), 0, 0) == 80


def test_negative_sales_are_refused():
    with pytest.raises(JorenError, match="negative"):
        allocate(Decimal(-1), Decimal(1), ONE)


def test_a_point_of_a_tenth_of_a_yen_is_exact():
    assert exact(0.1) * 3 == Decimal("0.3")


@given(
    sales=st.integers(0, 10**9), points=st.integers(0, 10**7), value=st.integers(1, 500),
    unit=st.sampled_from(["1", "0.01"]),
)  # fmt: skip
def test_goods_and_points_always_add_up_to_the_sale(sales, points, value, unit):
    paid = Decimal(sales) * Decimal(unit)
    goods, of_points = allocate(paid, Decimal(points), Decimal(value) / 100, Decimal(unit))

    assert goods + of_points == paid
    assert 0 <= of_points <= paid
    assert of_points % Decimal(unit) == 0


@st.composite
def _months(draw):
    rows = []
    for cohort in range(1, draw(st.integers(1, 4)) + 1):
        granted = draw(st.integers(1, 5_000))
        tied, sales, used = draw(st.integers(0, granted)), draw(st.integers(0, 10**6)), 0
        for month in range(cohort, 7):
            used = draw(st.integers(used, granted))
            ahead = 0.0 if month == 6 else draw(st.floats(0, granted - used))
            rows.append((date(2026, month, 1), date(2026, cohort, 1), sales, tied, granted, used,
                         ahead))  # fmt: skip
    return rows


@given(_months())
def test_debits_equal_credits_and_what_is_owed_is_the_liability(rows):
    books = positions(_progress(*rows))
    lines = journal(books)
    balances = account_balances(lines)

    assert sum(balances.values()) == 0
    assert all(line.amount > 0 and line.amount % 1 == 0 for line in lines)
    contracts = books[books.cohort != PROVISION]
    last = contracts.groupby("cohort").last()
    assert -balances.get(CONTRACT, 0) == (last.allocated - last.recognised).sum()
    # in the last month nothing is ahead: all is revenue, nothing provided for
    assert balances.get(CONTRACT, 0) == balances.get(PROVISIONS, 0) == balances.get(SALES, 0) == 0


@given(_months())
def test_any_order_of_rows_gives_the_same_journal(rows):
    assert journal(positions(_progress(*rows))) == journal(positions(_progress(*rows[::-1])))
