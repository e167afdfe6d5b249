from datetime import date, datetime, timedelta

import ibis
import pytest

from joren.routes.edges import end_code_of, transitions
from joren.routes.landmarks import (
    EARLY,
    LATE,
    at_risk,
    exposed,
    lead_days,
    orders_ago,
    reach_of,
    signs_of,
)
from joren.routes.steps import coded_steps, names_of

AS_OF = date(2026, 3, 31)


@pytest.fixture
def seen(rows):
    """Steps of customer → [(days ago, touchpoint)]; names that begin with `order` are orders."""

    def make(**customers):
        given = [
            {"customer_id": customer, "at": datetime(2026, 3, 31, 12) - timedelta(days=ago),
             "rank": 2, "seq": 0, "tie": "", "touchpoint": name,
             "kind": "order" if name.startswith("order") else "event"}
            for customer, met in customers.items()
            for ago, name in met
        ]  # fmt: skip
        return coded_steps(rows(given))

    return make


def test_nobody_is_at_risk_once_lost_or_when_the_end_cannot_be_known(seen):
    steps = seen(A=[(100, "order"), (90, "order")], B=[(10, "order")])
    risk = at_risk(orders_ago(steps, AS_OF), 20, 100).to_pandas()

    # 98 to 70 days ago are within 20 days of her orders; 70 is neither early nor late
    assert sorted(risk.landmark * 7) == [77, 84, 91, 98]
    assert set(risk.customer_id) == {"A"}
    lost = risk.set_index("landmark").lost
    assert lost.to_dict() == {14: 0, 13: 0, 12: 1, 11: 1}


def test_cells_tell_recency_and_orders(seen):
    steps = seen(A=[(120, "order"), (110, "order")])
    risk = at_risk(orders_ago(steps, AS_OF), 30, 120).to_pandas().set_index("landmark")

    # two orders from 110 days ago on; 12 days after them it is 98 days ago
    assert risk.cell.to_dict() == {17: 0, 16: 0, 15: 1, 14: 1}
    long = seen(A=[(120, "order")])
    risk = at_risk(orders_ago(long, AS_OF), 30, 120).to_pandas().set_index("landmark")
    assert risk.cell.to_dict() == {17: 0, 16: 0, 15: 3, 14: 3}  # 15 and 22 days of silence


def test_what_is_learnt_was_known_before_it_is_judged(seen):
    steps = seen(A=[(ago, "order") for ago in range(400, 0, -10)])
    risk = at_risk(orders_ago(steps, AS_OF), 30, 400).to_pandas()
    early, late = (risk[risk.period == p].landmark * 7 for p in (EARLY, LATE))

    assert early.min() - 30 >= late.max()
    assert late.min() >= 30


def test_a_sign_counts_for_four_weeks_and_never_from_the_future(seen):
    steps = seen(A=[(100, "order"), (75, "complaint"), (60, "order"), (40, "order")])
    orders = orders_ago(steps, AS_OF)
    risk = at_risk(orders, 30, 100)
    pairs = transitions(steps, end_code_of(steps))
    shown = exposed(risk, signs_of(steps, pairs, AS_OF, end_code_of(steps))).to_pandas()
    names = names_of(steps)
    complaint = shown[shown.source.isna() & (shown.target.map(names) == "complaint")]

    # 70 and 63 days ago are neither early nor late; 42 days ago it is five weeks old
    assert sorted(complaint.landmark * 7) == [49, 56]
    assert sorted(set(risk.to_pandas().landmark * 7)) == [35, 42, 49, 56, 91, 98]
    assert "order" not in set(shown[shown.source.isna()].target.map(names))


def test_lead_time_is_from_the_sign_to_the_day_she_counts_as_lost(seen):
    steps = seen(A=[(200, "order"), (195, "complaint")], B=[(ago, "order") for ago in (300, 1)])
    end = end_code_of(steps)
    risk = at_risk(orders_ago(steps, AS_OF), 30, 220).mutate(period=ibis.literal(LATE))
    shown = exposed(risk, signs_of(steps, transitions(steps, end), AS_OF, end))
    found = lead_days(shown, 30).to_pandas()

    # lost 170 days ago, complained 195 days ago
    assert found[found.source.isna()].lead_days.tolist() == [25]


def test_how_much_there_is_is_counted(seen):
    steps = seen(A=[(100, "order"), (90, "order")])
    reach = reach_of(at_risk(orders_ago(steps, AS_OF), 20, 100))
    assert sum(reach.weeks.values()) <= 5 and max(reach.customers.values()) == 1
