from __future__ import annotations

from datetime import date, datetime

import pytest

ORDERS = "order_id,source_id,ordered_at,amount,status\n"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,C,2026/02/30,100,", "unreadable:ordered_at"),
        ("A,C,2026-02-03,1.23E+10,", "unreadable:amount"),
        ("A,C,2026-02-03,,", "missing:amount"),
        ("A,C,,100,", "missing:ordered_at"),
        (",C,2026-02-03,100,", "missing:order_id"),
        ("A,NaN,2026-02-03,100,", "placeholder_id"),
        ("A,NULL,2026-02-03,100,", "placeholder_id"),
        ("A,#N/A,2026-02-03,100,", "placeholder_id"),
        ("A,1.23457E+12,2026-02-03,100,", "spreadsheet_number:source_id"),
        ("A,C,2026-02-03,100,よくわからない", "unknown_status"),
    ],
)
def test_a_doubtful_order_is_quarantined_with_its_reason(read, reasons, row, reason):
    ingested = read({"orders.csv": ORDERS + row + "\nB,C,2026-02-03,5,\n"})
    assert reasons(ingested) == {2: reason}
    assert ingested.tables["orders"].count().execute() == 1


def test_an_order_without_customer_is_anonymous(read, rows):
    ingested = read({"orders.csv": ORDERS + "A,,2026-02-03,100,\n"})
    (order,) = rows(ingested.tables["orders"])
    assert (order["source_id"], order["status"], order["source"]) == (None, "valid", "shop")


def test_negative_and_zero_amounts_are_accepted(read):
    ingested = read({"orders.csv": ORDERS + "A,C,2026-02-03,0,\nB,C,2026-02-03,-500,returned\n"})
    status = ingested.tables["orders"].order_by("order_id").status.to_pyarrow().to_pylist()
    # a negative row is itself the return
    assert status == ["valid", "valid"]


def test_a_status_is_mapped_as_the_parameters_say(read, rows):
    source = {
        "format": "csv",
        "orders": {
            "path": "orders.csv",
            "columns": {"status": "状態"},
            "status": {"完了": "valid", "返品": "returned"},
        },
    }
    text = ORDERS.replace("status", "状態") + "A,C,2026-02-03,1,完了\nB,C,2026-02-03,1,返品\n"
    ingested = read({"orders.csv": text + "C,C,2026-02-03,1,謎\n"}, {"web": source})

    assert [row["status"] for row in rows(ingested.tables["orders"])] == ["valid", "returned"]
    (word,) = ingested.unknown
    assert (word.source, word.value, word.rows) == ("web", "謎", 1)
    assert "web/orders: status '謎' is not mapped (1 rows quarantined)" in ingested.warnings


def test_a_bad_optional_cell_quarantines_its_row(read, reasons):
    text = "source_id,birth_date,consent_dm,phone\nC1,1980-02-30,,\nC2,,多分,\n"
    text += "C3,,,9.01E+10\nC4,0000/00/00,可,\n"
    ingested = read({"customers.csv": text})
    assert reasons(ingested) == {
        2: "unreadable:birth_date",
        3: "unreadable:consent_dm",
        4: "spreadsheet_number:phone",
    }


def test_a_last_valid_day_is_stored_as_the_next_midnight(read, rows):
    entries = "entry_id,source_id,occurred_at,kind,points,expires_at\n"
    entries += "E1,C,2026-01-01,grant,10,2026-03-31\nE2,C,2026-01-01,grant,10,2026-03-31 10:00\n"
    entries += "E3,C,2026-01-01,grant,10,9999-12-31\n"
    campaigns = "campaign_id,name,kind,starts_on,ends_on\nK,春,dm,2026-03-01,2026-03-31\n"
    ingested = read(
        {"orders.csv": ORDERS, "point_entries.csv": entries, "campaigns.csv": campaigns}
    )

    expiries = [row["expires_at"] for row in rows(ingested.tables["point_entries"])]
    assert expiries == [datetime(2026, 4, 1), datetime(2026, 3, 31, 10), None]
    (campaign,) = rows(ingested.tables["campaigns"])
    assert campaign["ends_on"] == datetime(2026, 4, 1)


def test_point_entries_hold_their_signs_and_kinds(read, reasons, rows):
    text = "entry_id,source_id,occurred_at,kind,points\nE1,C,2026-01-01,use,-5\n"
    text += "E2,C,2026-01-01,adjust,-5\nE3,C,2026-01-01,gift,5\nE4,C,2026-01-01,grant,1.5\n"
    ingested = read({"orders.csv": ORDERS, "point_entries.csv": text})
    assert reasons(ingested) == {2: "negative:points", 4: "unknown_kind", 5: "unreadable:points"}
    (entry,) = rows(ingested.tables["point_entries"])
    assert (entry["points"], entry["account"]) == (-5, "C")


def test_events_without_id_get_one_from_file_and_line(read, rows):
    text = "source_id,occurred_at,touchpoint\nC,2026-01-01,mail_open\nC,2026-01-01,mail_open\n"
    ingested = read({"orders.csv": ORDERS, "events.csv": text})
    events = rows(ingested.tables["events"])
    assert [(e["event_id"], e["seq"]) for e in events] == [("events.csv:2", 2), ("events.csv:3", 3)]


def test_outcomes_need_somebody(read, reasons):
    text = (
        "list_id,customer_id,source_id,outcome,at\nL,,,called,2026-01-01\nL,K1,,called,2026-01-01\n"
    )
    ingested = read({"orders.csv": ORDERS, "outcomes.csv": text})
    assert reasons(ingested) == {2: "missing:source_id"}


def test_dates_of_people_are_days(read, rows):
    ingested = read({"customers.csv": "source_id,birth_date\nC,昭和60年1月2日\n"})
    assert rows(ingested.tables["customers"])[0]["birth_date"] == date(1985, 1, 2)


def test_a_column_of_names_mapped_as_status_is_not_printed(read):
    people = "".join(f"A{n},C,2026-02-03,1,山田{n}\n" for n in range(40))
    ingested = read({"orders.csv": ORDERS + people})
    assert not any("山田" in warning for warning in ingested.warnings)
    assert {word.value for word in ingested.unknown} == {"ああ9", "ああ99"}


def test_a_constant_outside_the_vocabulary_is_listed(read):
    orders = {"path": "o.csv", "constants": {"status": "done"}}
    text = "order_id,source_id,ordered_at,amount\nA,C,2026-02-03,1\n"
    ingested = read({"o.csv": text}, {"web": {"format": "csv", "orders": orders}})
    assert ingested.tables["orders"].count().execute() == 0
    assert [word.rows for word in ingested.unknown] == [1]
