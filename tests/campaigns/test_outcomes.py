from datetime import date, datetime
from decimal import Decimal

from tests.campaigns.handmade import AS_OF, Tables, known, order, plan

from joren.campaigns.outcomes import (
    order_facts,
    outcomes,
    point_uses,
    window_of,
    window_table,
)
from joren.campaigns.plan import house_kpi

CUSTOMERS = ["a"]


def outcome(orders=(), entries=(), kpi="response_rate", ltv=()):
    tables = Tables(
        orders=list(orders), point_entries=list(entries), identity_map=known("a"), ltv=list(ltv)
    )
    identity = tables("identity_map")
    customers = tables.con.create_table(
        "people", {"campaign_id": ["C1"], "customer_id": ["a"], "arm": ["treatment"]}
    )
    facts = order_facts(tables("canonical/orders"), identity, 0.4, AS_OF)
    uses = point_uses(tables("canonical/point_entries"), identity)
    windows = window_table([window_of(plan(), house_kpi(kpi))])
    ahead = tables("ltv") if ltv else None
    (row,) = outcomes(customers, windows, facts, uses, ahead).to_pyarrow().to_pylist()
    return row


def entry(kind, points, at, **more):
    name = more.pop("entry_id", f"{kind}-{at:%m%d%H%M}")
    return {"source": "shop", "entry_id": name, "source_id": "a", "account": "a",
            "occurred_at": at, "kind": kind, "points": points} | more  # fmt: skip


def test_the_first_and_the_last_day_count_and_the_days_around_do_not():
    inside = [datetime(2026, 2, 1), datetime(2026, 2, 28, 23, 59, 59)]
    outside = [datetime(2026, 1, 31, 23, 59, 59), datetime(2026, 3, 1)]
    row = outcome([order("a", at) for at in inside + outside])
    assert (row["orders"], row["responded"], row["purchase_days"], row["repeated"]) == (2, 1, 2, 1)
    assert row["revenue"] == Decimal(2000)
    assert row["orders_before"] == 1
    assert row["lapsed"] == 0


def test_two_orders_of_one_day_are_one_purchase_day():
    day = datetime(2026, 2, 10, 9)
    row = outcome([order("a", day), order("a", day.replace(hour=18))])
    assert (row["orders"], row["purchase_days"], row["repeated"]) == (2, 1, 0)


def test_cancelled_orders_do_not_count_and_refunds_are_taken_off():
    rows = [
        order("a", datetime(2026, 2, 3)),
        order("a", datetime(2026, 2, 4), status="cancelled"),
        order("a", datetime(2026, 2, 5), amount=-300),
    ]
    row = outcome(rows)
    assert (row["orders"], row["revenue"]) == (1, Decimal(700))


def test_margin_is_the_orders_own_where_known_else_of_the_value_before_tax():
    rows = [
        order("a", datetime(2026, 2, 3), margin=250),
        order("a", datetime(2026, 2, 4), amount=1100, amount_excluding_tax=1000),
    ]
    row = outcome(rows)
    assert row["margin"] == Decimal(250) + Decimal(400)
    assert row["revenue"] == Decimal(2100)


def test_somebody_who_did_nothing_is_a_row_of_zeros():
    row = outcome()
    assert (row["orders"], row["revenue"], row["points_used"], row["lapsed"]) == (0, 0, 0, 1)
    assert row["ltv"] is None


def test_points_given_back_were_not_used():
    at = datetime(2026, 2, 3)
    rows = [
        entry("use", 300, at, entry_id="u1"),
        entry("cancel", 100, datetime(2026, 4, 1), reverses_entry_id="u1"),
        entry("use", 50, datetime(2026, 1, 5)),
        entry("grant", 900, at),
    ]
    row = outcome(entries=rows)
    assert (row["points_used"], row["used_points"], row["points_before"]) == (200, 1, 50)


def test_an_entry_that_came_twice_counts_once():
    row = outcome(entries=[entry("use", 300, datetime(2026, 2, 3))] * 2)
    assert row["points_used"] == 300


def test_lapse_is_silence_in_the_days_after():
    assert outcome([order("a", datetime(2026, 2, 20))], kpi="lapse_rate")["lapsed"] == 1
    assert outcome([order("a", datetime(2026, 5, 29))], kpi="lapse_rate")["lapsed"] == 0
    assert outcome([order("a", datetime(2026, 5, 30))], kpi="lapse_rate")["lapsed"] == 1


def test_ltv_is_margin_since_the_start_and_what_is_forecast():
    ahead = {"customer_id": "a", "ltv_365d": 1234.5}
    rows = [
        order("a", at) for at in (datetime(2026, 1, 5), datetime(2026, 2, 5), datetime(2026, 6, 5))
    ]
    assert outcome(rows, ltv=[ahead])["ltv"] == Decimal("2034.5")


def test_windows_of_equal_days_are_one():
    own = house_kpi("orders")
    assert window_of(plan(), own).name == "readout"
    assert window_of(plan(), house_kpi("lapse_rate")).name == "after_90"
    assert window_of(plan(), house_kpi("lapse_rate")).begin == date(2026, 3, 1)
