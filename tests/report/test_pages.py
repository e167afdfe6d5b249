"""The pages of the report: what stands on each, and what a client's data cannot support."""

from __future__ import annotations

import pytest

from joren import text
from joren.report.pages import MOST_ROWS, absent_parts, compose_pages, layout


def _finding(key, sentence, accent=False, tile=None):
    both = {"ja": sentence, "en": sentence}
    return {
        "kind": "finding", "key": key, "subject": None, "text": both, "value": 1.0, "lower": 0.0,
        "upper": 2.0, "n": 3, "accent": accent, "tile": tile, "in_title": False,
    }  # fmt: skip


def _figure(name, title="図"):
    both = {"ja": title, "en": title}
    path = f"figures/{name}.svg"
    return {"kind": "figure", "name": name, "title": both, "svg": {"ja": path, "en": path}}


def _table(name, rows):
    both = {"ja": "表", "en": "Table"}
    return {
        "kind": "table", "name": name, "title": both,
        "columns": [{"header": both, "align": "right"}], "rows": {"ja": rows, "en": rows},
    }  # fmt: skip


def _report(**steps):
    entries = [
        {
            "step": name.replace("__", "/"), "status": "ran", "origin": None,
            "reason": None if items else {"ja": "注文だけです。", "en": "Orders only."},
            "items": items,
        }
        for name, items in steps.items()
    ]  # fmt: skip
    return {"stages": [{"steps": entries}]}


@pytest.fixture
def run(tmp_path):
    (tmp_path / "figures").mkdir()

    def sized(name, height):
        svg = f'<svg width="482pt" height="{height}pt" xmlns="http://www.w3.org/2000/svg"/>'
        (tmp_path / "figures" / f"{name}.svg").write_text(svg)

    sized("value_ahead", 200)
    sized("ltv_tenths", 200)
    sized("tall", 400)
    return tmp_path


LTV = "04_ltv__40_value"


def test_a_page_opens_with_the_finding_the_run_stressed(run):
    report = _report(
        **{
            LTV: [
                _finding("ltv.top_tenth.one", "上位"),
                _finding("ltv.top_tenth.two", "強調", accent=True),
                _finding("ltv.total_value.model", "合計", accent=True),
            ]
        }
    )
    page = next(p for p in compose_pages(report, "ja", run) if p["id"] == "value")
    assert page["headline"] == "強調"
    assert page["sentences"] == ["合計"]


def test_a_client_without_points_has_no_empty_page_but_the_reason(run):
    report = _report(
        **{LTV: [_finding("ltv.total_value.model", "合計")], "02_points__10_ledger": []}
    )
    assert "points" not in [page["id"] for page in compose_pages(report, "ja", run)]
    assert (text.render("ja", "report.page.points.title"), "注文だけです。") in absent_parts(
        report, "ja"
    )


def test_a_long_table_is_cut_and_says_by_how_much(run):
    rows = [[str(i)] for i in range(MOST_ROWS + 5)]
    items = [_finding("ltv.total_value.model", "合計"), _table("value_by_first_channel", rows)]
    page = next(p for p in compose_pages(_report(**{LTV: items}), "en", run) if p["id"] == "value")
    assert len(page["table"]["rows"]) == MOST_ROWS
    assert page["table"]["more"] == "5 more rows are in the HTML report."


def test_what_does_not_fit_a_sheet_is_left_to_the_html_report(run):
    items = [_finding("ltv.total_value.model", "合計", accent=True)]
    items += [_figure("value_ahead"), _figure("ltv_tenths")]
    items += [_finding(f"ltv.best_level.{i}", f"{i}" * 200) for i in range(4)]
    page = next(p for p in compose_pages(_report(**{LTV: items}), "ja", run) if p["id"] == "value")
    assert len(page["figures"]) == 2
    assert 0 < len(page["sentences"]) < 4


def test_every_page_has_its_title_and_question_in_both_languages():
    for spec in layout():
        for part in ("title", "question"):
            assert text.has(f"report.page.{spec['id']}.{part}")


def test_every_step_a_page_names_is_a_notebook():
    from joren.notebooks import discover

    steps = {step.name for step in discover()}
    assert not {name for spec in layout() for name in spec["steps"]} - steps


def test_steps_that_ran_and_found_nothing_are_not_said_to_be_missing():
    report = _report(**{"03_routes__50_flows": []})
    report["stages"][0]["steps"][0]["reason"] = None

    reasons = dict(absent_parts(report, "en"))

    flows = text.render("en", "report.page.flows.title")
    routes = text.render("en", "report.page.routes.title")
    assert reasons[flows] == text.render("en", "report.nothing_found")
    assert reasons[routes] == text.render("en", "report.not_run")


def test_a_client_whose_every_row_is_used_still_has_its_data_quality_page(run):
    report = _report(**{"01_identity__10_ingest": [_finding("ingest.nothing_doubted", "全行")]})

    pages = compose_pages(report, "ja", run)

    assert [page["id"] for page in pages] == ["quality"]
    assert pages[0]["absent"]
