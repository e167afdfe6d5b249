"""The five statuses, to the day."""

from __future__ import annotations

from datetime import date, timedelta

from joren.params_segments import Joren
from joren.segments.cut_offs import CutOffs
from joren.segments.joren_status import joren_status, with_silences
from joren.segments.standing import members, spans

AS_OF = date(2026, 3, 31)
CUTS = CutOffs(typical_gap=30.0, at_risk=2.0, dormant=4.0, loyal_total=10_000, gaps=1, repeaters=1)


def _statuses(visits_of, customers, on=AS_OF):
    rules = Joren()
    rows = with_silences(visits_of(customers), CUTS)
    held = members(spans(rows, joren_status(rules, CUTS), AS_OF), on).to_pyarrow().to_pylist()
    return {row["customer_id"]: row["segment"] for row in held}


def test_one_purchase_is_new_until_two_typical_gaps_are_over(visits_of):
    customers = {"a": [(59, 1)], "b": [(60, 1)], "c": [(119, 1)], "d": [(120, 1)]}
    assert _statuses(visits_of, customers) == {
        "a": "new", "b": "at_risk", "c": "at_risk", "d": "dormant",
    }  # fmt: skip


def test_a_slow_buyer_is_given_more_time_than_a_fast_one(visits_of):
    fast = [(50 + 5 * i, 1) for i in range(6)]
    slow = [(50 + 90 * i, 1) for i in range(4)]
    found = _statuses(visits_of, {"fast": fast, "slow": slow})
    assert found == {"fast": "dormant", "slow": "promising"}


def test_loyal_takes_purchases_and_value(visits_of):
    customers = {
        "rich": [(40, 9_999), (20, 1), (0, 0)],
        "poor": [(40, 9_998), (20, 1), (0, 0)],
        "two": [(20, 20_000), (0, 1)],
    }
    assert _statuses(visits_of, customers) == {
        "rich": "loyal", "poor": "promising", "two": "promising",
    }  # fmt: skip


def test_everybody_has_exactly_one_status_on_every_day(visits_of):
    customers = {f"c{i}": [(7 * i + 13 * j, 500) for j in range(i % 5 + 1)] for i in range(40)}
    for back in (0, 33, 90):
        on = AS_OF - timedelta(days=back)
        known = [n for n, rows in customers.items() if max(ago for ago, _ in rows) >= back]
        assert sorted(_statuses(visits_of, customers, on)) == sorted(known)
