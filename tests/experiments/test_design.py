"""A design draws the same people every time, in every stratum, and says what it can show."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from tests.campaigns.handmade import START, UNTIL, Tables, assigned, known, order, plan

from joren.campaigns.audience import assigned_customers
from joren.campaigns.outcomes import order_facts
from joren.errors import ParameterError
from joren.experiments.design import (
    Base,
    audience_of,
    base_of,
    conflicts,
    cost_table,
    draw,
    power_table,
    prior_of,
)

AS_OF = date(2026, 6, 30)
NAMES = [f"c{n:03d}" for n in range(100)]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables(
        orders=[
            order("c000", datetime(2026, 6, 30, 23), 3000),
            order("c001", datetime(2026, 6, 1), 1000),
            order("c002", datetime(2026, 5, 31), 9000),  # a day too early
        ],
        identity_map=known(*NAMES),
        assignments=assigned("treatment", "c000", "c001", "c002"),
        customers=[{"customer_id": name} for name in NAMES],
        segments=[
            {"customer_id": name, "preset": "joren", "segment": "vip" if n < 40 else "new"}
            for n, name in enumerate(NAMES[:90])
        ],
    )  # fmt: skip


def audience(tables: Tables, segment: str = "all"):
    return audience_of(tables("customers"), tables("segments"), segment)


def test_an_audience_is_a_segment_or_everybody_in_their_strata(tables):
    assert audience(tables, "vip").count().execute() == 40
    everybody = audience(tables).to_pandas()
    assert dict(everybody.stratum.value_counts()) == {"new": 50, "vip": 40, "all": 10}
    with pytest.raises(ParameterError, match="nobody is in the segment 'gone'"):
        audience(tables, "gone")


def test_base_rates_are_the_audiences_own_of_the_last_days(tables):
    identity = tables("identity_map")
    facts = order_facts(tables("canonical/orders"), identity, 0.4, AS_OF)
    base = base_of(audience(tables), facts, 30, AS_OF)
    assert (base.n, base.rate, base.revenue) == (100, 0.02, 40.0)
    mean, squares = 40.0, 3000**2 + 1000**2
    assert base.revenue_sd == pytest.approx(((squares - 100 * mean**2) / 99) ** 0.5)


def test_the_detectable_effect_of_the_published_sizes(tables):
    # methods: base 122/21306, +.001 needs 97,123.17 in each of two equal arms
    base = Base(2 * 97_123, 30, 122 / 21_306, 100.0, 500.0)
    table = power_table(base, [0.5, 0.1]).set_index("hold_out")
    assert table.response[0.5] == pytest.approx(0.001, rel=1e-4)
    assert table.response[0.1] > table.response[0.5]
    assert table.revenue_relative[0.5] == pytest.approx(table.revenue[0.5] / 100)


def test_the_ledgers_prior_says_how_likely_a_test_is_to_show_anything():
    base = Base(2 * 97_123, 30, 122 / 21_306, 100.0, 500.0)
    detectable = 0.001 / base.rate  # relative, with a power of .8
    sure = power_table(base, [0.5], (detectable, 1e-9)).chance[0]
    unsure = power_table(base, [0.5], (detectable, detectable)).chance[0]
    assert sure == pytest.approx(0.8, abs=1e-3)
    assert 0.55 < unsure < 0.75
    assert power_table(base, [0.5]).chance[0] is None


def test_the_prior_is_that_of_the_ledger():
    rows = [{"campaign_id": "C1", "prior_mean": 0.08, "prior_sd": 0.05}]
    assert prior_of(Tables(pdca=rows)("pdca")) == (0.08, 0.05)
    assert prior_of(Tables(pdca=[{"campaign_id": "C1"}])("pdca")) is None


def test_an_audience_that_bought_nothing_shows_no_effect():
    table = power_table(Base(100, 30, 0.0, 0.0, 0.0))
    assert table[["response", "revenue", "revenue_relative"]].isna().all(axis=None)


def test_the_draw_is_seeded_and_holds_out_its_share_of_every_stratum(tables):
    first = draw(audience(tables), "C9", 0.2, 7).to_pandas()
    again = draw(audience(tables), "C9", 0.2, 7).to_pandas()
    other = draw(audience(tables), "C9", 0.2, 8).to_pandas()
    assert first.equals(again)
    assert not first.equals(other)
    held = first[first.arm == "control"].stratum.value_counts()
    assert dict(held) == {"new": 10, "vip": 8, "all": 2}
    with pytest.raises(ParameterError):
        draw(audience(tables), "C9", 1.0, 7)


def test_conflicts_are_campaigns_of_the_same_days_with_the_same_people(tables):
    reached = assigned_customers(tables("canonical/assignments"), tables("identity_map"))
    people = audience(tables, "vip")
    found = conflicts(people, reached, [plan()], date(2026, 2, 20), date(2026, 3, 20))
    assert found.to_dict("records") == [
        {"campaign_id": "C1", "name": "春のDM", "starts_on": START, "last_day": plan().last_day,
         "customers": 3}
    ]  # fmt: skip
    assert conflicts(people, reached, [plan()], UNTIL, date(2026, 4, 1)).empty


def test_cost_is_of_those_contacted_by_channel():
    table = cost_table(80, {"dm": 85.0, "email": 1.0}, 10_000.0)
    assert dict(zip(table.channel, table.cost, strict=True)) == {"dm": 16_800, "email": 10_080}
