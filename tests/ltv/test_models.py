import ibis
import numpy as np
import pyarrow as pa
import pytest

from joren.engine import connect
from joren.errors import JorenError
from joren.ltv.bg_nbd import BG_NBD
from joren.ltv.choice import Tried
from joren.ltv.loo import leave_one_out
from joren.ltv.models import (
    Extent,
    Fit,
    extent,
    fit,
    model_table,
    purchase_counts,
    purchase_counts_by_cell,
    spend_counts,
)
from joren.params_ltv import Ltv
from joren.stats.posterior import Posterior


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


def test_the_times_between_orders_cross_as_sums(summary):
    table = summary.mutate(log_gaps=(summary.frequency * 1_500_000).cast("int64"))
    assert purchase_counts(table).log_gaps.tolist() == [0, 1.5, 3]
    assert purchase_counts(summary).log_gaps is None


@pytest.fixture(scope="module")
def two_kinds():
    """Customers of two channels, quick ones and slow ones, drawn from MBG/NBD."""
    rng, n = np.random.default_rng(8), 600
    channel = np.repeat(["shop", "web"], n // 2)
    age = rng.integers(30, 700, n)
    rate = rng.gamma(1.5, 1 / np.where(channel == "web", 15.0, 150.0))
    gaps = rng.exponential(1 / rate[:, None], (n, 300)).cumsum(1)
    lives = rng.geometric(np.clip(rng.beta(0.9, 2.5, n), 1e-9, 1)) - 1
    made = np.minimum((gaps <= age[:, None]).sum(1), lives)
    last = np.where(made > 0, gaps[np.arange(n), np.maximum(made - 1, 0)], 0.0).round()
    table = pa.table(
        {
            "frequency": made,
            "recency": last.astype(int),
            "T": age,
            "monetary_value": pa.array(rng.gamma(6, 5, n), mask=made == 0),
            "first_channel": channel,
        }
    )
    return connect().create_table("two_kinds", table)


def test_every_model_tried_is_in_the_table_beside_the_chosen_one(two_kinds):
    fitted = fit(two_kinds, Ltv(inference="laplace", draws=250), seed=1)
    table = model_table(fitted, 0.9).to_pandas()
    orders = table[table.model != "gamma_gamma"]
    assert set(orders.model) == {"mbg_nbd", "pareto_nbd"}
    assert (orders.elpd_lead[orders.chosen] == 0).all()
    behind = orders[~orders.chosen]
    assert behind.elpd_lead.tolist() == pytest.approx(
        (orders.elpd[orders.chosen].iloc[0] - behind.elpd).tolist()
    )
    assert (behind.elpd_lead > -2 * behind.elpd_lead_se).all()
    assert table.chosen[table.model == "gamma_gamma"].all()
    assert fitted.model.name in set(orders.model[orders.chosen])
    assert fitted.orders is fitted.tried[0].orders[0]


def test_channels_that_differ_get_parameters_of_their_own(two_kinds):
    how = Ltv(inference="laplace", draws=250, by="first_channel", pooling="separate")
    fitted = fit(two_kinds, how.model_copy(update={"model": "mbg_nbd"}), seed=1)
    assert [cell.name for cell in fitted.cells] == ["shop", "web"]
    assert sum(cell.purchases.total for cell in fitted.cells) == 600
    table = model_table(fitted, 0.9).to_pandas().query("model == 'mbg_nbd'")
    alpha = table[table.chosen].set_index("parameter")["mean"]
    assert alpha["alpha[web]"] < 40 < alpha["alpha[shop]"]
    assert set(table.parameter[~table.chosen]) == {"r", "alpha", "a", "b"}


def test_cells_that_do_not_differ_share_their_parameters(two_kinds):
    shuffled = np.random.default_rng(3).permutation(np.repeat(["shop", "web"], 300))
    columns = two_kinds.to_pyarrow().drop(["first_channel"])
    table = connect().create_table(
        "mixed", columns.append_column("first_channel", pa.array(shuffled))
    )
    how = Ltv(inference="laplace", draws=250, by="first_channel", pooling="separate")
    fitted = fit(table, how.model_copy(update={"model": "mbg_nbd"}), seed=1)
    assert fitted.cells == ()
    apart, together = fitted.cells_loo
    assert apart.elpd < together.elpd


def test_a_category_nobody_has_is_an_error(summary):
    with pytest.raises(JorenError, match="no first_channel"):
        purchase_counts_by_cell(summary, "first_channel")


def test_each_parameter_is_reported_with_its_method(summary):
    draws = np.column_stack([np.linspace(1, 2, 101)] * 4)
    weights = np.full(101, 1 / 101)
    orders = Posterior(
        ("r", "alpha", "a", "b"), draws, weights, "laplace", np.full(4, 900.0), k_hat=0.1
    )
    spend = Posterior(
        ("p", "q", "v"), draws[:, :3], weights, "nuts", np.full(3, 800.0), np.full(3, 1.001), 0
    )
    purchases = purchase_counts(summary)
    loo = leave_one_out(BG_NBD, [purchases], [draws], seed=1)
    tried = (Tried(BG_NBD, (orders,), loo),)
    both = Fit(purchases, spend_counts(summary), orders, spend, BG_NBD, tried)
    rows = model_table(both, 0.9).to_pylist()
    assert [row["parameter"] for row in rows] == ["r", "alpha", "a", "b", "p", "q", "v"]
    first, last = rows[0], rows[-1]
    assert (first["method"], first["k_hat"], first["r_hat"]) == ("laplace", 0.1, None)
    assert (last["method"], last["r_hat"], last["divergences"]) == ("nuts", 1.001, 0)
    assert (first["mean"], first["lower"], first["upper"]) == pytest.approx((1.5, 1.05, 1.95))
    assert (first["elpd"], last["elpd"]) == (pytest.approx(loo.elpd), None)
