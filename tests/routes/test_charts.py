import pandas as pd
import pytest

from joren.routes.charts import credit_chart


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_largest_credit_stands_on_top(language):
    credit = pd.DataFrame({
        "touchpoint": ["site_visit", "contact:mail"], "share": [0.3, 0.7], "lower": [0.2, 0.6],
        "upper": [0.4, 0.8], "last": [0.5, 0.5],
    })  # fmt: skip
    axes = credit_chart(credit)(language).axes[0]
    top = {"ja": "メール送信", "en": "Mail sent"}[language]

    assert axes.get_yticklabels()[0].get_text() == top
    assert axes.get_yticks()[0] == 1
