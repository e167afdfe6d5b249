"""Golden values and what of them analysis may see."""

import hashlib
import hmac
import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from joren.identity.golden import FIELDS
from joren.survivorship import Survivorship

OLD = {
    "full_name": "佐藤 花子",
    "phone": "090-1111-2222",
    "email": "old@example.jp",
    "birth_date": date(1980, 6, 2),
    "gender": "女",
    "updated_at": datetime(2024, 1, 1),
    "consent_email": True,
    "consent_dm": True,
}
NEW = {
    "full_name": "佐藤　花子",
    "phone": "9011112222",
    "email": "New@example.jp",
    "postal_code": "154-0001",
    "registered_at": datetime(2025, 1, 1),
    "consent_email": False,
}


@pytest.fixture
def outcome(link_records):
    shop = {"phone": "03-1111-0100"}
    others = {f"shop:{n}": shop | {"full_name": f"{f}木 誠"} for n, f in enumerate("佐鈴高田")}
    orders = [order("pos", "pos"), order("web", "ec")]
    return link_records({"pos:1": OLD, "web:1": NEW} | others, orders=orders)


def test_golden_values_and_the_customers_table(outcome):
    hanako = outcome.customer("pos:1")
    golden = outcome.tables.restricted_customers.execute().set_index("customer_id")
    row = outcome.tables.customers.execute().set_index("customer_id").loc[hanako]

    newest = golden.loc[hanako]
    assert newest.email == "new@example.jp"
    assert newest.birth_date.date() == date(1980, 6, 2)
    assert json.loads(newest.value_sources) == {
        "full_name": "web", "phone": "web", "email": "web", "postal_code": "web",
        "birth_date": "pos", "gender": "pos",
    }  # fmt: skip
    assert golden.drop(hanako).phone.isna().all()  # the shop's phone is nobody's

    assert row.phone_hash == hmac.digest(b"key", b"+819011112222", hashlib.sha256).hex()
    assert row.email_hash == hmac.digest(b"key", b"new@example.jp", hashlib.sha256).hex()
    assert (row.birth_year, row.gender, row.postal_area) == (1980, "female", "154")
    assert row.first_seen_at == datetime(2024, 6, 1, 10)
    assert list(row.channels) == ["ec", "pos"]
    assert list(row.consents) == ["dm"]  # the mail consent was withdrawn later
    assert row.records == 2


CARD = {"full_name": "佐藤 花子", "card_no": "29000001"}
FOUR = {
    "app:1": CARD | {"phone": "090-1111-0001", "updated_at": datetime(2026, 1, 1),
                     "full_name": "佐藤花子", "address": "桜台1-2"},
    "pos:1": CARD | {"phone": "090-1111-0002", "updated_at": datetime(2025, 1, 1),
                     "address": "東京都世田谷区桜台1-2-3"},
    "pos:2": CARD | {"phone": "090-1111-0003", "email": "hana@example.jp", "address": ""},
    "web:1": CARD | {"phone": "09011110002", "updated_at": datetime(2024, 1, 1),
                     "full_name": "佐藤　花子", "address": "世田谷区桜台 1 ー 2 ー 3 "},
}  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "survives"),
    [
        ({}, {"phone": "0001 app", "email": "hana pos", "address": "桜台1-2 app"}),
        ({"phone": "oldest"}, {"phone": "0002 web"}),
        ({"phone": "most_frequent"}, {"phone": "0002 pos"}),
        ({"full_name": "most_frequent"}, {"full_name": "佐藤花子 app"}),
        ({"address": "longest"}, {"address": "東京都世田谷区桜台1-2-3 pos"}),
        ({"address": "most_frequent"}, {"address": "桜台1-2 app"}),
        ({"phone": ("web", "pos")}, {"phone": "0002 web"}),
        ({"phone": ("pos",)}, {"phone": "0002 pos"}),
        ({"email": ("web", "app")}, {"email": "hana pos"}),
        ({"phone": ("call",)}, {"phone": "0001 app"}),
        ({"gender": "most_frequent", "birth_date": "oldest"}, {}),
    ],
    ids=str,
)
def test_the_value_that_survives_is_the_rules(link_records, rules, survives):
    outcome = link_records(FOUR, survivorship=rules)
    (golden,) = outcome.tables.restricted_customers.to_pyarrow().to_pylist()
    sources = json.loads(golden["value_sources"])
    for field, told in survives.items():
        value, source = told.rsplit(" ", 1)
        assert value in golden[field]
        assert sources[field] == source
    assert (golden["gender"], golden["birth_date"]) == (None, None)
    assert "gender" not in sources


def test_values_equally_frequent_or_long_go_to_the_newest_then_to_the_smallest_id(link_records):
    old = {"card_no": "29000001", "updated_at": datetime(2024, 1, 1)}
    records = {
        "pos:1": old | {"email": "b@example.jp", "address": "東京一"},
        "pos:2": old | {"email": "a@example.jp", "address": "大阪二"},
        "web:1": old
        | {"email": "c@example.jp", "address": "福岡三"}
        | {"updated_at": datetime(2025, 1, 1)},
    }
    rules = {"email": "most_frequent", "address": "longest"}

    def survivors(given: dict) -> tuple:
        outcome = link_records(given, survivorship=rules)
        (golden,) = outcome.tables.restricted_customers.to_pyarrow().to_pylist()
        return golden["email"], golden["address"]

    assert survivors(records) == ("c@example.jp", "福岡三")
    assert survivors(records | {"web:1": records["web:1"] | old}) == ("b@example.jp", "東京一")


def test_the_names_hash_follows_the_name_that_survives(link_records):
    married = {
        "web:1": {"full_name": "佐藤 花子", "updated_at": datetime(2024, 1, 1)},
        "web:2": {"full_name": "鈴木 花子", "updated_at": datetime(2025, 1, 1)},
    }
    same = {"email": "hana@example.jp", "birth_date": date(1990, 6, 2)}
    records = {name: values | same for name, values in married.items()}
    for rule, family in (("newest", "鈴木"), ("oldest", "佐藤")):
        outcome = link_records(records, survivorship={"full_name": rule})
        (row,) = outcome.tables.customers.to_pyarrow().to_pylist()
        survived = f"{family}花子".encode()
        assert row["name_hash"] == hmac.digest(b"key", survived, hashlib.sha256).hex()


def test_a_changed_rule_reaches_known_customers_and_moves_nobody(link_records):
    first = link_records(FOUR)
    second = link_records(FOUR, survivorship={"phone": "oldest"})
    phones = [o.tables.restricted_customers.execute().phone[0] for o in (first, second)]
    assert phones == ["+819011110001", "+819011110002"]
    assert second.events.empty
    assert not second.tables.rules_changed


def test_every_golden_field_has_its_rule_in_the_parameters():
    assert tuple(Survivorship.model_fields) == FIELDS


def order(source: str, channel: str) -> dict:
    return {
        "source": source, "order_id": "1", "source_id": "1", "channel": channel,
        "ordered_at": datetime(2024, 6, 1, 10), "amount": Decimal(1000), "status": "valid",
    }  # fmt: skip
