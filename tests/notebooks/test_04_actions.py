"""The page of what to do next, from published runs."""

from __future__ import annotations

import csv
import json

import duckdb
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def lists(demo_run) -> pd.DataFrame:
    return pd.read_parquet(demo_run / "tables" / "action_lists.parquet").set_index("action")


def items(run) -> list[dict]:
    path = run / "items" / "04_ltv__70_actions.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _one(run, query):
    tables = {p.stem: p for p in (run / "tables").glob("*.parquet")}
    return duckdb.sql(query.format(**tables)).fetchall()[0]


def test_every_list_has_a_file_of_its_customers_closed_to_others(demo_run, lists):
    for action, row in lists.iterrows():
        path = demo_run / "exports" / f"{action}.csv"
        assert path.exists() == (row.listed > 0)
        if row.listed:
            assert path.stat().st_mode & 0o077 == 0
            with path.open(encoding="utf-8-sig", newline="") as stream:
                assert len(list(csv.reader(stream))) == row.listed + 1


def test_everybody_on_a_list_is_in_the_table_of_actions_once(demo_run, lists):
    own, extra = _one(
        demo_run,
        "select count(*) filter (list_id in (select list_id from '{action_lists}')), "
        "count(*) - count(distinct (customer_id, action)) from '{actions}'",
    )
    assert own == lists.listed.sum() + lists.held_out.sum()
    assert extra == 0


def test_nobody_is_on_two_lists_of_the_playbook(demo_run):
    most = _one(
        demo_run,
        "select max(n) from (select count(*) n from '{action_members}' "
        "where standing in ('listed', 'held_out') group by customer_id)",
    )
    assert most == (1,)


def test_accounts_add_up(demo_run):
    off = _one(
        demo_run,
        "select count(*) from '{action_account}' where considered <> "
        "below_threshold + no_consent + over_cap + held_out + listed",
    )
    assert off == (0,)


def test_a_gain_is_claimed_only_where_an_experiment_measured_the_channel(lists):
    backed = lists[lists.gain.notna()]
    assert set(lists[lists.experiments != ""].index) == set(backed.index)
    assert "cancel_watch" not in backed.index  # no campaign ever called anybody
    assert ((backed.gain_lower < backed.gain) & (backed.gain < backed.gain_upper)).all()


def test_hours_are_used_up_where_one_more_is_worth_something(demo_run):
    hours = pd.read_parquet(demo_run / "tables" / "service_hours.parquet")
    assert len(hours) == 21
    scarce = hours[hours.shadow_price > 0]
    assert scarce.used.to_numpy() == pytest.approx(scarce.hours.to_numpy())
    assert (hours.used <= hours.hours + 1e-6).all()


def test_the_page_says_what_is_at_stake_and_what_is_not_known(demo_run):
    said = {i["key"] for i in items(demo_run) if i["kind"] == "finding"}
    assert {"actions.drawn", "actions.at_stake", "actions.hours", "actions.first_lists",
            "actions.no_referral"} <= said  # fmt: skip
    shown = {i["name"] for i in items(demo_run) if i["kind"] in ("figure", "table")}
    assert {"actions_at_stake", "actions_hours", "actions_lists", "actions_account"} <= shown


def test_an_orders_only_client_gets_reasons_and_no_file(cdnow_run):
    assert not list((cdnow_run / "exports").glob("*.csv"))
    said = {i["key"] for i in items(cdnow_run) if i["kind"] == "finding"}
    assert {"actions.nobody", "actions.no_staff", "actions.no_send_times"} <= said
    assert len(pd.read_parquet(cdnow_run / "tables" / "actions.parquet")) == 0
