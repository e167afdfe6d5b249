from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from joren.routes.frames import as_table
from joren.routes.overview import common_changes
from joren.routes.subscription_changes import subscription_changes
from joren.routes.subscription_flow import ALL

AS_OF = date(2026, 3, 31)


def _moment(ago: int) -> datetime:
    day = AS_OF - timedelta(days=ago)
    return datetime(day.year, day.month, day.day, 9)


@pytest.fixture
def changes(table):
    """Changes of subscriptions given as (columns, {days of an order before as-of: products})."""

    def make(*subscriptions: tuple[dict, dict[int, list[str]]]) -> pd.DataFrame:
        held, orders, lines, people = [], [], [], {}
        for i, (columns, sent) in enumerate(subscriptions):
            row = {"source": "shop", "source_id": f"c{i}", "product_id": "tea", "cycle_days": 30,
                   "subscription_id": f"S{i}"} | columns  # fmt: skip
            row.setdefault("started_at", _moment(max(sent)))
            held.append(row)
            people[row["source_id"]] = {"source": "shop", "source_id": row["source_id"],
                                        "customer_id": row["source_id"]}  # fmt: skip
            for n, (ago, products) in enumerate(sorted(sent.items(), reverse=True)):
                order = {"source": "shop", "order_id": f"{i}-{n}", "source_id": row["source_id"],
                         "amount": 1000, "subscription_id": f"S{i}", "status": "valid",
                         "ordered_at": _moment(ago)}  # fmt: skip
                orders.append(order)
                lines += [
                    {"source": "shop", "order_id": f"{i}-{n}", "line_no": k, "amount": 500,
                     "product_id": product, "quantity": 1}
                    for k, product in enumerate(products)
                ]  # fmt: skip
        found = subscription_changes(
            table("canonical/subscriptions", held), table("canonical/orders", orders),
            table("canonical/order_lines", lines), table("identity_map", list(people.values())),
            AS_OF, 0.9,
        )  # fmt: skip
        as_table(found, "subscription_changes")
        return found.set_index(["kind", "product_id"])

    return make


def _at(*ago: int, product: str = "tea") -> dict[int, list[str]]:
    return {days: [product] for days in ago}


def _whole(found: pd.DataFrame, kind: str) -> pd.Series:
    rows = found.loc[[(kind, ALL)]]
    assert len(rows) == 1
    return rows.iloc[0]


def test_another_subscription_product_in_the_parcel_is_a_change_of_course(changes):
    found = changes(
        ({}, _at(120, 90) | _at(60, 30, product="coffee")),
        ({}, _at(120, 90, 60)),
        ({"product_id": "coffee"}, _at(50, product="coffee")),  # nothing to compare yet
    )
    whole = _whole(found, "product")
    assert (whole.changed, whole.could, whole.order_number) == (1, 2, 2)
    pair = found.loc[("product", "tea")].set_index("to_product").loc["coffee"]
    assert (pair.changed, pair.could, pair.share) == (1, 2, 0.5)
    assert pair.lower < 0.5 < pair.upper


def test_what_is_bought_beside_a_course_changes_nothing(changes):
    # cups are no subscription product; a parcel of two of them does not tell which was meant
    found = changes(
        ({}, {120: ["tea"], 90: ["tea", "cups"], 60: ["cups"], 30: ["tea", "coffee"]}),
        ({"product_id": "coffee"}, _at(50, product="coffee")),
    )
    whole = _whole(found, "product")
    assert (whole.changed, whole.could) == (0, 1)
    assert (whole.share, whole.lower) == (0, 0)
    assert whole.upper > 0.5


def test_two_gaps_that_agree_before_and_after_are_a_new_rhythm(changes):
    found = changes(
        ({}, _at(240, 210, 180, 120, 60)),
        ({}, _at(200, 140, 80, 51, 20)),
        ({}, _at(200, 170, 140, 110, 80)),
        ({}, _at(200, 170, 140)),  # too few parcels to tell
    )
    longer, shorter = _whole(found, "longer"), _whole(found, "shorter")
    assert (longer.changed, longer.could) == (1, 3)
    assert (longer.days_from, longer.days_to, longer.order_number) == (30, 60, 3)
    assert (shorter.changed, shorter.could) == (1, 3)
    assert (shorter.days_from, shorter.days_to) == (60, 30)


