"""One line a way; what is of grade D is a hatched grey bar and never a whisker."""

from __future__ import annotations

from tests.campaigns.handmade import plan
from tests.experiments.test_quasi_verdicts import row

from joren.experiments.quasi_charts import designs_forest


def test_grade_d_is_hatched_and_the_hold_out_stands_on_top():
    rows = [row("did"), row("before_after")]
    randomised = {("C1", "treatment"): (90.0, 60.0, 120.0)}
    figure = designs_forest(rows, randomised, {"C1": plan()}, "JPY")("ja")
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["無作為割付の比較 [A]", "差の差分析 [C]", "前後比較 [D]"]
    assert [patch.get_hatch() for patch in axes.patches] == ["/////"]
