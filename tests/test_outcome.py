"""The outcome of a run as JSON: what a scheduler reads instead of sentences."""

from __future__ import annotations

import json

import pytest

from joren.errors import InputError, QualityError
from joren.outcome import exit_status, failed_without_a_word, told_as_json
from joren.run import RunResult
from joren.workspace import Workspace, write_json

FIELDS = {
    "client", "exit", "status", "run", "as_of", "report", "failure", "remedy", "warnings",
    "seconds",
}  # fmt: skip


@pytest.fixture
def shop(tmp_path):
    run = tmp_path / "reports" / "shop" / "20260401T090000Z"
    run.mkdir(parents=True)
    record = {"run_id": run.name, "client": "shop", "as_of": "2026-03-31", "status": "failed"}
    write_json(run / "run.json", record)
    return Workspace("shop", tmp_path / "reports")


def test_a_published_run_tells_its_report_and_warnings(shop, capsys):
    run = shop.runs()[0]
    with told_as_json("shop", True) as told:
        told["result"] = RunResult("published", run, ({"ja": "月が欠けています", "en": "a gap"},))

    outcome = json.loads(capsys.readouterr().out)
    assert outcome.keys() == FIELDS
    assert (outcome["exit"], outcome["status"], outcome["run"]) == (0, "published", run.name)
    assert outcome["report"] == str(run / "report.html")
    assert outcome["warnings"] == ["a gap"]


def test_a_blocked_run_tells_why_what_to_do_and_which_run_failed(shop, capsys):
    error = QualityError("nothing is published: pos/orders: 3 of 4 rows", "q.parquet", "correct it")
    with pytest.raises(QualityError), told_as_json("shop", True) as told:
        told["workspace"] = shop
        raise error

    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["exit"], outcome["status"]) == (1, "failed")
    assert "pos/orders: 3 of 4 rows" in outcome["failure"]
    assert (outcome["remedy"], outcome["run"]) == ("correct it", "20260401T090000Z")


def test_wrong_inputs_start_nothing(shop, capsys):
    with pytest.raises(InputError), told_as_json("shop", True) as told:
        told["workspace"] = shop
        raise InputError("there is no such file", "orders.csv")

    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["exit"], outcome["status"], outcome["run"]) == (2, "not_started", None)


def test_an_error_of_the_program_is_told_by_its_name_only(capsys):
    with pytest.raises(ZeroDivisionError), told_as_json("shop", True):
        raise ZeroDivisionError("of secret numbers")
    assert json.loads(capsys.readouterr().out)["failure"] == "ZeroDivisionError"


def test_nothing_is_printed_where_it_is_not_wanted(shop, capsys):
    with told_as_json("shop", False) as told:
        told["result"] = RunResult("published", shop.runs()[0])
    assert capsys.readouterr().out == ""


def test_a_killed_process_still_has_an_outcome():
    outcome = failed_without_a_word("shop", -9, "")
    assert (outcome["exit"], outcome["failure"]) == (-9, "exit -9")
    assert exit_status(KeyError()) == 1
