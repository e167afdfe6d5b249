"""Daily membership: spans lie end to end and say on every day what that day's count would say."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from joren.params_segments import LtvlabCpm, UchidenoCpm
from joren.segments.ltvlab_cpm import ltvlab_cpm
from joren.segments.standing import members, settled, spans, transitions
from joren.segments.uchideno_cpm import uchideno_cpm

AS_OF = date(2026, 3, 31)


def by_hand(bought: list[tuple[int, float]], on: date, cuts: LtvlabCpm) -> str | None:
    """LTV-Lab's cell of one customer on one day, counted afresh."""
    days = sorted((AS_OF - timedelta(days=ago), value) for ago, value in bought)
    known = [(day, value) for day, value in days if day <= on]
    if not known:
        return None
    tenure, silent = (known[-1][0] - known[0][0]).days, (on - known[-1][0]).days
    total = sum(value for _day, value in known)
    if len(known) == 1:
        cell = "first"
    elif tenure < cuts.short_tenure_days:
        cell = "toddling"
    elif total < cuts.total:
        cell = "steady"
    else:
        cell = "fashion" if tenure < cuts.long_tenure_days else "loyal"
    return f"{cell}_{'lapsed' if silent >= cuts.lapse_days else 'active'}"


purchases = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 60_000)),
    min_size=1, max_size=6, unique_by=lambda row: row[0],
)  # fmt: skip


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    people=st.lists(purchases, min_size=1, max_size=5),
    ago=st.lists(st.integers(0, 420), min_size=3, max_size=3),
)
def test_the_history_says_on_any_day_what_a_count_of_that_day_says(visits_of, people, ago):
    customers = {f"c{i}": bought for i, bought in enumerate(people)}
    cuts = LtvlabCpm()
    history = spans(visits_of(customers), ltvlab_cpm(cuts), AS_OF).cache()
    for back in ago:
        on = AS_OF - timedelta(days=back)
        held = members(history, on).to_pyarrow().to_pylist()
        expected = {name: by_hand(bought, on, cuts) for name, bought in customers.items()}
        assert {row["customer_id"]: row["segment"] for row in held} == {
            name: cell for name, cell in expected.items() if cell
        }


def test_spans_lie_end_to_end_and_the_last_is_open(visits_of):
    history = spans(visits_of({"a": [(300, 1), (100, 1)]}), uchideno_cpm(UchidenoCpm()), AS_OF)
    rows = history.order_by("valid_from").to_pyarrow().to_pylist()
    assert [row["segment"] + " " + row["status"] for row in rows] == [
        "trial active", "trial lapsed", "steady active", "steady lapsed",
    ]  # fmt: skip
    for row, following in pairwise(rows):
        assert row["valid_to"] == following["valid_from"]
    assert rows[-1]["valid_to"] is None


def test_since_is_the_day_the_cell_was_entered(visits_of):
    history = spans(
        visits_of({"a": [(30, 1)], "b": [(100, 1)]}), uchideno_cpm(UchidenoCpm()), AS_OF
    )
    since = {r["customer_id"]: r["since"] for r in members(history, AS_OF).to_pyarrow().to_pylist()}
    assert since == {"a": AS_OF - timedelta(days=30), "b": AS_OF - timedelta(days=40)}


def test_transitions_count_everybody_who_is_a_customer_at_the_end(visits_of):
    customers = {"old": [(200, 1)], "back": [(200, 1), (5, 1)], "new": [(3, 1)]}
    history = spans(visits_of(customers), uchideno_cpm(UchidenoCpm()), AS_OF)
    moves = transitions(history, AS_OF - timedelta(days=30), AS_OF).to_pyarrow().to_pylist()
    assert {(m["from_segment"], m["to_segment"]): m["customers"] for m in moves} == {
        ("trial", "trial"): 1, ("trial", "steady"): 1, (None, "trial"): 1,
    }  # fmt: skip


@pytest.mark.parametrize(("stable", "moves"), [(1, 4), (21, 3)])
def test_a_short_stay_is_no_move(visits_of, stable, moves):
    # lapsed on day 60 and back 20 days later
    history = spans(visits_of({"a": [(200, 1), (120, 1)]}), uchideno_cpm(UchidenoCpm()), AS_OF)
    assert settled(history, stable).count().execute() == moves


def test_rows_in_another_order_give_the_same_history(visits_of):
    customers = {f"c{i}": [(10 * i + j, 100 * j) for j in range(1, 9, 2)] for i in range(9)}
    first, second = (
        spans(visits_of(dict(order)), ltvlab_cpm(LtvlabCpm()), AS_OF)
        .order_by("customer_id", "valid_from")
        .to_pyarrow()
        for order in (customers.items(), reversed(customers.items()))
    )
    assert first.equals(second)
