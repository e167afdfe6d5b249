"""The ledger's picture: pooled effects in blue, grade D as a hatched grey bar."""

from __future__ import annotations

from matplotlib.patches import Rectangle
from tests.experiments.ledgers import held, plan, result

from joren.experiments.ledger import make_ledger
from joren.experiments.ledger_charts import ledger_forest


def test_grade_d_is_hatched_and_the_next_campaign_stands_last():
    plans = [plan(n) for n in range(3)]
    rows = [result(p, 0.03, 0.01) for p in plans[:2]] + [result(plans[2], 0.05, 0.01, grade="D")]
    figure = ledger_forest(make_ledger([held(p) for p in plans], rows, [], 0.9, 1.0))("ja")

    (axes,) = figure.axes
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [bar.get_hatch() for bar in bars] == ["/////"]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["施策0 [A]", "施策1 [A]", "施策2 [D]", "次の施策の見込み"]
