"""Golden values and what of them analysis may see."""

import hashlib
import hmac
import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from joren.identity.golden import keyed_hashes

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


def test_hashes_depend_on_the_key():
    assert keyed_hashes(["x"], b"one") != keyed_hashes(["x"], b"two")


def order(source: str, channel: str) -> dict:
    return {
        "source": source, "order_id": "1", "source_id": "1", "channel": channel,
        "ordered_at": datetime(2024, 6, 1, 10), "amount": Decimal(1000), "status": "valid",
    }  # fmt: skip
