"""The pictures of segments say what their tables say."""

from __future__ import annotations

from datetime import date

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from joren.segments.charts import cells, month_ends, moves, stock, waterfall


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def _words(figure) -> set[str]:
    axes = figure.axes[0]
    ticks = [t.get_text() for t in (*axes.get_yticklabels(), *axes.get_xticklabels())]
    return {text.get_text() for text in axes.texts} | set(ticks)


@pytest.mark.parametrize(("language", "new"), [("ja", "新しい顧客  4"), ("en", "New customers  4")])
def test_moves_name_both_days_and_those_who_were_no_customers(language, new):
    rows = pd.DataFrame(
        {
            "from_segment": ["loyal", "none"], "to_segment": ["loyal", "new"],
            "customers": [9, 4], "from_on": date(2026, 2, 28), "to_on": date(2026, 3, 31),
        }
    )  # fmt: skip
    figure = moves(rows, "joren", ["loyal", "new"], ())(language)
    assert new in _words(figure)


def test_cells_are_labelled_with_their_numbers_in_the_order_given():
    counts = pd.DataFrame({"segment": ["steady", "trial"], "customers": [1_200, 30]})
    figure = cells(counts, "uchideno_cpm", ["trial", "steady"])("ja")
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels == ["初回・トライアル客", "コツコツ客"]
    assert "1,200" in _words(figure)


def test_the_stock_draws_a_line_for_every_segment_there_is():
    rows = pd.DataFrame(
        {
            "on": [date(2026, 2, 28), date(2026, 3, 31)] * 2,
            "segment": ["loyal", "loyal", "new", "new"], "customers": [5, 6, 7, 8],
        }
    )  # fmt: skip
    figure = stock(rows, "joren", ["loyal", "promising", "new"])("en")
    assert len(figure.axes[0].lines) == 2


def test_a_waterfall_begins_at_the_incumbent_and_ends_at_ours():
    steps = pd.DataFrame(
        {
            "step": ["incumbent", "valid_only", "one_person"],
            "value": [2_500.0, 2_400.0, 2_000.0], "change": [None, -100.0, -400.0],
        }
    )  # fmt: skip
    words = _words(waterfall(steps, "count", "JPY")("ja"))
    assert {"2,500", "2,000", "Joren"} <= words
    assert "-400" in {word.replace("−", "-") for word in words}


def test_month_ends_close_with_the_last_day():
    assert month_ends(date(2026, 1, 15), date(2026, 3, 10)) == [
        date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 10),
    ]  # fmt: skip
