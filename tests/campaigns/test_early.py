"""Campaigns that are running: what is claimed of them holds however often one looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from tests.campaigns.handmade import START, assigned, known, order, plan
from tests.campaigns.test_gather import client

from joren.campaigns.arms import Arms
from joren.campaigns.early import EARLY_METRICS, as_table, early_looks, main_looks
from joren.campaigns.early_verdicts import early_overview, early_sentence
from joren.campaigns.gather import gather
from joren.campaigns.metrics import CONTRACT_METRICS
from joren.campaigns.readings import readings_of
from joren.campaigns.readout import read_out
from joren.campaigns.statistics import Cells
from joren.contract import check_columns
from joren.engine import connect
from joren.stats.srm import sample_ratio

CAMPAIGN = plan()  # 28 days of February
HALFWAY = date(2026, 2, 14)
PEOPLE = 60  # of each arm


def shop(answer: float, control: float, as_of: date = HALFWAY):
    """A client whose campaign is on: shares of both arms that ordered, one a customer."""
    treated, held = [[f"{arm}{i}" for i in range(PEOPLE)] for arm in ("t", "c")]
    buyers = [*treated[: round(answer * PEOPLE)], *held[: round(control * PEOPLE)]]
    orders = [order(name, datetime(2026, 2, 2 + i % 10)) for i, name in enumerate(buyers)]
    tables = client(
        [CAMPAIGN], identity_map=known(*treated, *held), orders=orders,
        assignments=assigned("treatment", *treated) + assigned("control", *held),
    )  # fmt: skip
    return gather(tables, CONTRACT_METRICS, 0.4, as_of)


def looks_of(gathered, as_of: date = HALFWAY):
    return early_looks(gathered.readings, gathered.arms, gathered.cells, as_of, 0.9)


def test_a_large_effect_is_claimed_halfway_and_is_no_result():
    gathered = shop(0.9, 0.3)
    (look,) = main_looks(looks_of(gathered))
    assert (look.days_seen, look.days) == (14, 28)
    assert look.effect.method == "sequential"
    assert look.claimed
    assert look.effect.absolute.lower > 0
    assert look.effect.p_better is None  # a chance by one look may not be watched
    key, facts = early_sentence(look, CAMPAIGN)
    assert (key, facts["last"]) == ("campaigns.early.raised", CAMPAIGN.last_day)
    assert read_out(gathered.readings, gathered.arms, gathered.cells, HALFWAY, 0.9) == []


def test_an_interval_of_one_look_would_claim_what_that_of_all_looks_does_not():
    gathered = shop(0.55, 0.35)
    (look,) = main_looks(looks_of(gathered))
    reach = 1.645 * look.effect.absolute.se
    assert look.effect.absolute.value - reach > 0
    assert not look.claimed
    key, _facts = early_sentence(look, CAMPAIGN)
    assert key == "campaigns.early.open"


def test_too_few_responses_say_nothing():
    (look,) = main_looks(looks_of(shop(0.5, 0.1)))
    assert look.effect.absolute.lower is None
    assert not look.claimed
    assert early_sentence(look, CAMPAIGN)[0] == "campaigns.early.few"


def test_silence_and_forecasts_are_not_read_of_half_the_days_nor_campaigns_that_are_over():
    gathered = shop(0.9, 0.3)
    read = {look.reading.metric.id for look in looks_of(gathered)}
    assert set(EARLY_METRICS) <= read
    assert "ltv" not in read
    assert looks_of(gathered, CAMPAIGN.last_day) == []
    assert looks_of(gathered, START - timedelta(days=1)) == []


def test_arms_that_are_not_as_planned_show_no_effect():
    gathered = shop(0.9, 0.3)
    own = gathered.arms["C1"]
    uneven = replace(own, srm=sample_ratio({"control": 60, "treatment": 600}))
    (look,) = main_looks(
        early_looks(gathered.readings, {"C1": uneven}, gathered.cells, HALFWAY, 0.9)
    )
    assert look.effect is None
    assert not look.claimed
    assert early_sentence(look, CAMPAIGN) is None
    alone = Arms("C1", {"treatment": 60}, 0, None)
    assert early_looks(gathered.readings, {"C1": alone}, gathered.cells, HALFWAY, 0.9) == []


def test_the_table_keeps_its_contract_and_the_overview_its_rows():
    looks = looks_of(shop(0.9, 0.3))
    check_columns(connect().create_table("early", as_table(looks)), "experiment_early")
    assert len(early_overview(looks, {"C1": CAMPAIGN})) == len(looks)


def daily_cells(rng: np.random.Generator, n: int, lift: float) -> list[Cells]:
    """A campaign day by day: customers who differ in how often they order, 20 cumulated days."""
    treated = rng.random(n) < 0.7
    rate = rng.gamma(0.8, 0.5, n) * np.where(treated, lift, 1.0)
    made = rng.poisson(rate[:, None] / 20, (n, 20)).cumsum(1)
    found = []
    for day in range(20):
        rows = {}
        for arm, where in (("treatment", treated), ("control", ~treated)):
            x = made[where, day]
            rows["C1", arm, "readout", "all"] = {
                "n": len(x), "orders__total": int(x.sum()), "orders__squares": int((x**2).sum()),
                "orders__positive": int((x > 0).sum()), "orders__positive_total": int(x.sum()),
                "orders__log": 0, "orders__product": 0, "orders_before__total": 0,
                "orders_before__squares": 0,
            }  # fmt: skip
        found.append(Cells(rows))
    return found


def claims(runs: int, lift: float, seed: int) -> float:
    """Share of campaigns of 20 days in which any daily look claims an effect on orders."""
    rng, claimed = np.random.default_rng(seed), 0
    campaign = plan(until=START + timedelta(days=21), shares={"control": 3, "treatment": 7})
    reading = [r for r in readings_of(campaign, ["orders"]) if r.metric.id == "orders"]
    for _run in range(runs):
        days = daily_cells(rng, 600, lift)
        sizes = {arm: days[0].rows["C1", arm, "readout", "all"]["n"]
                 for arm in ("control", "treatment")}  # fmt: skip
        arms = {"C1": Arms("C1", sizes, 0, sample_ratio(sizes, campaign.shares))}
        looks = [
            early_looks(reading, arms, cells, START + timedelta(days=day), 0.9)
            for day, cells in enumerate(days)
        ]
        claimed += any(look.claimed for found in looks for look in found)
    return claimed / runs


@pytest.mark.parametrize(("lift", "low", "high"), [(1.0, 0.0, 0.05 + 0.03), (2.5, 0.9, 1.0)])
def test_twenty_looks_claim_in_one_of_twenty_campaigns_at_most_and_see_a_large_effect(
    lift, low, high
):
    assert low <= claims(200, lift, seed=4) <= high  # binomial noise of 200 runs
