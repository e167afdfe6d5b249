"""Whatever the playbook: consent, the cap over all lists, one test at a time, random hold-outs."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.actions.handmade import AS_OF, drawn_of, facts_of, play, reach

from joren.params_actions import Actions
from joren.params_lists import Lists
from joren.stats.srm import sample_ratio

PLAYS = [
    play("calls", campaign="keep", channels=("call",), calls_share=1.0, hold_out=0.5),
    play("letter", campaign="back", channels=("dm",), when={"rank": ["high"]}, hold_out=0.3),
    play("mail", campaign="back", channels=("email", "line"), when={}, hold_out=0.3),
    play("offer", channels=("line", "email"), when={"purchases": {"at_least": 2}}, hold_out=0.2),
]
CHANNELS = {p.list_id(AS_OF): p.channels for p in PLAYS}
PEOPLE = 300
people = st.sampled_from([f"C{n}" for n in range(10)])


@settings(max_examples=8, deadline=None)
@given(
    customers=st.dictionaries(
        people,
        st.tuples(
            st.sampled_from(["at_risk", "loyal"]),
            st.sampled_from(["high", None]),
            st.integers(0, 3),
            st.sampled_from(["H1", "H2", None]),
        ),
        min_size=1,
    ),
    reachable=st.sets(st.tuples(people, st.sampled_from(["email", "line", "dm", "call"]))),
    sent=st.lists(st.tuples(people, st.integers(0, 4)), max_size=6),
    earlier=st.dictionaries(people, st.sampled_from(["listed", "held_out"]), max_size=4),
    cap=st.integers(1, 4),
    at_once=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_consent_and_the_cap_over_all_lists_hold(
    con, customers, reachable, sent, earlier, cap, at_once, seed
):
    facts = facts_of(
        con,
        *(
            {"customer_id": c, "status": s, "rank": r, "purchases": n, "household_id": h,
             "ltv_365d": 1.0}
            for c, (s, r, n, h) in customers.items()
        ),
    )  # fmt: skip
    # drawn earlier in the run by the list of expiring points
    members = tuple(
        {"list_id": "points", "campaign_id": "points", "customer_id": c, "action": "remind",
         "reason": "r", "priority": 1, "arm": "treat", "standing": standing}
        for c, standing in earlier.items()
    )  # fmt: skip
    rules, lists = Actions(lists_a_customer=at_once), Lists(max_contacts=cap)
    rows = drawn_of(
        con, PLAYS, facts, reach(con, *reachable), rules, lists, tuple(sent), members, seed=seed
    ).to_pyarrow().to_pylist()  # fmt: skip

    base = Counter({c: sum(n for who, n in sent if who == c) + (c in earlier) for c in customers})
    places = Counter(r["customer_id"] for r in rows if r["standing"] in ("listed", "held_out"))
    letters = Counter()
    for row in rows:
        if row["standing"] == "listed":
            assert row["channel"] in CHANNELS[row["list_id"]]
            assert (row["customer_id"], row["channel"]) in reachable
            if row["channel"] == "dm":
                letters[customers[row["customer_id"]][3] or row["customer_id"]] += 1
        assert (row["place"] is None) == (row["standing"] not in ("listed", "held_out"))
        assert (row["due_at"] is None) == (row["place"] is None)
    for customer, taken in places.items():
        assert taken <= at_once
        assert base[customer] + taken <= cap
    assert set(letters.values()) <= {1}

    # who is held out of a campaign is on no list of it
    arms = {}
    for row in rows:
        if row["arm"]:
            key = (row["campaign_id"], row["customer_id"])
            assert arms.setdefault(key, row["arm"]) == row["arm"]
            assert (row["arm"] == "control") == (row["standing"] == "held_out")


def test_hold_outs_are_random_over_many_seeds(con):
    facts = facts_of(
        con,
        *(
            {"customer_id": f"C{n:03}", "status": "at_risk", "rank": "high" if n % 3 else None,
             "ltv_365d": float(n)}
            for n in range(PEOPLE)
        ),
    )  # fmt: skip
    reachable = reach(con, *((f"C{n:03}", "email") for n in range(PEOPLE)))
    seeds, held, mismatches = 15, Counter(), 0
    mail = play("mail", hold_out=0.2)
    for seed in range(seeds):
        rows = drawn_of(con, [mail], facts, reachable, seed=seed).to_pyarrow().to_pylist()
        arms = Counter(row["arm"] for row in rows)
        mismatches += sample_ratio(arms, {"control": 0.2, "treat": 0.8}).mismatch
        held.update(row["customer_id"] for row in rows if row["arm"] == "control")
    assert mismatches == 0
    # each person is held out about as often as planned, whatever she is worth
    total = sum(held.values())
    assert sample_ratio({"control": total, "treat": seeds * PEOPLE - total},
                        {"control": 0.2, "treat": 0.8}).p > 0.01  # fmt: skip
    assert sample_ratio({f"C{n:03}": held[f"C{n:03}"] for n in range(PEOPLE)}).p > 0.001
    rich = sum(held[f"C{n:03}"] for n in range(PEOPLE // 2, PEOPLE))
    assert sample_ratio({"rich": rich, "poor": total - rich}).p > 0.01


def test_who_was_held_out_before_stays_so_and_takes_her_place(con):
    facts = facts_of(con, {"customer_id": "a", "status": "at_risk", "purchases": 5})
    plays = [play("first"), play("second")]
    reachable = reach(con, ("a", "email"))
    rows = drawn_of(con, plays, facts, reachable, arms=(("first", "a", "control"),))
    found = {row["action"]: row for row in rows.to_pyarrow().to_pylist()}
    assert found["first"]["standing"] == "held_out"
    assert found["second"]["standing"] == "over_cap"
    assert found["second"]["other_list"]


def test_the_cap_alone_is_not_another_list(con):
    facts = facts_of(con, {"customer_id": "a", "status": "at_risk"})
    rows = drawn_of(con, [play("one")], facts, reach(con, ("a", "email")), sent=(("a", 4),))
    row = rows.to_pyarrow().to_pylist()[0]
    assert (row["standing"], row["other_list"]) == ("over_cap", False)
