"""Effects on value: the first days are seen, the horizon says how much of it is a forecast."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pytest
from tests.campaigns.handmade import Tables, assigned, known, order, plan

from joren.campaigns.arms import count_arms
from joren.campaigns.audience import assigned_customers, one_arm_each
from joren.campaigns.outcomes import order_facts
from joren.contract import check_columns
from joren.engine import connect
from joren.experiments.ltv_readout import ltv_table, read_out_ltv, total_sd

AS_OF = date(2026, 6, 30)  # 150 days after the campaign began
TREATED, HELD = [f"t{n}" for n in range(6)], [f"h{n}" for n in range(6)]


def read(by_arm=None):
    tables = Tables(
        orders=[
            *(order(name, datetime(2026, 2, 3), 1000 + 100 * n) for n, name in enumerate(TREATED)),
            *(order(name, datetime(2026, 2, 3), 500 + 100 * n) for n, name in enumerate(HELD)),
            *(order(name, datetime(2026, 6, 1), 200) for name in TREATED),  # after 90 days
        ],
        identity_map=known(*TREATED, *HELD),
        assignments=[*assigned("treatment", *TREATED), *assigned("control", *HELD)],
        ltv=[{"customer_id": name, "ltv_365d": 300.0} for name in TREATED]
        + [{"customer_id": name, "ltv_365d": 280.0} for name in HELD],
    )  # fmt: skip
    identity = tables("identity_map")
    everybody = assigned_customers(tables("canonical/assignments"), identity).cache()
    facts = order_facts(tables("canonical/orders"), identity, 0.4, AS_OF).cache()
    plans = [plan()]
    arms = count_arms(everybody, plans)
    ltv = tables("ltv")
    own = None if by_arm is None else {"C1": {"treatment": by_arm(tables.con)}}
    people = one_arm_each(everybody)
    return read_out_ltv(plans, arms, people, facts, ltv, AS_OF, 0.1, 0.9, by_arm=own)


@pytest.fixture(scope="module")
def found():
    return read()


def test_a_model_of_each_arm_answers_and_the_shared_one_stands_beside(found):
    def own(con):
        rows = [{"customer_id": name, "expected": 360.0 + n} for n, name in enumerate(TREATED)]
        rows += [{"customer_id": name, "expected": 280.0 + n} for n, name in enumerate(HELD)]
        return SimpleNamespace(customers=con.create_table("own", pa.Table.from_pylist(rows)),
                               prior_sd=50.0)  # fmt: skip

    seen, ahead = read(own)
    assert (seen.model, ahead.model) == ("none", "by_arm")
    assert ahead.evidence.effect == pytest.approx(0.4 * 700 + 80)
    assert ahead.evidence.assumption == "quasi.assumption.by_arm"
    assert ahead.evidence.se > 50
    assert ahead.shared == found[1].evidence
    assert found[1].model == "shared"
    row = ltv_table([seen, ahead]).to_pylist()[1]
    assert (row["model"], row["shared"]) == ("by_arm", pytest.approx(0.4 * 700 + 20))


def test_ninety_days_are_seen_and_the_horizon_is_a_year_from_today(found):
    seen, ahead = found
    assert (seen.days, ahead.days) == (90, 150 + 365)
    assert seen.evidence.effect == pytest.approx(0.4 * 500)  # margin of 1000 over 500
    assert seen.extrapolated == 0
    assert ahead.evidence.effect == pytest.approx(0.4 * 700 + 20)
    assert ahead.extrapolated == pytest.approx(20 / (0.4 * 700 + 20))


def test_both_are_of_grade_a_and_name_their_assumption(found):
    assert [row.evidence.grade for row in found] == ["A", "A"]
    assert [row.evidence.assumption for row in found] == [
        "quasi.assumption.randomised", "quasi.assumption.surrogate",
    ]  # fmt: skip


def test_the_table_keeps_its_contract(found):
    check_columns(connect().create_table("ltv", ltv_table(found)), "experiment_ltv")


def test_the_models_sd_is_its_own_or_its_last_miss():
    totals = pd.DataFrame([
        {"measure": "value", "days": 365, "group_name": "all", "mean": 1000.0,
         "lower": 1000 - 164.485, "upper": 1000 + 164.485},
    ])  # fmt: skip
    none = pd.DataFrame(columns=["measure", "predictor", "group_name", "value"])
    missed = pd.DataFrame([
        {"measure": "total_value", "predictor": name, "group_name": "all", "value": value}
        for name, value in (("model", 80.0), ("actual", 100.0))
    ])  # fmt: skip
    assert total_sd(totals, none, 0.9) == pytest.approx(0.1, abs=1e-4)
    assert total_sd(totals, missed, 0.9) == pytest.approx(0.2)
    assert total_sd(totals.iloc[:0], none, 0.9) == 0
