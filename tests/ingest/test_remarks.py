from __future__ import annotations

from datetime import date, datetime, timedelta

import ibis
import pytest

from joren.ingest.remarks import filler_phones, order_gaps, silent_sources, sparse_sources

START = datetime(2026, 1, 1, 10)


@pytest.fixture
def orders(con):
    """Orders from (source, day number, how many)."""

    def make(*sold: tuple[str, int, int]):
        rows = [
            {"source": source, "ordered_at": START + timedelta(days=day, minutes=n)}
            for source, day, many in sold
            for n in range(many)
        ]
        schema = {"source": "string", "ordered_at": "timestamp(6)"}
        return con.create_table("_sold", ibis.memtable(rows, schema=schema), overwrite=True)

    return make


def _days(source: str, days, many: int = 3) -> list[tuple[str, int, int]]:
    return [(source, day, many) for day in days]


def test_a_missing_month_is_named_with_its_first_and_last_day(orders):
    found = order_gaps(orders(*_days("pos", [*range(31), *range(59, 90)])))
    assert found == [
        {"source": "pos", "first": date(2026, 2, 1), "last": date(2026, 2, 28), "days": 28}
    ]


def test_a_week_without_orders_is_no_news_and_eight_days_are(orders):
    assert order_gaps(orders(*_days("pos", [*range(20), *range(27, 40)]))) == []
    assert [r["days"] for r in order_gaps(orders(*_days("pos", [*range(20), *range(28, 40)])))] == [
        8
    ]


def test_runs_are_measured_against_what_is_usual_for_the_source(orders):
    # open on one day in three: runs of two are usual, so ten days are five times that, not more
    usual = [*range(0, 60, 3)]
    assert order_gaps(orders(*_days("pos", [*usual, *range(68, 120, 3)], 9))) == []
    found = order_gaps(orders(*_days("pos", [*usual, *range(69, 120, 3)], 9)))
    assert [row["days"] for row in found] == [11]


def test_the_longest_runs_of_each_source_come_first_and_no_more_than_asked(orders):
    starts = ((0, 10), (18, 30), (39, 50), (62, 70), (79, 90))
    days = [day for first, last in starts for day in range(first, last)]
    sold = orders(*_days("pos", days), *_days("web", [*range(10), *range(20, 30)]))
    assert [(row["source"], row["days"]) for row in order_gaps(sold)] == [
        ("pos", 12), ("pos", 9), ("pos", 9), ("web", 10),
    ]  # fmt: skip
    assert [row["source"] for row in order_gaps(sold, most=1)] == ["pos", "web"]


def test_of_a_source_with_less_than_an_order_a_day_no_run_is_named(orders):
    sold = orders(*_days("pos", range(30)), *_days("mall", [0, 29], 14))
    assert order_gaps(sold) == []
    assert sparse_sources(sold) == [{"source": "mall", "orders": 28, "days": 30}]
    assert sparse_sources(orders(*_days("mall", [0, 29], 15))) == []


def test_without_orders_there_is_nothing_to_say(orders):
    assert order_gaps(orders()) == []
    assert sparse_sources(orders()) == []


def test_phones_that_fill_the_field_are_counted_by_source(con):
    rows = [
        {"source": "pos", "phone": "000-0000-0000"}, {"source": "pos", "phone": "090-1111-0001"},
        {"source": "pos", "phone": None}, {"source": "web", "phone": "０００００００００００"},
        {"source": "mall", "phone": None},
    ]  # fmt: skip
    schema = {"source": "string", "phone": "string"}
    people = con.create_table("_people", ibis.memtable(rows, schema=schema), overwrite=True)
    assert filler_phones(people) == [
        {"source": "pos", "phones": 2, "fillers": 1}, {"source": "web", "phones": 1, "fillers": 1},
    ]  # fmt: skip


def test_a_source_that_stops_for_longer_than_ever_is_warned_of_in_both_languages(orders):
    sold = orders(*_days("mall", range(0, 85)), *_days("pos", range(0, 90)))
    (warning,) = silent_sources(sold, date(2026, 3, 31))
    assert "mall" in warning
    assert "5 days before" in warning
    assert "mall" in warning.texts["ja"]


def test_a_weekly_source_and_one_hardly_begun_warn_of_nothing(orders):
    weekly = _days("weekly", range(0, 280, 7))  # its last order lies a week before as-of
    begun = _days("begun", range(200, 220))
    assert silent_sources(orders(*weekly, *begun), date(2026, 10, 8)) == []


def test_orders_after_as_of_do_not_hide_a_silence(orders):
    sold = orders(*_days("mall", [*range(0, 60), 89]))
    assert len(silent_sources(sold, date(2026, 3, 20))) == 1
