import random
from datetime import datetime, timedelta

from joren.routes.steps import coded_steps, codes_of, extent, in_order, names_of

NOON = datetime(2026, 1, 1, 12)


def _row(customer, hours, name, seq=0, tie="", rank=2):
    at = NOON + timedelta(hours=hours)
    return {"customer_id": customer, "at": at, "rank": rank, "seq": seq, "tie": tie,
            "touchpoint": name}  # fmt: skip


def test_ties_are_ordered_by_rank_then_sequence_number_then_record(rows):
    given = [
        _row("A", 0, "order", rank=4),
        _row("A", 0, "late", seq=2, tie="a"),
        _row("A", 0, "early", seq=1, tie="b"),
        _row("A", 0, "mail", rank=1, seq=9),
        _row("A", -1, "before", seq=99),
    ]
    found = coded_steps(rows(given)).order_by("step").to_pandas()

    assert found.touchpoint.tolist() == ["before", "mail", "early", "late", "order"]
    assert found.step.tolist() == [1, 2, 3, 4, 5]
    assert found.tied.tolist() == [False, True, True, True, True]


def test_codes_are_small_integers_in_the_order_of_names(steps_of):
    steps = steps_of(A=["b", "a"], B=["c"])

    assert names_of(steps) == {1: "a", 2: "b", 3: "c"}
    assert codes_of(steps).order_by("code").code.to_pyarrow().to_pylist() == [1, 2, 3]


def test_customers_with_one_event_are_counted(steps_of):
    found = extent(steps_of(A=["a"], B=["a", "b", "a"]))

    assert (found.customers, found.steps, found.touchpoints, found.single) == (2, 4, 2, 1)
    assert found.tie_share == 0


def test_the_share_of_ties_is_that_of_steps_whose_moment_is_shared(rows):
    given = [_row("A", 0, "a"), _row("A", 0, "b"), _row("A", 1, "a"), _row("B", 0, "a")]

    assert extent(coded_steps(rows(given))).tie_share == 0.5


def test_the_table_does_not_depend_on_the_order_of_rows_nor_on_threads(con, rows):
    chance = random.Random(1)
    given = [
        _row(f"C{chance.randrange(40)}", chance.randrange(5), chance.choice("abcd"),
             seq=chance.randrange(2))
        for _ in range(2000)
    ]  # fmt: skip

    def found(given, threads):
        con.raw_sql(f"SET threads = {threads}")
        try:
            return coded_steps(rows(given)).order_by("customer_id", "step").to_pyarrow()
        finally:
            con.raw_sql("RESET threads")

    first = found(given, 1)
    assert found(chance.sample(given, len(given)), 2).equals(first)


def test_of_43_percent_tied_timestamps_the_share_is_told_and_records_decide(rows):
    """A log whose clock is coarse: 57 moments of one step, 20 of two and one of three."""
    given = [_row("A", i, "alone") for i in range(57)]
    for moment in range(100, 121):
        shared = ["z", "y"] if moment < 120 else ["z", "y", "x"]
        # the record's name puts them against the order of their codes
        given += [_row("A", moment, name, tie=f"log:{i}") for i, name in enumerate(shared)]
    found = coded_steps(rows(given))

    assert extent(found).tie_share == 0.43
    tied = found.filter(found.tied).order_by("step").touchpoint.to_pyarrow().to_pylist()
    assert tied == ["z", "y"] * 20 + ["z", "y", "x"]
    again = coded_steps(rows(given[::-1])).order_by("step").to_pyarrow()
    assert again.equals(found.order_by("step").to_pyarrow())


def test_the_step_before_and_the_seconds_since_come_of_the_same_sort(rows):
    given = [_row("A", 0, "b"), _row("A", 2, "a"), _row("B", 1, "a")]
    ordered = in_order(rows(given))
    named = ordered.steps.join(ordered.customers, "customer")
    found = named.order_by("customer_id", "step").to_pyarrow().to_pylist()

    assert [row["code"] for row in found] == [2, 1, 1]
    assert [row["before"] for row in found] == [None, 2, None]
    assert [row["seconds"] for row in found] == [None, 7200, None]
    assert [row["is_last"] for row in found] == [False, True, True]


def test_no_step_makes_no_steps(rows):
    steps = coded_steps(rows([_row("A", 0, "a")]).limit(0))
    found = extent(steps)
    assert (found.customers, found.steps, found.tie_share) == (0, 0, 0)


def test_every_customer_keeps_her_own_route(rows):
    given = [_row(name, hours, "ab"[hours % 2]) for hours in range(6) for name in ("A", "B", "CC")]
    ordered = in_order(rows(given))
    named = ordered.steps.join(ordered.customers, "customer").order_by("customer_id", "step")
    found = named.select("customer_id", "step", "code", "before", "is_last").to_pyarrow()

    assert found.to_pylist() == [
        {"customer_id": name, "step": n + 1, "code": 1 + n % 2,
         "before": None if n == 0 else 2 - n % 2, "is_last": n == 5}
        for name in ("A", "B", "CC") for n in range(6)
    ]  # fmt: skip
