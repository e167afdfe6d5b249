"""The ledger's table speaks the client's language, and its log grows only by what is new."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.experiments.ledgers import held, plan, result

from joren.contract import check_columns
from joren.engine import connect
from joren.experiments.ledger import make_ledger
from joren.experiments.ledger_table import EXPORT, export_table, ledger_table, log_rows, said_of

NOW = datetime(2026, 4, 1, 9)


def made(*statuses: str, grade: str = "A"):
    plans = [plan(n) for n in range(len(statuses))]
    rows = [result(p, 0.06, 0.01, grade=grade) for p in plans]
    held_plans = [held(p, status) for p, status in zip(plans, statuses, strict=True)]
    return make_ledger(held_plans, rows, [], 0.9, 1.0)


def test_the_table_keeps_its_contract_and_names_every_campaign_once():
    table = ledger_table(made("frozen", "none"), "ja", "JPY")
    con = connect()

    check_columns(con.create_table("pdca", table), "pdca")

    assert table["campaign_id"].to_pylist() == ["C0", "C1"]
    assert table["decision"].to_pylist()[0] == "本展開"


@pytest.mark.parametrize(("language", "word"), [("ja", "本展開"), ("en", "Roll out")])
def test_sentences_are_in_the_language_asked_for(language, word):
    (entry,) = made("frozen").entries
    said = said_of(entry, language, "JPY")
    assert said["decision"] == word
    assert said["objective"] == {"ja": "来店", "en": "Visits"}[language]
    assert "A" in said["result"]


def test_grade_d_is_called_no_effect():
    (entry,) = made("frozen", grade="D").entries
    assert "効果とは言えません" in said_of(entry, "ja", "JPY")["result"]
    assert "no effect" in said_of(entry, "en", "JPY")["result"]


def test_an_edited_plan_is_said_to_be_one():
    table = ledger_table(made("edited"), "ja", "JPY")
    assert table["plan_status"].to_pylist() == ["edited"]
    assert "結果の公開後に変わった" in table["decision"].to_pylist()[0]


def test_the_log_takes_only_what_differs_from_the_last_time():
    table = ledger_table(made("frozen", "none"), "ja", "JPY")
    first = log_rows(table, [], NOW)
    assert first.num_rows == 2

    assert log_rows(table, first.to_pylist(), NOW).num_rows == 0

    changed = ledger_table(made("frozen", "edited"), "ja", "JPY")
    assert log_rows(changed, first.to_pylist(), NOW)["campaign_id"].to_pylist() == ["C1"]


def test_the_file_has_every_column_it_names():
    con = connect()
    rows = export_table(con, ledger_table(made("frozen"), "ja", "JPY"), "ja")
    assert set(EXPORT) <= set(rows.columns)
    assert rows.plan_status_text.to_pyarrow().to_pylist() == ["事前に確定"]
