import pandas as pd
import pytest

from joren.routes.value_charts import difference_chart, edge_label, incidence_chart, signs_chart
from joren.text.formats import NO_VALUE

EDGES = pd.DataFrame({
    "source_touchpoint": ["order:first:pos", "(start)"], "target_touchpoint": ["app_open", "a"],
    "n": [50, 20], "customers": [50, 20], "raw": [9.0, -4.0], "ltv_difference": [5.0, -3.0],
    "incidence": [0.4, 0.2], "lower": [0.1, 0.1], "upper": [0.9, 0.4],
})  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_row_has_its_name_and_number_of_customers(language):
    for chart in (difference_chart(EDGES, "JPY"), incidence_chart(EDGES)):
        (axes,) = chart(language).axes
        labels = [tick.get_text() for tick in axes.get_yticklabels()]
        assert labels[0] == f"{edge_label('order:first:pos', 'app_open', language)}  (50)"


def test_the_days_before_stand_beside_each_sign():
    signs = pd.DataFrame({
        "sign": ["call", "a > b"], "lift": [2.0, 1.1], "lower": [1.5, 0.8], "upper": [2.6, 1.5],
        "lead_days": [31.0, None],
    })  # fmt: skip
    (axes,) = signs_chart(signs)("ja").axes

    assert [text.get_text() for text in axes.texts] == ["31 日", NO_VALUE, "何日前"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["call", "a → b"]
