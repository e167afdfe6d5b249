import random
from itertools import pairwise

import pytest

from joren.errors import JorenError
from joren.routes.edges import (
    check_sums,
    edge_counts,
    end_code_of,
    half_year,
    in_groups,
    named,
    transitions,
)  # fmt: skip
from joren.routes.steps import codes_of


def _counts(steps, groups=None, periods=False):
    pairs = transitions(steps, end_code_of(steps))
    return edge_counts(in_groups(pairs, groups, periods))


def _edges(steps, **about):
    found = named(_counts(steps, **about), codes_of(steps), end_code_of(steps)).to_pandas()
    return found.set_index(["source_touchpoint", "target_touchpoint"])


def test_edges_of_a_few_routes_by_hand(steps_of):
    edges = _edges(steps_of(A=["a", "b", "a", "b"], B=["a"], C=["b", "a"]))

    assert edges.loc[("a", "b"), "transitions"] == 2
    assert edges.loc[("a", "b"), "customers"] == 1
    assert edges.loc[("(start)", "a"), "customers"] == 2
    assert edges.loc[("a", "(end)"), "transitions"] == 2
    assert edges.loc[("b", "a"), "probability"] == pytest.approx(2 / 3)
    assert edges.loc[("b", "a"), "median_hours"] == 1
    assert edges.median_hours.isna().sum() == 4  # (start) → a, b and a, b → (end)
    assert len(edges) == 6


def test_every_step_is_the_end_of_one_edge_and_every_customer_has_one_end(steps_of):
    chance = random.Random(2)
    routes = {
        f"C{i}": [chance.choice("abcde") for _ in range(chance.randint(1, 9))] for i in range(200)
    }
    steps = steps_of(**routes)
    counts = _counts(steps).cache()
    n = sum(map(len, routes.values()))

    check_sums(counts, n, 200, end_code_of(steps))
    with pytest.raises(JorenError, match="no step may be lost"):
        check_sums(counts, n + 1, 200, end_code_of(steps))


def test_edges_of_a_log_of_tickets_add_up_to_its_events(rows):
    """Like a help desk's log: cases, their own order in seq, a clock that ties, loops on itself."""
    from datetime import datetime, timedelta

    from joren.routes.steps import coded_steps, in_order

    ticket = ["assign", "take", "take", "wait", "take", "resolve", "close"]
    routes = {f"case {i}": ticket[i % 2 : 3 + i % 5] for i in range(60)}
    given = [
        {"customer_id": case, "at": datetime(2026, 1, 1) + timedelta(hours=place // 2), "rank": 2,
         "seq": place, "tie": "", "touchpoint": name}
        for case, route in routes.items() for place, name in enumerate(route)
    ]  # fmt: skip
    n = sum(map(len, routes.values()))
    pairs = {(a, b) for route in routes.values() for a, b in pairwise(route)}
    edges = _edges(coded_steps(rows(given)))

    into = edges.index.get_level_values("target_touchpoint") != "(end)"
    assert edges[into].transitions.sum() == n == len(given)
    assert edges[~into].transitions.sum() == 60
    assert set(edges[edges.median_hours.notna()].index) == pairs
    # without names and without a second sort: the same edges
    ordered = in_order(rows(given))
    end = end_code_of(ordered.steps)
    fast = named(edge_counts(transitions(ordered.steps, end)), ordered.codes, end).to_pandas()
    fast = fast.set_index(["source_touchpoint", "target_touchpoint"]).loc[edges.index]
    assert fast.equals(edges)


def test_the_median_of_an_even_number_of_gaps_lies_between_the_middle_ones(rows):
    from datetime import datetime, timedelta

    from joren.routes.steps import coded_steps

    given = []
    for customer, hours in (("A", 1), ("B", 2), ("C", 10), ("D", 40)):
        for place, name in ((0, "a"), (hours, "b")):
            given.append({
                "customer_id": customer, "at": datetime(2026, 1, 1) + timedelta(hours=place),
                "rank": 2, "seq": 0, "tie": "", "touchpoint": name,
            })  # fmt: skip
    edges = _edges(coded_steps(rows(given)))
    assert edges.loc[("a", "b"), "median_hours"] == 6


def test_groups_and_half_years_are_counted_beside_everybody(steps_of, rows):
    steps = steps_of(A=["a", "b"], B=["a"])
    groups = rows([{"customer_id": "A", "group_name": "rank:high"}])
    edges = _edges(steps, groups=groups, periods=True).reset_index()

    sums = edges.groupby("group_name").transitions.sum().to_dict()
    assert sums == {"all": 5, "rank:high": 3, "period:2026-H1": 5}


def test_a_half_year_begins_in_july(rows):
    from datetime import datetime

    given = rows([{"at": datetime(2026, 6, 30, 23)}, {"at": datetime(2026, 7, 1)}])
    found = given.select(p=half_year(given.at)).p.to_pyarrow().to_pylist()
    assert sorted(found) == ["period:2026-H1", "period:2026-H2"]


def test_counts_do_not_depend_on_row_order_nor_on_threads(con, steps_of):
    chance = random.Random(3)
    routes = [
        (f"C{i}", [chance.choice("abcde") for _ in range(chance.randint(1, 9))]) for i in range(300)
    ]
    order = ["group_name", "source", "target"]

    def found(routes, threads):
        con.raw_sql(f"SET threads = {threads}")
        try:
            return _counts(steps_of(**dict(routes)), periods=True).order_by(order).to_pyarrow()
        finally:
            con.raw_sql("RESET threads")

    assert found(routes, 1).equals(found(chance.sample(routes, len(routes)), 2))
