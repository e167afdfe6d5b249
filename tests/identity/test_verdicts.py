"""What reviewers say stands, over reruns and later evidence; the newest verdict wins."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from joren.engine import connect
from joren.identity.kpis import purchases_by_customer
from joren.identity.verdicts import as_log, count, new_verdict, standing

HANAKO = {"full_name": "佐藤 花子", "full_kana": "サトウ ハナコ", "phone": "090-1111-2222"}
TARO = {"full_name": "鈴木 太郎", "full_kana": "スズキ タロウ", "birth_date": date(1970, 1, 5)}
POS, WEB, APP = ("pos", "1"), ("web", "1"), ("app", "1")
TWO = {"pos:1": HANAKO, "web:1": HANAKO}
ALL_ONE = {frozenset({"pos:1", "web:1"})}


def at(minute: int) -> datetime:
    return datetime(2026, 4, 1, 9, minute)


def rule_of(outcome, decision: str) -> list[str]:
    edges = outcome.tables.identity_edges
    return edges.filter(edges.decision == decision).rule.execute().tolist()


def test_of_two_verdicts_on_one_pair_the_newest_stands_and_the_other_is_counted():
    con = connect()
    said = [
        new_verdict(WEB, POS, "same", "a", "", at(1)),
        new_verdict(POS, WEB, "different", "b", "", at(2)),
        new_verdict(POS, APP, "unsure", "a", "", at(1)),
    ]
    last = standing(con.create_table("log", as_log(said))).order_by("left_source").execute()
    assert last[["left_source", "right_source", "verdict", "overruled"]].values.tolist() == [
        ["app", "pos", "unsure", 0], ["pos", "web", "different", 1],
    ]  # fmt: skip


def test_a_verdict_is_on_two_records_and_one_of_three():
    with pytest.raises(ValueError, match="two records"):
        new_verdict(POS, POS, "same", "a", "", at(1))
    with pytest.raises(ValueError, match="same, different or unsure"):
        new_verdict(POS, WEB, "maybe", "a", "", at(1))


def test_a_veto_survives_reruns_and_later_evidence(link_records):
    assert link_records(TWO).groups == ALL_ONE
    parted = link_records(TWO, apart=[(POS, WEB)])
    assert parted.events[["kind", "actor"]].values.tolist() == [["unmerge", "reviewer"]]
    card = {"card_no": "29000001"}
    later = link_records({"pos:1": HANAKO | card, "web:1": HANAKO | card, "app:1": HANAKO | card})
    assert later.customer("pos:1") != later.customer("web:1")
    assert "verdict_different" in rule_of(later, "reject")
    assert (
        link_records({"pos:1": HANAKO | card, "web:1": HANAKO | card})
        .events.query("kind == 'merge'")
        .empty
    )


def test_same_joins_two_who_share_nothing_and_survives_a_rebase(link_records):
    records = {"pos:1": HANAKO | {"birth_date": date(1980, 6, 2)}, "web:1": TARO}
    assert len(link_records(records).groups) == 2
    joined = link_records(records, joined=[(POS, WEB)])
    assert joined.groups == ALL_ONE
    event = joined.events.iloc[0]
    assert (event.kind, event.reason, event.actor) == ("merge", "verdict_same", "reviewer")
    assert link_records(records, rebase=True).groups == ALL_ONE


def test_same_that_breaks_another_verdict_is_refused_with_its_reason(link_records):
    records = TWO | {"app:1": TARO}
    outcome = link_records(records, apart=[(POS, APP)], joined=[(POS, WEB), (WEB, APP)])
    assert outcome.customer("pos:1") != outcome.customer("app:1")
    edges = outcome.tables.identity_edges.execute()
    refused = edges[edges.evidence.str.contains('"refused": "verdict"')]
    assert refused.rule.tolist() == ["verdict_same"]
    log = link_records.state["verdicts"]
    said = count(connect().create_table("log", log), outcome.tables.identity_edges)
    assert (said["pairs"], said["same"], said["different"], said["broken"]) == (3, 2, 1, 1)


def test_a_verdict_withdrawn_gives_the_pair_back_to_the_rules(link_records):
    link_records(TWO)
    assert len(link_records(TWO, apart=[(POS, WEB)]).groups) == 2
    link_records.say(POS, WEB, "unsure")
    again = link_records(TWO)
    assert again.groups == ALL_ONE
    assert again.events.kind.tolist() == ["merge"]


def test_unmerge_gives_each_customer_its_own_purchases_back(link_records, canonical_rows):
    orders = [
        {"source": source, "order_id": "1", "source_id": "1", "amount": Decimal(amount),
         "ordered_at": datetime(2026, 1, day, 10), "status": "valid"}
        for source, amount, day in (("pos", 100, 5), ("web", 900, 6))
    ]  # fmt: skip
    records = {"pos:1": HANAKO, "web:1": TARO}

    def spent(outcome) -> dict[str, float]:
        con = connect()
        bought = purchases_by_customer(
            con.create_table("orders", canonical_rows(orders, "orders")),
            con.create_table("map", outcome.tables.identity_map.to_pyarrow()),
        ).execute()
        return dict(zip(bought.customer_id, bought.value, strict=True))

    apart = link_records(records, orders)
    before = {name: spent(apart)[apart.customer(name)] for name in records}
    together = link_records(records, orders, joined=[(POS, WEB)])
    assert spent(together) == {together.customer("pos:1"): 1000.0}
    parted = link_records(records, orders, apart=[(POS, WEB)])
    assert {name: spent(parted)[parted.customer(name)] for name in records} == before
    history = parted.tables.identity_history.order_by("at").execute()
    assert sorted(history.kind) == ["create", "create", "merge", "unmerge"]
    ids = {i for column in ("customer_ids_before", "customer_ids_after")
           for event in history[column] for i in event}  # fmt: skip
    assert len(ids) == 3  # the ID that ended in the merge is not given again


def test_a_client_whose_records_share_nothing_is_remembered_too(link_records):
    link_records({"pos:1": HANAKO})
    again = link_records({"pos:1": HANAKO})
    assert again.tables.new_known.count().execute() == 0
    assert again.tables.new_rebases.count().execute() == 0
