"""A finding is a sentence with interval, n and as-of, or with the reason why there is none."""

from __future__ import annotations

from datetime import date

import pytest

from joren.errors import JorenError
from joren.report.findings import compose


def _compose(**changes):
    given = {
        "value": 0.312, "lower": 0.301, "upper": 0.324, "n": 6120, "why_no_interval": None,
        "accent": False, "level": 0.9, "as_of": date(2026, 3, 31), "currency": "JPY",
        "language": "ja", "facts": {"subject": "x"},
    } | changes  # fmt: skip
    return compose("ltv.repeat_rate", **given)


def test_a_finding_holds_both_languages_and_its_numbers():
    finding = _compose()
    assert "31.2 %" in finding.text["ja"] and "31.2 %" in finding.text["en"]
    assert "30.1–32.4" in str(finding)
    item = finding.as_item()
    assert (item["value"], item["lower"], item["upper"], item["n"]) == (0.312, 0.301, 0.324, 6120)


def test_without_interval_and_reason_there_is_no_finding():
    with pytest.raises(JorenError, match="neither interval nor reason"):
        _compose(lower=None)


def test_a_stated_reason_stands_where_the_interval_would():
    finding = _compose(lower=None, upper=None, why_no_interval="common.counted")
    assert "全数集計" in finding.text["ja"]


def test_a_tile_entry_puts_the_number_on_the_first_page():
    finding = _compose()
    assert finding.tile["en"] == {
        "label": "Bought again",
        "value": "31.2 %",
        "sure": "90 % interval 30.1–32.4, n = 6,120, as of 31 Mar 2026",
    }
    assert finding.as_item()["tile"] == finding.tile
