"""Forecasts made after a campaign are answered arm by arm, merged customers and all."""

from __future__ import annotations

from datetime import date, datetime

import ibis
import numpy as np
import pandas as pd
import pytest
from tests.campaigns.handmade import Tables, assigned, known, order, plan

from joren.campaigns.arms import count_arms
from joren.campaigns.audience import assigned_customers, one_arm_each
from joren.campaigns.outcomes import order_facts
from joren.experiments.ltv_answers import forecast_answers

MADE, AS_OF = date(2026, 3, 31), date(2026, 6, 30)  # the campaign was over on 28 February
TREATED, HELD = ([f"{arm}{n:03d}" for n in range(200)] for arm in "th")


def answers(later: int, made: date = MADE, as_of: date = AS_OF, merged: str | None = None):
    """Everybody was expected to bring about 1,000 in 60 days; the treated bring `later`."""
    rng = np.random.default_rng(1)
    orders = [
        order(name, datetime(2026, 4, 15), int(amount * rng.uniform(0.5, 1.5)))
        for names, amount in ((TREATED, later), (HELD, 1000))
        for name in names
    ]
    names = [*TREATED, *HELD]
    before = [{"kind": "merge", "at": datetime(2026, 5, 1), "source": "shop",
               "customer_ids_before": [merged, TREATED[0]],
               "customer_ids_after": [TREATED[0]]}] if merged else []  # fmt: skip
    tables = Tables(
        orders=orders, identity_map=known(*names), identity_history=before,
        assignments=[*assigned("treatment", *TREATED), *assigned("control", *HELD)],
    )  # fmt: skip
    identity = tables("identity_map")
    everybody = assigned_customers(tables("canonical/assignments"), identity).cache()
    facts = order_facts(tables("canonical/orders"), identity, 0.4, AS_OF).cache()
    frozen = pd.DataFrame({"customer_id": [*names, *([merged] if merged else [])]})
    frozen = frozen.assign(
        made_as_of=made, days=[[30, 60, 365]] * len(frozen),
        expected_value=[[500.0, 1000.0, 6000.0]] * len(frozen),
    )  # fmt: skip
    log = tables.con.create_table("frozen", ibis.memtable(frozen).cast({"made_as_of": "date"}))
    plans = [plan()]
    return forecast_answers(
        plans, count_arms(everybody, plans), one_arm_each(everybody), facts, log,
        tables("identity_history"), identity, as_of,
    )  # fmt: skip


def test_arms_that_go_on_alike_pass():
    (check,) = answers(1000).values()
    assert check.outcome == "passed"
    assert check.facts["ratio_control"] == pytest.approx(0.4, abs=0.03)


def test_orders_pulled_forward_fail():
    found = answers(600)
    assert found["C1", "treatment"].outcome == "failed"
    assert found["C1", "treatment"].statistic == pytest.approx(-0.4, abs=0.08)


def test_what_was_expected_of_a_merged_customer_is_kept():
    alone, merged = (answers(1000, merged=name)["C1", "treatment"] for name in (None, "old"))
    assert merged.facts["ratio"] == pytest.approx(alone.facts["ratio"] * 200 / 201)


def test_forecasts_from_before_the_end_or_not_yet_due_say_nothing():
    assert answers(600, made=date(2026, 2, 10)) == {}
    assert answers(600, as_of=date(2026, 4, 20)) == {}