def test_a_skipped_delivery_is_no_new_rhythm(changes):
    found = changes(({}, _at(300, 270, 240, 180, 150, 120, 30, 1)))
    assert _whole(found, "longer").changed == 0
    assert _whole(found, "shorter").changed == 0


def test_parcels_that_come_a_few_days_early_or_late_are_no_new_rhythm(changes):
    rng = np.random.default_rng(7)
    days = 400 - np.arange(12) * 30 - rng.integers(-2, 3, (60, 12))
    found = changes(*(({}, _at(*row)) for row in days.tolist()))
    for kind in ("longer", "shorter"):
        whole = _whole(found, kind)
        assert (whole.changed, whole.could) == (0, 60)


def test_a_contract_begun_when_another_ended_is_an_exchange(changes):
    ended = {"source_id": "ann", "ended_at": _moment(100), "end_reason": "voluntary"}
    found = changes(
        (ended, _at(200, 170, 140)),
        ({"source_id": "ann", "product_id": "coffee"}, _at(95, 65, product="coffee")),
        (ended | {"source_id": "bob"}, _at(200, 170, 140)),
        ({"source_id": "bob"}, _at(30)),  # much later: he came back
        (ended | {"source_id": "cem"}, _at(200, 170, 140)),
        (ended | {"source_id": "dee", "ended_at": _moment(10)}, _at(200, 170)),  # not known yet
    )
    whole = _whole(found, "contract")
    assert (whole.changed, whole.could) == (1, 3)
    to_coffee = found.loc[("contract", "tea")].set_index("to_product").loc["coffee"]
    assert to_coffee.changed == 1


def test_a_contract_renewed_on_paper_is_an_exchange_for_the_same_product(changes):
    ended = {"source_id": "ann", "ended_at": _moment(100), "end_reason": "other"}
    found = changes((ended, _at(200, 170)), ({"source_id": "ann"}, _at(99, 69)))
    whole = _whole(found, "contract")
    assert (whole.changed, whole.could) == (1, 1)
    assert "tea" in found.loc[("contract", "tea")].to_product.tolist()


def test_a_longer_held_other_contract_is_no_exchange(changes):
    ended = {"source_id": "ann", "ended_at": _moment(100), "end_reason": "voluntary"}
    other = {"source_id": "ann", "product_id": "coffee", "started_at": _moment(120)}
    found = changes((ended, _at(110)), (other, _at(120, 90, product="coffee")))
    assert _whole(found, "contract").changed == 0


def test_nothing_to_tell_without_subscriptions(changes, table):
    none = table("canonical/subscriptions", [])
    found = subscription_changes(
        none, table("canonical/orders", []), table("canonical/order_lines", []),
        table("identity_map", []), AS_OF, 0.9,
    )  # fmt: skip
    assert found.empty
    assert len(as_table(found, "subscription_changes")) == 0
    assert common_changes(found, {}, most=10).empty


def test_common_changes_are_told_in_words_of_both_languages(changes):
    found = changes(
        ({}, _at(120, 90) | _at(60, 30, product="coffee")),
        ({}, _at(240, 210, 180, 120, 60)),
        ({"product_id": "coffee"}, _at(50, product="coffee")),
    ).reset_index()
    told = common_changes(found, {"tea": "お茶", "coffee": "珈琲"}, most=10)
    assert set(told.kind) == {"product", "longer"}
    of_product = told[told.kind == "product"].iloc[0]
    assert (of_product.before, of_product.after) == ("お茶", "珈琲")
    assert of_product.change.texts["ja"] == "商品の変更"
    assert told[told.kind == "longer"].after.isna().all()
