import numpy as np
from tests.points.test_earnings import earned

from joren.points.dose import BestGrant
from joren.points.earnings_charts import profit_by_grant, waterfall
from joren.stats.effects import Estimate


def test_each_bar_of_the_waterfall_begins_where_the_last_one_ended():
    axes = waterfall(earned((-131.0, -350.0, 88.0)), "JPY")("ja").axes[0]
    bars = axes.patches
    ends = [bar.get_y() + bar.get_height() for bar in bars]
    starts = [bar.get_y() for bar in bars]
    assert starts[0] == 0
    assert starts[1:-1] == ends[:-2]
    assert starts[-1] == 0
    assert ends[-1] == ends[-2] == -13_100


def test_profit_is_drawn_with_its_band_and_the_best_grant():
    points = np.array([0.0, 100.0, 200.0])
    profits = np.array([[0.0, 10.0, 5.0], [0.0, 20.0, 15.0]])
    best = BestGrant(Estimate(100.0, 100.0, 200.0), Estimate(15.0, 10.0, 20.0))
    axes = profit_by_grant(points, profits, best, 0.9, "JPY")("en").axes[0]
    marker = axes.lines[-1]
    assert (marker.get_xdata()[0], marker.get_ydata()[0]) == (100.0, 15.0)
    assert axes.get_xlabel() == "Points granted per customer"
