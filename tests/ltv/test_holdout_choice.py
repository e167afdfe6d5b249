from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.ltv.handmade import fit_to, posterior, summary

from joren.ltv.choice import Tried, level
from joren.ltv.forecast import parts_of
from joren.ltv.holdout import Cut
from joren.ltv.holdout_choice import choose_by_holdout, with_model
from joren.ltv.loo import LeaveOneOut
from joren.ltv.mbg_cnbd_k import mbg_cnbd
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.pareto_nbd import PARETO_NBD
from joren.ltv.prediction import forecast_orders

CUT = Cut(date(2025, 1, 1), date(2025, 12, 31), date(2026, 3, 31))


def density(elpd: float) -> LeaveOneOut:
    rng = np.random.default_rng(int(-elpd))
    return LeaveOneOut(elpd, 1.0, 0.0, 0.1, rng.normal(size=60), np.ones(60))


@pytest.fixture(scope="module")
def known():
    return summary()


@pytest.fixture(scope="module")
def tried(known):
    """MBG/NBD and Pareto/NBD are level, MBG/CNBD-2 is clearly worse."""
    fit = fit_to(known)
    pareto = posterior(PARETO_NBD.parameters, 0.6, 60.0, 0.6, 90.0)
    models = (
        Tried(MBG_NBD, (fit.orders,), density(-100.0)),
        Tried(PARETO_NBD, (pareto,), density(-99.0)),
        Tried(mbg_cnbd(2), (fit.orders,), density(-900.0)),
    )
    return replace(fit, tried=models)


def expected(fit) -> float:
    (part,) = parts_of(fit)
    forecast = forecast_orders(part.purchases, fit.model, part.draws, [CUT.holdout_days])
    return float(part.purchases.customers @ forecast.mean[:, 0])


def test_a_model_that_leave_one_out_clearly_rejects_is_out(tried):
    assert [t.model.name for t in level(tried.tried)] == ["mbg_nbd", "pareto_nbd"]
    assert with_model(tried, "mbg_cnbd_2").model.name == "mbg_nbd"
    assert with_model(tried, "pareto_nbd").model.name == "pareto_nbd"


@pytest.mark.parametrize("name", ["mbg_nbd", "pareto_nbd"])
def test_of_level_models_the_one_nearest_to_what_happened_is_used(known, tried, name):
    total = expected(with_model(tried, name))
    happened = known.mutate(orders_after=total / 60)
    choice = choose_by_holdout(happened, tried, CUT)
    assert (choice.fit.model.name, choice.why) == (name, "holdout")
    totals = {row["predictor"]: row["value"] for row in choice.totals}
    assert totals[name] == pytest.approx(total)
    assert set(totals) == {"mbg_nbd", "pareto_nbd"}


def test_without_a_level_rival_leave_one_out_decides(known, tried):
    clear = replace(tried, tried=(tried.tried[0], tried.tried[2]))
    happened = known.mutate(orders_after=1)
    assert choose_by_holdout(happened, clear, CUT).why == "loo"
    assert choose_by_holdout(happened, replace(tried, tried=tried.tried[:1]), CUT).why == "only"
