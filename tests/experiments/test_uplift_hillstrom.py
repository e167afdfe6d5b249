"""Uplift on the open Hillstrom test: its known effects, and a ranking of the women's mail."""

import ibis
import pytest

from joren.experiments.feature_cells import feature_cells
from joren.experiments.qini import qini, ranked, top_effect
from joren.experiments.uplift import fit_uplift
from joren.params import project_root

_FEATURES = ["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]


def _cells(outcome):
    data = ibis.duckdb.connect().read_parquet(
        project_root() / "tests/data/experiments/hillstrom.parquet"
    )
    arms = data.filter(data.segment.isin(["Womens E-Mail", "No E-Mail"]))
    rows = arms.mutate(
        customer_id=ibis.row_number(),
        treated=arms.segment == "Womens E-Mail",
        outcome=arms[outcome],
    )
    return feature_cells(rows, _FEATURES)


def test_the_mean_effect_on_spend_is_the_published_one():
    assert _cells("spend").effect == pytest.approx(0.424412216, abs=1e-6)


def test_visits_of_the_womens_mail_can_be_ranked():
    cells = _cells("visit")
    order = ranked(cells, fit_uplift(cells, "dr", 1).scores)
    found = qini(order, 0.9, seed=1)

    assert cells.n.sum() == 21_387 + 21_306
    assert found.lower > 0
    # those who bought women's goods before visit for it, the others hardly
    assert top_effect(order, 0.3, 0.9)[1] > cells.effect
