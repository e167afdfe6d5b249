from datetime import date, datetime
from decimal import Decimal

import ibis
import pytest

from joren.routes.touchpoints import END, START, account, label, touchpoints

AS_OF = date(2026, 3, 31)
DAY = datetime(2026, 1, 5, 10)


@pytest.fixture
def given(table):
    """Canonical tables of two members c0 and c1 of one shop, and what becomes of them."""

    def make(events=(), orders=(), subscriptions=(), contacts=()):
        member = {"source": "shop", "source_id": "c0"}
        bought = member | {"status": "valid", "amount": 1000, "channel": "ec", "ordered_at": DAY}
        tables = {
            "events": [member | {"occurred_at": DAY} | row for row in events],
            "orders": [bought | row for row in orders],
            "subscriptions": [
                member | {"product_id": "tea", "started_at": DAY} | row for row in subscriptions
            ],
            "contacts": [
                member | {"occurred_at": DAY, "channel": "mail"} | row for row in contacts
            ],
        }
        made = {name: table(f"canonical/{name}", rows) for name, rows in tables.items()}
        people = [
            {"source": "shop", "source_id": f"c{i}", "customer_id": f"C{i}", "household_id": "H",
             "match_rule": "self"}
            for i in range(2)
        ]  # fmt: skip
        made["identity_map"] = table("identity_map", people)
        return made

    return make


def _names(found):
    order = ["customer_id", "at", "rank", "seq", "tie", "touchpoint"]
    return found.order_by(order).touchpoint.to_pyarrow().to_pylist()


def test_orders_contacts_and_subscriptions_become_touchpoints_by_themselves(given):
    tables = given(
        events=[{"touchpoint": "site_visit"}],
        orders=[
            {"order_id": "1"},
            {"order_id": "2", "ordered_at": datetime(2026, 2, 1), "subscription_id": "S"},
            {"order_id": "3", "ordered_at": datetime(2026, 2, 2), "channel": "pos"},
        ],
        subscriptions=[
            {"subscription_id": "S", "ended_at": datetime(2026, 2, 3), "end_reason": "payment"},
            {"subscription_id": "U", "ended_at": datetime(2026, 2, 4)},
        ],
        contacts=[{}],
    )
    # at one moment: contact, event, start of subscriptions, order
    assert _names(touchpoints(**tables, as_of=AS_OF)) == [
        "contact:mail", "site_visit", "subscription:start", "subscription:start", "order:first:ec",
        "order:subscription", "order:repeat:pos", "subscription:end:payment", "subscription:end",
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["cancelled", "returned", "pending"])
def test_only_valid_orders_are_touchpoints_and_the_rest_is_counted(given, status):
    tables = given(
        orders=[
            {"order_id": "1", "status": status},
            {"order_id": "2", "ordered_at": datetime(2026, 2, 1)},
            {"order_id": "3", "source_id": None},
        ]
    )
    found = touchpoints(**tables, as_of=AS_OF)

    assert _names(found) == ["order:first:ec"]
    orders = account(tables["events"], tables["orders"], tables["contacts"], found)[2]
    assert orders == {"kind": "order", "rows": 3, "steps": 1, "left_out": 2}


def test_the_value_of_an_order_is_exact_and_without_tax_where_known(given):
    tables = given(
        orders=[
            {"order_id": "1", "amount": Decimal("1100"), "amount_excluding_tax": Decimal("1000.5")},
            {"order_id": "2", "ordered_at": datetime(2026, 2, 1), "amount": Decimal("550")},
        ]
    )
    found = touchpoints(**tables, as_of=AS_OF).order_by("number").to_pyarrow().to_pylist()

    assert [row["value"] for row in found] == [Decimal("1000.5000"), Decimal("550.0000")]
    assert [row["number"] for row in found] == [1, 2]


def test_two_records_of_one_customer_make_one_route(given, table):
    tables = given(events=[{"touchpoint": "a"}, {"touchpoint": "b", "source_id": "c1"}])
    tables["identity_map"] = tables["identity_map"].mutate(customer_id=ibis.literal("C"))

    found = touchpoints(**tables, as_of=AS_OF)
    assert found.customer_id.nunique().to_pyarrow().as_py() == 1


@pytest.mark.parametrize("name", [START, END, "order:first:ec", "contact:x", "event:y"])
def test_an_event_that_bears_a_name_of_ours_is_told_apart(given, name):
    found = touchpoints(**given(events=[{"touchpoint": name}]), as_of=AS_OF)
    assert _names(found) == [f"event:{name}"]
    assert label(f"event:{name}", "en") == name


@pytest.mark.parametrize(
    "name", ["a > b", 'say "x"', "line\nbreak", "問い合わせ", "order", "50% off"]
)
def test_any_other_name_survives(given, name):
    assert _names(touchpoints(**given(events=[{"touchpoint": name}]), as_of=AS_OF)) == [name]
    assert label(name, "ja") == name.replace("\n", " ")


@pytest.mark.parametrize(
    ("name", "ja", "en"),
    [
        ("order:first:pos", "初回購入(店舗)", "First order (shop)"),
        ("order:repeat:kiosk", "再購入(kiosk)", "Repeat order (kiosk)"),
        ("order:subscription", "定期のお届け", "Subscription delivery"),
        ("subscription:end", "定期解約", "Subscription cancelled"),
        ("subscription:end:payment", "定期停止(決済)", "Subscription ended (payment)"),
        ("contact:mail", "メール送信", "Mail sent"),
        ("site_visit", "サイト訪問", "Site visit"),
        (START, "はじまり", "Start"),
    ],
)
def test_names_of_ours_are_words_in_both_languages(name, ja, en):
    assert (label(name, "ja"), label(name, "en")) == (ja, en)
