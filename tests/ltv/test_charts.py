import pandas as pd
import pytest
from matplotlib import pyplot as plt

from joren.ltv.charts import (
    customers_by_lapse,
    forecast_and_outcome,
    shares_by_purchases,
    value_ahead,
    value_by_group,
)

INTERVAL = {"mean": [30.0, 5.0], "lower": [20.0, 3.0], "upper": [40.0, 7.0]}
CHARTS = {
    "shares": shares_by_purchases(
        pd.DataFrame(
            {
                "label": ["ltv.purchase_days.1", "ltv.purchase_days.from_11"],
                "share": [0.6, 0.4],
                "lower": [0.5, 0.3],
                "upper": [0.7, 0.5],
            }
        )
    ),
    "lapse": customers_by_lapse(
        pd.DataFrame(
            {"label": ["ltv.lapse_band.from_80", "ltv.lapse_band.from_0"], "customers": [3, 1200]}
        )
    ),
    "groups": value_by_group(pd.DataFrame({"label": ["web", "ltv.level.other"]} | INTERVAL), "USD"),
    "ahead": value_ahead(pd.DataFrame({"days": [90, 365]} | INTERVAL), "JPY"),
    "backtest": forecast_and_outcome(
        pd.DataFrame(
            {
                "label": [{"ja": "第 1 群", "en": "Tenth 1"}, "web"],
                "expected": [0.2, 0.6],
                "lower": [0.1, 0.4],
                "upper": [0.3, 0.8],
                "actual": [0.25, 0.9],
            }
        ),
        "ltv.axis.orders_per_customer",
    ),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_chart_is_labelled_in_the_readers_language_and_starts_at_zero(name, language):
    figure = CHARTS[name](language)
    axes = figure.axes[0]
    japanese = any("぀" <= letter <= "鿿" for letter in axes.get_xlabel())
    assert japanese is (language == "ja")
    assert axes.get_xlim()[0] == 0
    plt.close(figure)


def test_groups_stand_in_their_order_each_in_the_readers_language():
    figure = CHARTS["backtest"]("ja")
    ticks = dict(zip(figure.axes[0].get_yticks(), figure.axes[0].get_yticklabels(), strict=True))
    assert ticks[max(ticks)].get_text() == "第 1 群"
    assert ticks[min(ticks)].get_text() == "web"
    plt.close(figure)
