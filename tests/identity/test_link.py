"""From canonical tables to identity tables, with memory between runs."""

from datetime import date, datetime
from decimal import Decimal

from joren.contract import validate

HANAKO = {
    "full_name": "佐藤 花子",
    "full_kana": "サトウ ハナコ",
    "phone": "090-1111-2222",
    "registered_at": datetime(2025, 5, 1),
}


def test_the_first_run_creates_every_customer_once_and_keeps_the_contracts(link_records):
    records = {"pos:1": HANAKO, "web:1": HANAKO, "web:2": {"full_name": "鈴木 誠"}}
    outcome = link_records(records, orders=[order("pos", "1")])
    assert outcome.map.customer_id.nunique() == 2
    assert outcome.events.kind.tolist() == ["create", "create"]
    assert set(outcome.events["at"]) == {datetime(2026, 3, 31)}
    for name in ("identity_map", "identity_edges", "identity_history", "customers"):
        validate(getattr(outcome.tables, name), name)
    validate(outcome.tables.restricted_customers, "restricted/customers")


def test_the_order_of_the_rows_does_not_matter(link_records):
    records = {f"pos:{n}": HANAKO | {"phone": f"090-1111-{n // 2:04d}"} for n in range(6)}
    first = link_records(records)
    again = link_records(dict(reversed(records.items())))
    key = ["source", "source_id"]
    assert first.map.sort_values(key, ignore_index=True).equals(
        again.map.sort_values(key, ignore_index=True)
    )
    assert again.events.empty
    assert again.tables.new_assignments.count().execute() == 0


def test_a_merge_keeps_the_older_id_and_says_why(link_records):
    first = link_records({"pos:1": HANAKO})
    second = link_records({"pos:1": HANAKO, "web:1": {"full_name": "佐藤 花子"}})
    merged = link_records({"pos:1": HANAKO, "web:1": HANAKO})
    assert merged.customer("web:1") == merged.customer("pos:1") == first.customer("pos:1")
    event = merged.events.iloc[0]
    assert event.kind == "merge"
    assert set(event.customer_ids_before) == {first.customer("pos:1"), second.customer("web:1")}
    assert list(event.customer_ids_after) == [first.customer("pos:1")]
    assert event.reason == "phone_and_name"


def test_a_later_record_that_proves_a_merge_wrong_splits_it(link_records):
    silent = {"full_name": "佐藤 花子", "phone": "090-1111-2222", "card_no": "29000001"}
    first = link_records({"pos:1": silent, "web:1": silent | {"birth_date": date(1970, 1, 5)}})
    kept = first.customer("pos:1")
    assert first.customer("web:1") == kept
    split = link_records({
        "pos:1": silent | {"birth_date": date(1999, 9, 9)},
        "web:1": silent | {"birth_date": date(1970, 1, 5)},
    })  # fmt: skip
    assert split.customer("pos:1") == kept
    assert split.customer("web:1") != kept
    assert split.events[["kind", "reason", "actor"]].values.tolist() == [
        ["split", "card_conflict", "rules"]
    ]
    assert list(split.events.customer_ids_before[0]) == [kept]
    assert set(split.events.customer_ids_after[0]) == set(split.map.customer_id)


def test_source_ids_seen_only_in_orders_are_customers_of_their_own(link_records):
    orders = [order("pos", "7"), order("pos", "7"), order("pos", None), order("pos", "8")]
    outcome = link_records({}, orders=orders)
    assert outcome.map.source_id.tolist() == ["7", "8"]
    assert outcome.map.customer_id.nunique() == 2
    assert outcome.map.match_rule.tolist() == ["single", "single"]
    assert outcome.map.match_probability.isna().all()


def order(source: str, source_id: str | None) -> dict:
    order.count = getattr(order, "count", 0) + 1
    return {
        "source": source, "order_id": str(order.count), "source_id": source_id,
        "ordered_at": datetime(2026, 1, 5, 10), "amount": Decimal(1000), "status": "valid",
    }  # fmt: skip
