"""One letter a household, and as many calls as seats make."""

from __future__ import annotations

from tests.actions.handmade import drawn_of, facts_of, play, reach

from joren.actions.candidates import callable_customers, calls_of, doubled, one_letter
from joren.params_actions import Actions, Calls


def test_a_household_gets_one_letter_to_its_most_valuable(con):
    facts = facts_of(
        con,
        *(
            {"customer_id": c, "household_id": h, "status": "at_risk", "ltv_365d": v}
            for c, h, v in [("a", "H1", 1.0), ("b", "H1", 5.0), ("c", "H2", 2.0), ("d", "H1", 9.0)]
        ),
    )
    reachable = reach(con, ("a", "dm"), ("b", "dm"), ("c", "dm"), ("d", "email"))
    letter = play("letter", channels=("dm",))
    rows = drawn_of(con, [letter], facts, reachable).to_pyarrow().to_pylist()
    found = {row["customer_id"]: row["standing"] for row in rows}
    # d is worth most but cannot be written to: she keeps nobody's letter back
    assert found == {"b": "listed", "c": "listed", "d": "no_consent"}
    left = one_letter(con, [letter], facts, reachable, {})
    assert doubled(letter, facts, left["letter"], {}) == 1


def test_a_household_on_two_lists_of_letters_gets_that_of_the_first(con):
    people = [
        ("a", "H1", "loyal", 1.0), ("b", "H1", "dormant", 5.0), ("c", "H2", "dormant", 2.0),
        ("d", None, "dormant", 3.0),
    ]  # fmt: skip
    facts = facts_of(
        con,
        *(
            {"customer_id": c, "household_id": h, "status": s, "ltv_365d": v}
            for c, h, s, v in people
        ),
    )
    thanks = play("thanks", channels=("dm",), when={"status": ["loyal"]}, hold_out=1.0)
    back = play("back", channels=("dm",), when={"status": ["dormant"]})
    mail = play("mail", when={"status": ["dormant"]})
    plays = [thanks, back, mail]
    reachable = reach(con, *((c, "dm") for c in "abcd"), ("b", "email"))
    rows = drawn_of(con, plays, facts, reachable).to_pyarrow().to_pylist()
    found = {(row["action"], row["customer_id"]): row["standing"] for row in rows}
    # b's letter would reach the house of a, who is held out; a mail would not
    assert found == {
        ("thanks", "a"): "held_out", ("back", "c"): "listed", ("back", "d"): "listed",
        ("mail", "b"): "listed", ("mail", "c"): "no_consent", ("mail", "d"): "no_consent",
    }  # fmt: skip
    left = one_letter(con, plays, facts, reachable, {})
    assert [doubled(one, facts, left[one.id], {}) for one in (thanks, back)] == [0, 1]


def test_calls_go_to_the_most_valuable_as_far_as_seats_last(con):
    calls = Calls(seats=1, calls_a_day=2, days=2)
    call = play("calls", channels=("call",), calls_share=1.0)
    assert (calls_of(call, calls), callable_customers(call, calls)) == (4, 4)
    facts = facts_of(
        con,
        *({"customer_id": f"c{n}", "status": "at_risk", "ltv_365d": float(n)} for n in range(7)),
    )
    reachable = reach(con, *((f"c{n}", "call") for n in range(7) if n != 6))
    rows = drawn_of(con, [call], facts, reachable, Actions(calls=calls)).to_pyarrow().to_pylist()
    found = {row["customer_id"]: row["standing"] for row in rows}
    assert [c for c, s in sorted(found.items()) if s == "listed"] == ["c2", "c3", "c4", "c5"]
    assert found["c6"] == "no_consent"
    assert found["c0"] == found["c1"] == "below_threshold"
    # two a day: the first two tomorrow (Wednesday), the others the day after; due by midnight
    due = {row["customer_id"]: row["due_at"] for row in rows if row["standing"] == "listed"}
    assert [due[c].isoformat()[:10] for c in ("c5", "c4", "c3", "c2")] == [
        "2026-04-02", "2026-04-02", "2026-04-03", "2026-04-03",
    ]  # fmt: skip


def test_seats_suffice_for_those_left_after_the_hold_out(con):
    call = play("calls", channels=("call",), calls_share=0.5, hold_out=0.2)
    calls = Calls(seats=2, calls_a_day=10, days=4)
    assert calls_of(call, calls) == 40
    assert callable_customers(call, calls) == 50


def test_calls_are_due_on_working_days_only(con):
    call = play("calls", channels=("call",), calls_share=1.0)
    facts = facts_of(
        con,
        *(
            {"customer_id": f"c{n}", "status": "at_risk", "ltv_365d": float(9 - n)}
            for n in range(5)
        ),
    )
    reachable = reach(con, *((f"c{n}", "call") for n in range(5)))

    def days(**calls):
        rules = Actions(calls=Calls(seats=1, calls_a_day=1, days=5, **calls))
        rows = drawn_of(con, [call], facts, reachable, rules).order_by("place")
        # due by the end of the day: midnight is the next one
        return [d["due_at"].strftime("%m-%d") for d in rows.to_pyarrow().to_pylist()]

    # 31 March 2026 is a Tuesday; 4 and 5 April are a week-end
    assert days() == ["04-02", "04-03", "04-04", "04-07", "04-08"]
    assert days(weekdays=(6, 7)) == ["04-05", "04-06", "04-12", "04-13", "04-19"]
