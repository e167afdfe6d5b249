"""What changed since the last run: a difference inside an interval is none."""

from __future__ import annotations

import pytest

from joren.report.changes import causes, changed_figures, verdict


def _item(value, lower=None, upper=None, key="k", subject=None):
    tile = {"label": "率", "value": f"{value}", "sure": ""}
    return {
        "kind": "finding", "key": key, "subject": subject, "value": value, "lower": lower,
        "upper": upper, "tile": {"ja": tile, "en": tile},
    }  # fmt: skip


def _report(*items):
    return {"stages": [{"steps": [{"items": list(items)}]}]}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (_item(5.0), _item(5.0), "same"),
        (_item(5.0), _item(6.0), "up"),
        (_item(5.0), _item(4.0), "down"),
        (_item(5.0, 4.5, 5.5), _item(5.4, 4.9, 5.9), "unchanged"),
        (_item(5.0, 4.9, 5.1), _item(5.4, 4.9, 5.9), "unchanged"),
        (_item(5.0, 4.9, 5.1), _item(6.0, 5.9, 6.1), "up"),
    ],
)
def test_a_difference_is_judged_by_the_intervals(before, now, expected):
    assert verdict(before, now) == expected


def test_figures_are_set_beside_those_of_the_same_key_and_subject():
    before = _report(_item(1.0, subject="a"), _item(9.0, key="gone"))
    rows = changed_figures(_report(_item(2.0, subject="a"), _item(3.0, subject="b")), before, "ja")
    assert [(row["before"], row["now"], row["verdict"]) for row in rows] == [("1.0", "2.0", "上昇")]


def _record(**changes):
    return {
        "as_of": "2026-02-28", "inputs": {"a.csv": "1", "b.csv": "2"}, "code_version": "1",
        "parameters": {"ltv": {"margin_rate": 0.4}}, "lock": "x",
    } | changes  # fmt: skip


def test_every_cause_is_named():
    now = _record(
        as_of="2026-03-31", inputs={"a.csv": "9", "c.csv": "3"}, code_version="2",
        parameters={"ltv": {"margin_rate": 0.5}}, lock="y",
    )  # fmt: skip
    said = causes(now, _record(), "en")
    assert said == [
        "The as-of date moved from 2026-02-28 to 2026-03-31.",
        "Input files: 1 changed, 1 new, 1 gone.",
        "Parameters changed: ltv",
        "The program changed: 1 → 2",
        "The computing environment changed.",
    ]


def test_without_a_cause_the_report_says_so():
    assert causes(_record(), _record(), "en") == [
        "Inputs, parameters and program are those of the last report."
    ]
