"""The quarterly review: forecasts of the quarter, its campaigns, and definitions that changed."""

from __future__ import annotations

import datetime as dt

import duckdb
import pypdf
import pytest

from joren.errors import JorenError, ParameterError
from joren.operating.quarter import named_quarter, quarter_of, write_review
from joren.report.build import template_folder
from joren.workspace import Workspace, switch_latest, write_json


def _publish(reports, run_id, as_of, ltv, code="1.0", status="published"):
    run = reports / "shop" / run_id
    (run / "tables").mkdir(parents=True)
    write_json(run / "run.json", {
        "run_id": run_id, "client": "shop", "title": {"ja": "常連屋", "en": "Regulars"},
        "currency": "JPY", "as_of": as_of, "status": status, "code_version": code,
        "parameters": {"ltv": ltv, "report": {"pdf": True}},
    })  # fmt: skip
    return run


@pytest.fixture
def shop(tmp_path):
    """Runs of December, January and March; the last has a forecast check and campaigns."""
    reports = tmp_path / "reports"
    _publish(reports, "20260101T000000Z", "2025-12-31", {"margin_rate": 0.3})
    _publish(reports, "20260201T000000Z", "2026-01-31", {"margin_rate": 0.4})
    run = _publish(reports, "20260401T000000Z", "2026-03-31", {"margin_rate": 0.4}, code="1.1")
    duckdb.execute(f"""COPY (
        SELECT made_as_of::DATE AS made_as_of, days, measure, predictor, 'all' AS group_name, value,
            lower, upper, 900 AS n
        FROM (VALUES ('2025-12-31', 90, 'total_orders', 'model', 1000.0, 950.0, 1050.0),
            ('2025-12-31', 90, 'total_orders', 'actual', 1020.0, NULL, NULL),
            ('2025-12-31', 180, 'total_orders', 'model', 2000.0, 1900.0, 2100.0),
            ('2025-12-31', 90, 'brier', 'model', 0.1, NULL, NULL)
        ) t(made_as_of, days, measure, predictor, value, lower, upper)
    ) TO '{run}/tables/forecast_check.parquet'""")
    duckdb.execute(f"""COPY (
        SELECT name, last_day::DATE AS last_day, 'orders' AS metric, 0.12 AS relative,
            0.02 AS relative_lower, 0.22 AS relative_upper, 'A' AS grade, 'repeat' AS decision
        FROM (VALUES ('Winter|mail', '2026-02-10'), ('Spring', '2026-04-10')) t(name, last_day)
    ) TO '{run}/tables/pdca.parquet'""")
    workspace = Workspace("shop", reports)
    switch_latest(workspace, run)
    return workspace


def test_a_quarter_is_of_a_day_or_a_name():
    assert quarter_of(dt.date(2026, 2, 28)) == named_quarter("2026q1")
    assert named_quarter("2025Q4").last == dt.date(2025, 12, 31)
    assert named_quarter("2025Q4").name == "2025Q4"
    for wrong in ("2026", "2026Q5", "Q1", "26Q1"):
        with pytest.raises(ParameterError):
            named_quarter(wrong)


def test_the_review_has_what_fell_due_and_nothing_else(shop):
    page, pdf = write_review(shop, template_folder(), "en")

    told = page.read_text(encoding="utf-8")
    assert page.name == "2026Q1.en.md"
    assert "| 31 Dec 2025 | 31 Mar 2026 | Orders (all) | 1,000 (950–1,050) | 1,020 | 900 |" in told
    assert "2,000" not in told  # due in June
    assert "| Winter/mail | 10 Feb 2026 | orders | 12.0 % (2.0 %–22.0 %) | A | repeat |" in told
    assert "Spring" not in told
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
    assert "Quarterly review 2026Q1" in printed and "1,020" in printed


def test_definitions_are_those_that_changed_since_the_run_before(shop):
    page, _ = write_review(shop, template_folder(), "en")

    told = page.read_text(encoding="utf-8")
    assert "| 31 Jan 2026 | 20260201T000000Z | ltv.margin_rate | 0.3 | 0.4 |" in told
    assert "| 31 Mar 2026 | 20260401T000000Z | joren | 1.0 | 1.1 |" in told


def test_a_quarter_without_such_things_says_so_in_japanese(shop):
    page, pdf = write_review(shop, template_folder(), "ja", named_quarter("2025Q4"))

    told = page.read_text(encoding="utf-8")
    assert told.startswith("# 常連屋 四半期レビュー 2025Q4")
    assert "この四半期に終了した施策はありません。" in told
    assert pdf.read_bytes()[:4] == b"%PDF"


def test_the_same_runs_give_the_same_bytes(shop):
    first = [path.read_bytes() for path in write_review(shop, template_folder(), "ja")]
    assert [path.read_bytes() for path in write_review(shop, template_folder(), "ja")] == first


def test_a_quarter_without_a_published_run_is_an_error(shop, tmp_path):
    with pytest.raises(JorenError, match="2024Q1"):
        write_review(shop, template_folder(), "ja", named_quarter("2024Q1"))
    with pytest.raises(JorenError, match="no published run of none"):
        write_review(Workspace("none", tmp_path / "reports"), template_folder(), "ja")
