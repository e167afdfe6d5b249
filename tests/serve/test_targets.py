import json

from joren.serve.targets import targets_of


def _report(*keys):
    items = [{"kind": "finding", "key": key, "tile": {"ja": {}, "en": {}}} for key in keys]
    return {"currency": "JPY", "stages": [{"steps": [{"items": items}]}]}


def test_a_target_is_written_as_its_figure_is(tmp_path):
    aims = {"ltv.repeat_rate": 0.35, "liability.amount": 12_000_000, "churn.running": 0.9}
    (tmp_path / "run.json").write_text(json.dumps({"parameters": {"dashboard": {"targets": aims}}}))
    found = targets_of(tmp_path, _report("ltv.repeat_rate", "liability.amount", "ltv.customers"))
    assert found == {
        "ltv.repeat_rate": {"ja": "35.0 %", "en": "35.0 %"},
        "liability.amount": {"ja": "¥1,200万", "en": "¥12.0M"},
    }


def test_without_targets_or_record_there_are_none(tmp_path):
    assert targets_of(tmp_path, _report("ltv.repeat_rate")) == {}
    (tmp_path / "run.json").write_text(json.dumps({"parameters": {}}))
    assert targets_of(tmp_path, _report("ltv.repeat_rate")) == {}
