from __future__ import annotations

import json

from joren.serve.history import earlier_tiles


def _run(reports, run_id, day, value, status="published"):
    folder = reports / run_id
    folder.mkdir(parents=True)
    tile = {lang: {"label": "x", "value": value, "sure": ""} for lang in ("ja", "en")}
    items = [{"kind": "finding", "key": "ltv.repeat_rate", "tile": tile}]
    report = {
        "as_of_text": {"ja": day, "en": day},
        "stages": [{"steps": [{"items": items}]}],
    }
    (folder / "report.json").write_text(json.dumps(report))
    (folder / "run.json").write_text(json.dumps({"status": status}))
    return folder, report


def test_a_tile_knows_its_values_on_earlier_days_the_latest_first(tmp_path):
    _run(tmp_path, "1", "31 Dec", "70 %")
    _run(tmp_path, "2", "31 Jan", "71 %")
    _run(tmp_path, "3", "31 Jan", "71.5 %")  # the same day again: the later run counts
    _run(tmp_path, "4", "28 Feb", "0 %", "failed")
    (tmp_path / "5").mkdir()
    folder, report = _run(tmp_path, "6", "31 Mar", "73 %")
    _run(tmp_path, "7", "30 Apr", "74 %")
    (tmp_path / "latest").symlink_to("7")
    told = earlier_tiles(folder, report)["ltv.repeat_rate"]
    assert [(one["as_of"]["en"], one["value"]["en"]) for one in told] == [
        ("31 Jan", "71.5 %"), ("31 Dec", "70 %"),
    ]  # fmt: skip


def test_a_first_run_has_no_trend(tmp_path):
    assert earlier_tiles(*_run(tmp_path, "1", "31 Mar", "73 %")) == {}
