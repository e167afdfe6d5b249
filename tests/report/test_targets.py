from joren.report.pages import headline_tiles
from joren.report.targets import targets_of

TILE = {"label": "Bought again", "value": "31.0 %", "sure": "n = 9"}


def _stages(*keys):
    items = [{"kind": "finding", "key": key, "tile": {"ja": TILE, "en": TILE}} for key in keys]
    return [{"stage": "04_ltv", "steps": [{"step": "04_ltv/40_value", "items": items}]}]


def test_a_target_is_written_as_its_figure_is():
    aims = {"ltv.repeat_rate": 0.35, "liability.amount": 12_000_000, "churn.running": 0.9}
    stages = _stages("ltv.repeat_rate", "liability.amount", "ltv.customers")
    assert targets_of(stages, aims, "JPY") == {
        "ltv.repeat_rate": {"ja": "35.0 %", "en": "35.0 %"},
        "liability.amount": {"ja": "¥1,200万", "en": "¥12.0M"},
    }


def test_without_targets_there_are_none():
    assert targets_of(_stages("ltv.repeat_rate"), {}, "JPY") == {}


def test_the_report_says_a_target_under_its_figure_and_nothing_where_there_is_none():
    stages = _stages("ltv.repeat_rate", "liability.amount")
    report = {"stages": stages, "targets": targets_of(stages, {"ltv.repeat_rate": 0.35}, "JPY")}
    tiles = {lang: headline_tiles(report, lang) for lang in ("ja", "en")}
    assert [tile["target"] for tile in tiles["ja"]] == ["目標 35.0 %", None]
    assert [tile["target"] for tile in tiles["en"]] == ["Target 35.0 %", None]


def test_reports_of_earlier_versions_know_no_targets():
    assert [t["target"] for t in headline_tiles({"stages": _stages("ltv.repeat_rate")}, "en")] == [
        None
    ]
