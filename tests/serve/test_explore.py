from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joren.serve import explore


def _table(folder):
    rows = {
        "id": ["•••• 0001", "•••• 0002", "•••• 0003"],
        "channels": [["pos"], ["pos", "ec"], None],
        "segment": ["loyal", "new", "new"],
        "last_ordered_on": [dt.date(2026, 3, 1), None, dt.date(2026, 1, 15)],
        "p_order_90d": [0.5, 0.25, 0.75],
        "ltv_365d": [1000.0, 30000.0, 2000.0],
        "ltv_365d_lower": [0.0, 10000.0, 500.0],
        "ltv_365d_upper": [4000.0, 60000.0, 8000.0],
        "past_value": [5000.0, 45000.0, 50000.0],
        "overdue_ratio": [2.0, None, 0.5],
    }
    schema = pa.table(rows).schema.set(1, pa.field("channels", pa.list_(pa.string())))
    pq.write_table(pa.table(rows, schema=schema), folder / "explore.parquet")
    return folder / "explore.parquet"


def _content(channels):
    explored = {"channels": channels, "segments": []} if channels else None
    return {"explore": explored, "report": {"currency": "JPY"}, "views": {}}


def test_a_role_without_a_list_of_customers_gets_none(tmp_path):
    _table(tmp_path)
    reply = explore.replier(tmp_path, _content(None))
    assert reply({"channel": 0, "order": 0}) == {"error": True}
    assert reply({"view": "members", "list": 0}) == {"error": True}


def test_a_question_names_a_channel_and_an_order_by_place():
    assert explore.parse({"channel": 0, "order": 0}, ["ec", "pos"]) == (None, "value", None)
    assert explore.parse({"channel": 2, "order": 2}, ["ec", "pos"]) == ("pos", "overdue", None)
    asked = {"channel": 0, "order": 1, "segment": 2}
    assert explore.parse(asked, ["ec"], ["loyal", "new"]) == (None, "return", "new")


@pytest.mark.parametrize(
    "question",
    [None, [], "x", {"channel": 0}, {"channel": 3, "order": 0}, {"channel": "0", "order": 0},
     {"channel": 0, "order": -1}, {"channel": 0, "order": 0, "segment": 1},
     {"channel": 0, "order": 0, "segment": "new"},
     {"channel": False, "order": 0}, {"channel": 0.0, "order": 0}],
)  # fmt: skip
def test_any_other_question_is_refused(question):
    with pytest.raises(ValueError, match=r"place|question"):
        explore.parse(question, ["ec", "pos"])


def test_all_customers_are_counted_and_the_most_valuable_come_first(tmp_path):
    answer = explore.answer(_table(tmp_path), None, "value", "JPY")
    assert answer["count"] == {"ja": "3", "en": "3"}
    assert answer["past"]["ja"] == "¥10.0万"
    assert [row[0] for row in answer["rows"]["en"]] == ["•••• 0002", "•••• 0003", "•••• 0001"]
    assert answer["rows"]["ja"][1] == [
        "•••• 0003", "2026年1月15日", "75.0 %", "¥2,000", "¥500–¥8,000", "¥5.00万",
    ]  # fmt: skip


def test_one_channel_and_another_order(tmp_path):
    answer = explore.answer(_table(tmp_path), "pos", "overdue", "JPY")
    assert [row[0] for row in answer["rows"]["en"]] == ["•••• 0001", "•••• 0002"]
    assert answer["rows"]["en"][1][1] == "–"
    assert explore.answer(_table(tmp_path), "ec", "return", "JPY")["count"]["en"] == "1"


def test_one_segment_of_one_channel(tmp_path):
    answer = explore.answer(_table(tmp_path), "pos", "value", "JPY", "new")
    assert [row[0] for row in answer["rows"]["en"]] == ["•••• 0002"]


def test_a_channel_named_like_sql_is_only_a_name(tmp_path):
    hostile = "pos') or 1=1; drop table x; --"
    assert explore.answer(_table(tmp_path), hostile, "value", "JPY")["count"]["en"] == "0"


def test_a_reply_never_raises_and_never_tells_why(tmp_path, caplog):
    reply = explore.replier(tmp_path / "nowhere", _content(["pos"]))
    assert reply({"channel": 0, "order": 0}) == {"error": True}
    assert "the filter failed" in caplog.text
    assert reply({"channel": 9, "order": 0}) == {"error": True}


def test_the_engine_reads_nothing_beside_the_table(tmp_path):
    secret = tmp_path.parent / f"{tmp_path.name}-secret.csv"
    secret.write_text("a\n1\n")
    with explore.connect(tmp_path) as connection:
        with pytest.raises(Exception, match="disabled"):
            connection.execute(f"select * from read_csv('{secret}')")
        with pytest.raises(Exception, match="locked"):
            connection.execute("set enable_external_access=true")
