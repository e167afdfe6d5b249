"""Pictures of value: two whiskers an arm, and a curve beside contacting by lot."""

from __future__ import annotations

import pandas as pd
from tests.campaigns.handmade import plan
from tests.experiments.test_value_verdicts import ltv_row

from joren.experiments.qini import Qini
from joren.experiments.value_charts import ltv_forest, qini_curve


def test_what_is_ahead_is_labelled_with_its_unseen_share():
    rows = [ltv_row(90, 0.0), ltv_row(515, 0.4)]
    (axes,) = ltv_forest(rows, {"C1": plan()}, "JPY")("ja").axes
    assert [label.get_text() for label in axes.texts] == ["90 日", "515 日(未観測 40 %)"]
    assert len(axes.get_yticklabels()) == 1


def test_the_curve_ends_where_contacting_by_lot_ends():
    curve = pd.DataFrame({
        "share": [0.0, 0.5, 1.0], "gain": [0.0, 80.0, 100.0], "lower": [0.0, 60.0, 70.0],
        "upper": [0.0, 100.0, 130.0], "by_lot": [0.0, 50.0, 100.0],
    })  # fmt: skip
    (axes,) = qini_curve(Qini(15.0, 5.0, 25.0, curve, 2000), "JPY")("en").axes
    gain, by_lot = axes.lines
    assert gain.get_ydata()[-1] == by_lot.get_ydata()[-1] == 100.0
