"""What reviewers say stands, over reruns and later evidence; the newest verdict wins."""

from datetime import date, datetime

import pytest

from joren.engine import connect
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


def test_a_client_whose_records_share_nothing_is_remembered_too(link_records):
    link_records({"pos:1": HANAKO})
    again = link_records({"pos:1": HANAKO})
    assert again.tables.new_known.count().execute() == 0
    assert again.tables.new_rebases.count().execute() == 0
