from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from joren.ltv.bg_nbd import BG_NBD
from joren.ltv.statistics import purchase_statistics

DATA = Path(__file__).parents[1] / "data" / "ltv"
PUBLISHED = (0.243, 4.414, 0.793, 2.426)


@pytest.fixture(scope="module")
def cdnow_weeks() -> pd.DataFrame:
    return pd.read_csv(DATA / "cdnow_customers_summary.csv")


def test_the_likelihood_is_the_published_one(cdnow_weeks):
    c = cdnow_weeks
    weeks = purchase_statistics(c.frequency, c.recency, c["T"])
    assert BG_NBD.log_likelihood(weeks, *PUBLISHED) == pytest.approx(-9582.43, abs=0.01)


def test_days_change_the_likelihood_by_the_change_of_unit_alone(cdnow_weeks):
    c = cdnow_weeks
    weeks = purchase_statistics(c.frequency, c.recency, c["T"])
    in_days = purchase_statistics(c.frequency, c.recency * 7, c["T"] * 7)
    r, alpha, a, b = PUBLISHED
    assert BG_NBD.log_likelihood(in_days, r, alpha * 7, a, b) == pytest.approx(
        BG_NBD.log_likelihood(weeks, *PUBLISHED) - c.frequency.sum() * np.log(7), rel=1e-10
    )


def test_a_one_time_buyer_has_not_tossed_the_coin():
    r, alpha, a, b = 0.3, 20.0, 0.8, 2.0
    once = purchase_statistics([0], [0], [50])
    expected = r * np.log(alpha / (alpha + 50))
    assert BG_NBD.log_likelihood(once, r, alpha, a, b) == pytest.approx(expected, rel=1e-12)
