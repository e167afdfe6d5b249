import ibis
import numpy as np
import pytest

from joren.engine import connect
from joren.ltv.inference import Posterior
from joren.ltv.models import Extent, Fit, extent, model_table, purchase_counts, spend_counts


@pytest.fixture
def summary():
    rows = [
        {"frequency": 0, "recency": 0, "T": 200, "monetary_value": None},
        {"frequency": 0, "recency": 0, "T": 200, "monetary_value": None},
        {"frequency": 2, "recency": 90, "T": 100, "monetary_value": 12.5},
        {"frequency": 1, "recency": 90, "T": 100, "monetary_value": -3.0},
    ]
    schema = {"frequency": "int64", "recency": "int64", "T": "int64", "monetary_value": "float64"}
    return connect().create_table("summary", ibis.memtable(rows, schema=schema).to_pyarrow())


def test_only_unique_customers_cross_from_the_engine(summary):
    purchases, spends = purchase_counts(summary), spend_counts(summary)
    assert (len(purchases), purchases.total) == (3, 4)
    assert (spends.frequency.tolist(), spends.mean_spend.tolist()) == ([2], [12.5])


def test_the_extent_of_a_summary(summary):
    assert extent(summary) == Extent(customers=4, repeaters=1, days=200)


@pytest.mark.parametrize(
    ("found", "thin"),
    [
        (Extent(500, 100, 180), False),
        (Extent(499, 100, 400), True),
        (Extent(900, 100, 179), True),
        (Extent(900, 0, 400), True),
    ],
)
def test_too_few_customers_too_few_days_or_no_repeat_is_thin(found, thin):
    assert found.is_thin() is thin


def test_what_is_missing_is_counted():
    assert (Extent(420, 9, 100).missing_customers, Extent(420, 9, 100).missing_days) == (80, 80)


def test_each_parameter_is_reported_with_its_method(summary):
    draws = np.column_stack([np.linspace(1, 2, 101)] * 4)
    weights = np.full(101, 1 / 101)
    orders = Posterior(
        ("r", "alpha", "a", "b"), draws, weights, "laplace", np.full(4, 900.0), k_hat=0.1
    )
    spend = Posterior(
        ("p", "q", "v"), draws[:, :3], weights, "nuts", np.full(3, 800.0), np.full(3, 1.001), 0
    )
    both = Fit(purchase_counts(summary), spend_counts(summary), orders, spend)
    rows = model_table(both, 0.9).to_pylist()
    assert [row["parameter"] for row in rows] == ["r", "alpha", "a", "b", "p", "q", "v"]
    first, last = rows[0], rows[-1]
    assert (first["method"], first["k_hat"], first["r_hat"]) == ("laplace", 0.1, None)
    assert (last["method"], last["r_hat"], last["divergences"]) == ("nuts", 1.001, 0)
    assert (first["mean"], first["lower"], first["upper"]) == pytest.approx((1.5, 1.05, 1.95))
