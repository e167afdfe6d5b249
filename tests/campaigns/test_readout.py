from datetime import date

import pytest
from tests.campaigns.handmade import AS_OF, plan
from tests.campaigns.test_statistics import table

from joren.campaigns.arms import Arms
from joren.campaigns.metrics import METRICS
from joren.campaigns.outcomes import window_of
from joren.campaigns.plan import house_kpi
from joren.campaigns.readings import Reading
from joren.campaigns.readout import NOT_AS_PLANNED, as_table, main_rows, read_out, whole_rows
from joren.campaigns.statistics import by_cell
from joren.stats.srm import sample_ratio


def reading(metric: str, main: bool = False) -> Reading:
    return Reading("C1", METRICS[metric], window_of(plan(), house_kpi(metric)), None, None, main)


def arms(sizes: dict[str, int], shares: dict[str, float] | None = None) -> dict[str, Arms]:
    srm = sample_ratio(sizes, shares) if len(sizes) > 1 else None
    return {"C1": Arms("C1", sizes, 0, srm)}


def customers(arm: str, n: int, responders: int, **more) -> list[dict]:
    return [
        {"arm": arm, "responded": int(i < responders), "orders": int(i < responders),
         "revenue": 1000 * (i < responders)} | more
        for i in range(n)
    ]  # fmt: skip


def test_a_response_beside_the_hold_out_is_grade_a():
    rows = customers("treatment", 1000, 200) + customers("control", 1000, 150)
    (row,) = read_out(
        [reading("response_rate")], arms({"control": 1000, "treatment": 1000}),
        by_cell(table(rows)), AS_OF, 0.9,
    )  # fmt: skip
    assert row.effect.absolute.value == pytest.approx(0.05)
    assert row.effect.absolute.lower > 0
    assert (row.grade, row.srm_p, row.segment) == ("A", 1.0, "all")


def test_nine_to_ninety_one_at_ten_to_ninety_shows_no_effect():
    sizes = {"control": 9_000, "treatment": 91_000}
    found = arms(sizes, {"control": 0.1, "treatment": 0.9})
    rows = customers("treatment", 10, 5) + customers("control", 10, 1)
    (row,) = read_out([reading("response_rate")], found, by_cell(table(rows)), AS_OF, 0.9)
    assert (row.effect, row.grade, row.method) == (None, "D", NOT_AS_PLANNED)
    assert row.srm_p == pytest.approx(5.5946e-26, rel=1e-4)
    record = as_table([row]).to_pylist()[0]
    assert record["effect"] is record["lower"] is record["p_better"] is None


def test_without_hold_out_there_is_before_and_after_at_grade_d_and_no_more():
    rows = customers("contacted", 50, 20, orders_before=1)
    found = read_out(
        [reading("response_rate"), reading("orders")], arms({"contacted": 50}),
        by_cell(table(rows)), AS_OF, 0.9, segmented=("orders",),
    )  # fmt: skip
    assert [(r.reading.metric.id, r.grade, r.n_control) for r in found] == [("orders", "D", 0)]


def test_a_window_that_is_not_over_is_not_read():
    rows = customers("treatment", 50, 20) + customers("control", 50, 10)
    sizes = arms({"control": 50, "treatment": 50})
    cells = by_cell(table(rows))
    assert not read_out([reading("response_rate")], sizes, cells, date(2026, 2, 27), 0.9)
    assert read_out([reading("response_rate")], sizes, cells, date(2026, 2, 28), 0.9)
    lapse = by_cell(table([row | {"window": "after_90"} for row in rows]))
    assert not read_out([reading("lapse_rate")], sizes, lapse, date(2026, 5, 28), 0.9)
    assert read_out([reading("lapse_rate")], sizes, lapse, date(2026, 5, 29), 0.9)


def test_segments_learn_from_each_other_and_everybody_is_read_once():
    rows = []
    for i, name in enumerate("abcdef"):
        rows += customers("treatment", 200, 40 + (60 if i == 0 else 0), stratum=name)
        rows += customers("control", 200, 40, stratum=name)
    found = read_out(
        [reading("response_rate", main=True)], arms({"control": 1200, "treatment": 1200}),
        by_cell(table(rows)), AS_OF, 0.9, segmented=("response_rate",),
    )  # fmt: skip
    by = {row.segment: row.effect for row in found}
    assert set(by) == {"all", *"abcdef"}
    assert by["a"].absolute.value < 0.3
    assert 0 < by["b"].absolute.value < by["a"].absolute.value
    assert by["b"].method == "laplace"
    assert {row.segment: row.claimed for row in found} == {"all": None, "a": True} | dict.fromkeys(
        "bcdef", False
    )
    assert len(whole_rows(found)) == len(main_rows(found)) == 1


def test_a_ratio_and_an_outcome_nobody_has_are_not_read_by_segment():
    rows = customers("treatment", 40, 20, stratum="a") + customers("treatment", 40, 10, stratum="b")
    rows += customers("control", 40, 10, stratum="a") + customers("control", 40, 10, stratum="b")
    found = read_out(
        [reading("average_basket"), reading("points_used")],
        arms({"control": 80, "treatment": 80}), by_cell(table(rows)), AS_OF, 0.9,
        segmented=("average_basket", "points_used"),
    )  # fmt: skip
    assert {row.segment for row in found} == {"all"}


def test_money_in_another_currency_leaves_relative_effects_alone():
    def relative(scale: int) -> list[float]:
        rows = []
        for arm, step in (("treatment", 7), ("control", 5)):
            rows += [
                {"arm": arm, "revenue": scale * 100 * (i % step), "revenue_before": scale * (i % 3),
                 "stratum": "ab"[i % 2]}
                for i in range(60)
            ]  # fmt: skip
        found = read_out(
            [reading("revenue")], arms({"control": 60, "treatment": 60}), by_cell(table(rows)),
            AS_OF, 0.9, segmented=("revenue",),
        )  # fmt: skip
        return [x for row in found for x in (row.effect.relative.value, row.effect.relative.lower)]

    assert relative(150) == pytest.approx(relative(1), rel=1e-6)
