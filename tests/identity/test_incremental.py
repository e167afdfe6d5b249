"""New records against known ones: what is new costs, what is known keeps what was decided."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HANAKO = {"full_name": "佐藤 花子", "full_kana": "サトウ ハナコ", "phone": "090-1111-2222"}
TARO = {"full_name": "鈴木 太郎", "full_kana": "スズキ タロウ", "phone": "090-3333-4444"}


def test_a_rerun_links_nothing_anew(link_records):
    first = link_records({"pos:1": HANAKO, "web:1": HANAKO, "web:2": TARO})
    again = link_records({"web:2": TARO, "web:1": HANAKO, "pos:1": HANAKO})
    assert first.tables.new_known.count().execute() == 3
    for name in ("known", "links", "assignments", "history", "rebases"):
        assert getattr(again.tables, f"new_{name}").count().execute() == 0
    assert again.map.sort_values(["source", "source_id"], ignore_index=True).equals(
        first.map.sort_values(["source", "source_id"], ignore_index=True)
    )
    assert len(again.tables.identity_edges.execute()) == len(first.tables.identity_edges.execute())


def test_a_new_record_joins_whom_it_belongs_to(link_records):
    known = {"pos:1": HANAKO, "web:2": TARO}
    first = link_records(known)
    later = link_records(known | {"web:1": HANAKO})
    assert later.customer("web:1") == first.customer("pos:1")
    assert later.events.empty
    assert later.tables.new_links.count().execute() == 1


def test_a_record_that_is_gone_takes_its_links_along(link_records):
    bridge = {"full_name": "佐藤 花子", "phone": "090-1111-2222", "email": "hana@example.jp"}
    ends = {
        "pos:1": {"full_name": "佐藤 花子", "phone": "090-1111-2222"},
        "web:1": {"full_name": "佐藤 花子", "email": "hana@example.jp"},
    }
    assert len(link_records(ends | {"app:1": bridge}).groups) == 1
    assert len(link_records(ends).groups) == 2
    assert len(link_records(ends | {"app:1": bridge}).groups) == 1


def test_a_changed_rule_waits_for_a_rebase(link_records):
    names = ["佐木 誠", "鈴木 葵", "高木 凛"]
    records = {
        f"{source}:{n}": {"full_name": name, "phone": "03-1111-0100"}
        for n, name in enumerate(names) for source in ("pos", "web")
    }  # fmt: skip
    before = link_records(records, generic_names=9)
    assert len(before.groups) == 3
    waiting = link_records(records, generic_names=2)
    assert waiting.tables.rules_changed
    assert waiting.groups == before.groups
    applied = link_records(records, generic_names=2, rebase=True)
    assert len(applied.groups) == 6
    assert set(applied.events.kind) == {"split"}
    assert not link_records(records, generic_names=2).tables.rules_changed
    assert edges(link_records(records, generic_names=2)) == edges(applied)
    back = link_records(records, generic_names=9, rebase=True)
    assert back.groups == before.groups
    dead = {i for i in applied.map.customer_id if i not in set(before.map.customer_id)}
    assert not dead & set(back.map.customer_id)


def edges(outcome) -> set[tuple]:
    columns = outcome.tables.identity_edges.drop("weight", "match_probability").to_pyarrow()
    return {tuple(row.values()) for row in columns.to_pylist()}


@pytest.fixture(scope="module")
def people() -> dict[str, dict]:
    """Ten records of six people whose details overlap in many ways."""
    return {
        "pos:1": HANAKO, "pos:2": TARO, "web:1": HANAKO | {"email": "hana@example.jp"},
        "web:2": {"full_name": "佐藤 花子", "email": "hana@example.jp"},
        "web:3": {"full_name": "佐藤 葵", "phone": "090-1111-2222"},
        "app:1": {"phone": "090-3333-4444"}, "app:2": {"phone": "090-1111-2222"},
        "app:3": {"full_name": "鈴木 太郎", "birth_date": date(1970, 1, 5)},
        "pos:3": TARO | {"birth_date": date(1970, 1, 5)},
        "pos:4": TARO | {"birth_date": date(1999, 9, 9)},
    }  # fmt: skip


@given(cut=st.integers(1, 9), order=st.permutations(range(10)))
@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_in_two_batches_the_people_are_the_same_as_in_one(people, clients, cut, order):
    names = [list(people)[place] for place in order]
    batches = clients()
    first = batches({name: people[name] for name in names[:cut]})
    second = batches({name: people[name] for name in names})
    assert second.groups == clients()(people).groups
    explained = {i for before in second.events.customer_ids_before for i in before}
    for name in names[:cut]:
        if second.customer(name) != first.customer(name):
            assert first.customer(name) in explained
