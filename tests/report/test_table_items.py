"""A small table in both languages."""

from __future__ import annotations

import pandas as pd

from joren.report.table_items import table_item
from joren.text import named


def test_headers_and_cells_are_written_in_both_languages_and_numbers_stand_right():
    own = named({"ja": "自店", "en": "own name"})
    # pandas would make plain strings of them, unless told otherwise
    names = pd.Series(["segments.name.joren.loyal", own], dtype=object)
    frame = pd.DataFrame({"segment": names, "n": [1234, 5]})
    columns = {
        "segment": ("segments.column.segment", "label"),
        "n": ("segments.axis.customers", "count"),
    }
    item = table_item("t", {"ja": "題", "en": "Title"}, frame, columns, "JPY")
    assert item["rows"]["ja"] == [["優良", "1,234"], ["自店", "5"]]
    assert item["rows"]["en"] == [["loyal", "1,234"], ["own name", "5"]]
    assert [column["align"] for column in item["columns"]] == ["left", "right"]
    assert item["columns"][0]["header"] == {"ja": "セグメント", "en": "Segment"}
