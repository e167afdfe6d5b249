from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.statistics import purchase_statistics

DATA = Path(__file__).parents[1] / "data" / "ltv"


def test_the_likelihood_is_the_published_one():
    c = pd.read_csv(DATA / "cdnow_customers_summary.csv")
    weeks = purchase_statistics(c.frequency, c.recency, c["T"])
    assert MBG_NBD.log_likelihood(weeks, 0.525, 6.183, 0.891, 1.614) == pytest.approx(
        -9582.14, abs=0.01
    )


def test_a_one_time_buyer_may_have_stopped_at_once():
    r, alpha, a, b = 0.3, 20.0, 0.8, 2.0
    once = purchase_statistics([0], [0], [50])
    expected = np.log(a / (a + b) + b / (a + b) * (alpha / (alpha + 50)) ** r)
    assert MBG_NBD.log_likelihood(once, r, alpha, a, b) == pytest.approx(expected, rel=1e-12)
