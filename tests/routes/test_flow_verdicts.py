import numpy as np
import pandas as pd
import pytest

from joren.routes import flow_verdicts as say

NAMES = {"tea": "緑茶", "cup": "湯呑", "pot": "急須"}
FLOW = pd.DataFrame({
    "product_id": ["all", "all", "tea", "tea"], "order_number": [1, 2, 1, 2],
    "at_risk": [100, 60, 100, 60], "continued": [60, 30, 60, 30], "cancelled": [40, 25, 40, 25],
    "open_now": [0, 5, 0, 5], "skipped": [2, 1, 2, 1], "paused": [0, 0, 0, 0],
    "payment": [5, 1, 5, 1], "committed": [0, 10, 0, 10], "continuation_rate": [0.6, 0.52] * 2,
    "lower": [0.5, 0.4] * 2, "upper": [0.7, 0.6] * 2, "free_rate": [0.6, 0.5] * 2,
    "naive_rate": [0.45, 0.3] * 2, "reached": [1, 0.6] * 2, "reached_lower": [1, 0.5] * 2,
    "reached_upper": [1, 0.7] * 2,
})  # fmt: skip


def test_the_headline_of_subscriptions_has_the_naive_share_beside_it():
    found = dict(say.subscription_sentences(FLOW, {"tea": "緑茶"}, 120, 0.9))

    first = found["flows.first_continues"]
    assert (first["value"], first["naive"], first["n"]) == (0.6, 0.45, 100)
    assert found["flows.open_now"]["value"] == 5
    assert found["flows.payment_ends"]["value"] == pytest.approx(6 / 65)
    assert found["flows.paused"]["n"] == 90
    assert found["flows.free_continues"]["value"] == pytest.approx((0.6 * 100 + 0.5 * 50) / 150)


def test_subscriptions_none_of_which_was_due_decide_nothing():
    ((key, facts),) = say.subscription_sentences(FLOW.iloc[:0], {}, 7, 0.9)
    assert (key, facts["value"]) == ("flows.not_due_yet", 7)


def test_an_entry_product_stands_out_only_beyond_its_interval():
    entry = pd.DataFrame({"product_id": ["", "tea"], "customers": [9, 50], "mean": [9.0, 8.0],
                          "lower": [1.0, 7.0], "upper": [20.0, 9.0], "centre": 5.0})  # fmt: skip
    assert say.entry_sentence(entry, NAMES)[0] == "flows.entry_above"
    assert say.entry_sentence(entry.assign(lower=4.0), NAMES)[0] == "flows.entry_level"


def test_a_product_that_customers_leave_after_is_named_only_beyond_chance():
    leaving = pd.DataFrame({"product_id": ["tea", "cup"], "customers": [50, 90], "left": [0.5, 0.4],
                            "lower": 0.3, "upper": 0.6, "others": 0.2,
                            "q_value": [0.3, 0.01]})  # fmt: skip
    key, facts = say.leaving_sentence(leaving, NAMES)
    assert (key, facts["product"]) == ("flows.leaving_most", "湯呑")
    key, facts = say.leaving_sentence(leaving.assign(q_value=0.4), NAMES)
    assert (key, facts["product"]) == ("flows.leaving_none", "緑茶")


def test_pairs_are_named_by_their_q_value():
    pairs = pd.DataFrame({"product": ["tea", "tea"], "next_product": ["cup", "pot"],
                          "customers": [9, 20], "of_customers": 50, "lift": [9.0, 3.0],
                          "lower": 2.0, "upper": 12.0, "q_value": [0.2, 0.01]})  # fmt: skip
    key, facts = say.cross_sentence(pairs, NAMES, 56)
    assert (key, facts["following"], facts["found"]) == ("flows.cross_most", "急須", 1)
    key, _facts = say.cross_sentence(pairs.assign(q_value=0.5), NAMES, 56)
    assert key == "flows.cross_none"
    assert say.cross_sentence(pairs.iloc[:0], NAMES, 0)[0] == "flows.cross_too_few"


def test_a_share_of_counts_has_its_interval_and_missing_data_a_reason():
    _key, facts = say.share_sentence("flows.paused", 3, 90, 0.9)
    assert facts["lower"] < facts["value"] < facts["upper"]
    assert "why_no_interval" in say.missing("stock")[1]


def test_nobody_watched_for_a_year_is_said():
    empty = pd.DataFrame({"product": [], "from_order": []})
    assert say.second_purchase(empty, 365, 12)[0] == "flows.too_few_followed"


def test_a_repeat_rate_is_named_only_where_there_is_one():
    mix = pd.DataFrame({"product_id": ["tea", "cup"], "customers": [40, 50],
                        "repeat_rate": [np.nan, 0.3], "lower": 0.2, "upper": 0.4})  # fmt: skip
    assert say.repeat_sentence(mix, NAMES)[1]["product"] == "湯呑"
    assert say.repeat_sentence(mix.assign(repeat_rate=np.nan), NAMES) is None
