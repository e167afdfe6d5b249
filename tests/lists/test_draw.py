"""Whatever lists there are: consent, cap and hold-out hold, and the account adds up."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lists.handmade import plain

from joren.contract import validate
from joren.lists.account import account, members_table
from joren.lists.contact_cap import TAKES_A_PLACE
from joren.lists.draw import STANDINGS, draw_lists
from joren.lists.plan import ListPlan

CANDIDATES = {
    "list_id": "string", "customer_id": "string", "qualifies": "boolean", "stratum": "string",
}  # fmt: skip
REACHABLE = {"customer_id": "string", "channel": "string"}
SENT = {"customer_id": "string", "contacts": "int64"}
ARMS = {"campaign_id": "string", "customer_id": "string", "arm": "string"}

PLANS = [
    ListPlan("mail", "spring", "a", "r", ("email", "line"), 0.4, 2),
    ListPlan("letter", "spring", "b", "r", ("dm",), 0.4, 1),
    ListPlan("calls", "save", "c", "r", ("call", "email"), 0.5, 3),
]
CAMPAIGN = {plan.list_id: plan.campaign_id for plan in PLANS}
CHANNELS = {plan.list_id: plan.channels for plan in PLANS}
people = st.sampled_from([f"C{n}" for n in range(9)])


def drawn(con, candidates, reachable, sent=(), earlier=(), cap=2, seed=1, plans=PLANS):
    table = draw_lists(
        con,
        plans,
        plain(con, "given_candidates", CANDIDATES, list(candidates)),
        plain(con, "given_reachable", REACHABLE, list(reachable)),
        plain(con, "given_sent", SENT, list(sent)),
        plain(con, "given_arms", ARMS, list(earlier)),
        cap,
        seed,
    )
    return table, table.to_pyarrow().to_pylist()


@settings(max_examples=25, deadline=None)
@given(
    candidates=st.dictionaries(
        st.tuples(st.sampled_from(sorted(CAMPAIGN)), people),
        st.tuples(st.booleans(), st.sampled_from("xy")),
        max_size=27,
    ),
    reachable=st.sets(st.tuples(people, st.sampled_from(["email", "line", "dm", "call"]))),
    sent=st.lists(st.tuples(people, st.integers(0, 3)), max_size=8),
    earlier=st.dictionaries(
        st.tuples(st.sampled_from(["spring", "save"]), people),
        st.sampled_from(["treat", "control"]),
        max_size=6,
    ),
    cap=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_consent_cap_and_hold_out_hold(con, candidates, reachable, sent, earlier, cap, seed):
    given_rows = [(*key, *facts) for key, facts in candidates.items()]
    arms = [(*key, arm) for key, arm in earlier.items()]
    table, rows = drawn(con, given_rows, reachable, sent, arms, cap, seed)
    before = Counter()
    for customer, contacts in sent:
        before[customer] += contacts

    # nobody is lost, everybody has one standing
    assert sorted((r["list_id"], r["customer_id"]) for r in rows) == sorted(candidates)
    assert {r["standing"] for r in rows} <= set(STANDINGS)

    listed = [r for r in rows if r["standing"] == "listed"]
    for row in listed:
        assert candidates[row["list_id"], row["customer_id"]][0]
        assert row["channel"] in CHANNELS[row["list_id"]]
        assert (row["customer_id"], row["channel"]) in reachable

    # the cap holds, and nobody is turned away who has a place left
    places = Counter(r["customer_id"] for r in rows if r["standing"] in TAKES_A_PLACE)
    for customer, taken in places.items():
        assert before[customer] + taken <= cap
    for row in rows:
        if row["standing"] == "over_cap":
            assert before[row["customer_id"]] + places[row["customer_id"]] >= cap

    # who is held out of a campaign is on no list of it, and earlier arms are kept
    of_campaign = {}
    for row in rows:
        if row["arm"]:
            key = (row["campaign_id"], row["customer_id"])
            assert of_campaign.setdefault(key, row["arm"]) == row["arm"]
            assert earlier.get(key, row["arm"]) == row["arm"]
            assert (row["arm"] == "control") == (row["standing"] == "held_out")

    members = con.create_table("given_members", members_table(table), overwrite=True)
    validate(members, "list_members")
    book = account(con, table, PLANS, date(2026, 3, 31))
    validate(book, "list_account")
    for line in book.to_pyarrow().to_pylist():
        assert line["considered"] == sum(line[standing] for standing in STANDINGS)
        assert line["considered"] == sum(key[0] == line["list_id"] for key in candidates)


def test_the_first_choice_that_is_open_is_the_channel(con):
    _table, rows = drawn(
        con,
        [("mail", "A", True, "x"), ("mail", "B", True, "x"), ("mail", "C", True, "x")],
        [("A", "line"), ("A", "email"), ("B", "line"), ("C", "dm")],
    )
    found = {row["customer_id"]: (row["channel"], row["standing"]) for row in rows}
    assert found["A"][0] == "email"
    assert found["B"][0] == "line"
    assert found["C"] == (None, "no_consent")


def test_a_place_taken_by_the_first_list_is_not_given_again(con):
    _table, rows = drawn(
        con,
        [("mail", "A", True, "x"), ("letter", "A", True, "x"), ("calls", "A", True, "x")],
        [("A", "email"), ("A", "dm"), ("A", "call")],
        sent=[("A", 1)],
        earlier=[("spring", "A", "treat"), ("save", "A", "treat")],
        cap=3,
    )
    found = {row["list_id"]: row["standing"] for row in rows}
    assert found == {"letter": "listed", "mail": "listed", "calls": "over_cap"}


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_another_order_are_drawn_alike(con, seed):
    candidates = [("mail", f"C{n}", True, "xy"[n % 2]) for n in range(30)]
    reachable = [(f"C{n}", "email") for n in range(30)]
    forward = {r["customer_id"]: r["standing"] for r in drawn(con, candidates, reachable)[1]}
    back = drawn(con, candidates[::-1], reachable[::-1])[1]
    assert forward == {r["customer_id"]: r["standing"] for r in back}
    assert Counter(forward.values()) == {"listed": 18, "held_out": 12}
