from __future__ import annotations

import json
import subprocess
import sys

import pytest

from joren.errors import JorenError
from joren.serve import page, site


def _content(steps: dict[str, list[dict]], status: str = "ran") -> dict:
    stages: dict[str, dict] = {}
    for name, items in steps.items():
        stage = name.split("/")[0]
        entry = stages.setdefault(
            stage, {"stage": stage, "title": {"ja": stage, "en": stage}, "steps": []}
        )
        entry["steps"].append({"step": name, "status": status, "reason": None, "items": items})
    report = {"stages": list(stages.values()), "certificate": {"ja": [], "en": []}}
    return {"report": report, "labels": site.labels(), "explore": None} | {
        "views": {},
        "downloads": [],
        "earlier": {},
        "targets": {},
        "role": "analyst",
    }


def _finding(accent: bool, tile: dict | None = None) -> dict:
    return {"kind": "finding", "text": {"ja": "x", "en": "x"}, "accent": accent, "tile": tile}


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("01_identity/10_ingest", "quality"),
        ("01_identity/20_resolve", "customers"),
        ("04_ltv/20_ltv", "ltv"),
        ("04_ltv/15_backtest", "overview"),
        ("04_ltv/15_holdout", "overview"),
        ("03_routes/10_graph", "routes"),
        ("02_points/20_liability", "points"),
        ("02_points/40_campaigns", "campaigns"),
        ("02_points/50_economics", "campaigns"),
        ("04_ltv/60_segments", "customers"),
        ("04_ltv/70_actions", "actions"),
        ("05_experiments/20_readout", "campaigns"),
        ("07_own/10_list", None),
    ],
)
def test_every_step_has_its_page(step, name):
    assert page.page_of(step) == name


def test_pages_come_in_the_reports_order_and_a_new_stage_gets_its_own():
    steps = ("01_identity/10_ingest", "01_identity/20_resolve", "06_toys/10_toy", "04_ltv/20_ltv")
    pages = page.arrange(_content({name: [] for name in steps}))
    assert [p["id"] for p in pages] == [
        "overview", "customers", "points", "routes", "ltv", "campaigns", "actions", "06-toys",
        "quality",
    ]  # fmt: skip


def test_a_page_this_run_says_nothing_on_stays_and_names_the_stage_that_fills_it():
    pages = {p["id"]: p for p in page.arrange(_content({"02_points/10_ledger": []}))}
    assert pages["routes"]["empty"] == {"ja": "03_routes", "en": "03_routes"}
    assert "empty" not in pages["points"] and "empty" not in pages["overview"]


def test_the_overview_opens_with_what_matters_and_lists_what_is_missing():
    tile = {"ja": {}, "en": {}}
    content = _content({"04_ltv/20_ltv": [_finding(True), _finding(False, tile)]})
    skipped = _content({"02_points/10_ledger": []}, "skipped")
    content["report"]["stages"] += skipped["report"]["stages"]
    overview = page.arrange(content)[0]
    assert [where for where, _ in overview["headlines"]] == ["ltv"]
    assert overview["tiles"] == [
        {"page": "ltv", "tile": tile, "key": None, "earlier": [], "target": None}
    ]
    assert [step["step"] for step in overview["skipped"]] == ["02_points/10_ledger"]


def test_a_page_without_a_large_figure_gives_the_overview_its_first_calm_sentence():
    first, second = _finding(False), _finding(False)
    content = _content({"04_ltv/20_ltv": [_finding(True), first, second]})
    (tile,) = page.arrange(content)[0]["tiles"]
    assert tile["item"] is first and tile["page"] == "ltv"


def test_opened_by_hand_it_says_how_to_open_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(JorenError, match="joren serve CLIENT"):
        page.show()


def test_the_page_needs_nothing_heavy_to_start():
    heavy = [
        "pandas",
        "numpy",
        "pymc",
        "arviz",
        "ibis",
        "duckdb",
        "matplotlib",
        "pyarrow",
        "ruamel",
    ]
    code = f"import joren.serve.page, sys; print(sorted(set({heavy!r}) & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert result.stdout == "[]\n"


def test_the_notebook_says_its_question_and_holds_no_output():
    from joren.serve.launch import NOTEBOOK

    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    question, *code = notebook["cells"]
    assert "?" in "".join(question["source"])
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
