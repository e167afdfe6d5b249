from __future__ import annotations

from datetime import datetime

import ibis
import pytest

from joren.ingest.moments import with_moments

READ = {
    "2026-02-03": datetime(2026, 2, 3),
    "2026/2/3 1:02": datetime(2026, 2, 3, 1, 2),
    "2026.02.03": datetime(2026, 2, 3),
    "20260203": datetime(2026, 2, 3),
    "20260203010203": datetime(2026, 2, 3, 1, 2, 3),
    "2026年2月3日": datetime(2026, 2, 3),
    "2026年2月3日(火) 1時2分": datetime(2026, 2, 3, 1, 2),
    "２０２６／０２／０３　１：０２": datetime(2026, 2, 3, 1, 2),
    "令和8年2月3日": datetime(2026, 2, 3),
    "平成元年1月8日": datetime(1989, 1, 8),
    "S60.12.31": datetime(1985, 12, 31),
    "2026-02-03T01:02:03.1234567": datetime(2026, 2, 3, 1, 2, 3, 123456),
    "2026-02-03T01:02:03Z": datetime(2026, 2, 3, 10, 2, 3),
    "2026-02-02T23:30:00+00:00": datetime(2026, 2, 3, 8, 30),
    "2026-08-01 09:15:32 +0900": datetime(2026, 8, 1, 9, 15, 32),
    "2026-08-01 09:15:32 -05": datetime(2026, 8, 1, 23, 15, 32),
    "2026-08-01 09:15:32 JST": datetime(2026, 8, 1, 9, 15, 32),
}
UNREADABLE = [
    "2026/02/30", "2026-13-01", "26/02/03", "02/03/2026", "46056", "202602", "2026-02-03 25:00",
    "infinity", "1.23E+10", "0001-01-01", "2026-02-03 -05", "明日",
]  # fmt: skip


def _moments(con, texts, zone="Asia/Tokyo"):
    table = ibis.memtable({"n": list(range(len(texts))), "text": texts})
    table = con.create_table("given_moments", table, temp=True, overwrite=True)
    read = with_moments(table, ["text"], zone).order_by("n")
    return read.select("_text_at", "_text_day_alone").to_pyarrow().to_pylist()


def test_dates_of_many_forms_become_the_clients_wall_clock(con):
    found = [row["_text_at"] for row in _moments(con, list(READ))]
    assert dict(zip(READ, found, strict=True)) == READ


def test_impossible_and_ambiguous_dates_are_not_guessed(con):
    found = [row["_text_at"] for row in _moments(con, UNREADABLE)]
    assert dict(zip(UNREADABLE, found, strict=True)) == dict.fromkeys(UNREADABLE)


def test_an_offset_follows_summer_time_of_the_clients_zone(con):
    instants = ["2026-01-01T12:00Z", "2026-07-01T12:00Z"]
    found = [row["_text_at"] for row in _moments(con, instants, zone="America/New_York")]
    assert found == [datetime(2026, 1, 1, 7), datetime(2026, 7, 1, 8)]


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("2026/2/3", True),
        ("2026/2/3 0:00", False),
        ("2026/02/03", True),
        ("2026-02-03 00:00", False),
        ("2026-02-03T00:00:00", False),
        ("no date", False),
    ],
)
def test_a_date_alone_is_told_from_midnight(con, text, alone):
    assert _moments(con, [text])[0]["_text_day_alone"] is alone
