import numpy as np
import pytest

from joren.errors import JorenError
from joren.ltv import choice
from joren.ltv.choice import level, tried_models
from joren.ltv.pooling import Sampling, posteriors
from joren.ltv.statistics import PurchaseStatistics, purchase_statistics

HOW = Sampling("laplace", 250, 4, seed=1)


def customers(n: int, stages: int, seed: int) -> PurchaseStatistics:
    """MBG/CNBD-k customers: about an order a month while alive, known for up to two years."""
    rng = np.random.default_rng(seed)
    age = rng.integers(100, 700, n).astype(float)
    rate = rng.gamma(2.0, 1 / 60.0, n) * stages
    gaps = rng.gamma(stages, 1 / rate[:, None], (n, 400))
    lives = rng.geometric(np.clip(rng.beta(0.8, 3.0, n), 1e-9, 1)) - 1
    made = np.minimum((gaps.cumsum(1) <= age[:, None]).sum(1), lives)
    mine = np.arange(400) < made[:, None]
    return purchase_statistics(
        made, (gaps * mine).sum(1), age, log_gaps=np.log(np.where(mine, gaps, 1)).sum(1)
    )


def test_regular_buyers_get_the_number_of_stages_they_were_made_with():
    tried = tried_models([customers(400, 3, seed=2)], "auto", HOW)
    assert tried[0].model.name == "mbg_cnbd_3"
    names = {t.model.name for t in tried}
    assert names == {"mbg_nbd", "mbg_cnbd_2", "mbg_cnbd_3", "mbg_cnbd_4", "pareto_nbd"}
    lead, se = tried[0].loo.lead_over(tried[-1].loo)
    assert lead > 4 * se


def test_irregular_buyers_stop_at_one_stage_and_the_others_stand_by_their_density():
    tried = tried_models([customers(400, 1, seed=3)], "auto", HOW)
    assert tried[0].model.stages == 1
    assert "mbg_cnbd_3" not in {t.model.name for t in tried}
    others = [t.loo.elpd for t in tried[1:]]
    assert others == sorted(others, reverse=True)


def test_of_level_models_pareto_is_taken_and_a_decisive_lead_is_followed(monkeypatch):
    some = customers(400, 1, seed=3)
    level = tried_models([some], "auto", HOW)
    monkeypatch.setattr(choice, "_DECISIVE", 0.0)
    strict = tried_models([some], "auto", HOW)
    assert strict[0].loo.elpd == max(t.loo.elpd for t in strict)
    lead, se = strict[0].loo.lead_over(level[0].loo)
    assert (level[0].model.name, strict[0].model.name) == ("pareto_nbd", "mbg_nbd")
    assert 0 < lead < 2 * se


def test_a_model_asked_for_is_the_only_one_tried():
    some = customers(100, 1, seed=4)
    assert [t.model.name for t in tried_models([some], "bg_nbd", HOW)] == ["bg_nbd"]


def test_without_the_times_between_orders_no_regularity_is_looked_for():
    known = customers(100, 1, seed=4)
    unknown = PurchaseStatistics(known.frequency, known.recency, known.age, known.customers)
    assert len(tried_models([unknown], "auto", HOW)) == 2
    with pytest.raises(JorenError, match="times between orders"):
        tried_models([unknown], "mbg_cnbd_k", HOW)


def test_of_very_many_customers_a_sample_chooses_and_level_models_are_fitted_to_all(monkeypatch):
    some = customers(1500, 1, seed=5)
    monkeypatch.setattr(choice, "_ENOUGH_CUSTOMERS", 300)
    found = tried_models([some], "auto", HOW)
    assert 200 < found[0].loo.customers.sum() < 400
    few = some.thinned(0.2, np.random.default_rng(HOW.seed))

    def spread(posterior):
        return (posterior.sd() / posterior.mean()).min()

    for tried in found:
        (of_few,) = posteriors(tried.model, [few], HOW)
        narrower = spread(tried.orders[0]) < 0.6 * spread(of_few)
        assert narrower == (tried in level(found))
