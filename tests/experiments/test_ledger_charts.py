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


def test_of_many_campaigns_the_newest_are_drawn_and_counted():
    plans = [plan(n) for n in range(30)]
    ledger = make_ledger(
        [held(p) for p in plans], [result(p, 0.03, 0.01) for p in plans], [], 0.9, 1.0
    )
    figure = ledger_forest(ledger)("en")
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert (labels[0], labels[-2], len(labels)) == ("施策10 [A]", "施策29 [A]", 21)
    assert axes.get_xlabel().endswith("(newest 20 of 30)")
    assert figure.get_figheight() < 9
