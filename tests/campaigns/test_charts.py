from dataclasses import replace
from datetime import timedelta

from tests.campaigns.handmade import plan
from tests.campaigns.test_verdicts import row

from joren.campaigns.charts import kpi_forest, segment_forest, segment_label
from joren.stats.effects import Estimate


def with_relative(found):
    relative = Estimate(0.2, 0.05, 0.4)
    return replace(found, effect=replace(found.effect, relative=relative))


def labels(figure) -> list[str]:
    return [tick.get_text() for tick in figure.axes[0].get_yticklabels()]


def test_one_arm_is_told_apart_by_its_kpis():
    rows = [with_relative(row(0.05, 0.01, 0.09, name)) for name in ("response_rate", "orders")]
    figure = kpi_forest(rows, {"C1": plan()})("ja")
    assert labels(figure) == ["反応率", "1 人あたり購入回数"]


def test_several_arms_of_one_kpi_are_told_apart_by_their_names():
    rows = [with_relative(row(0.05, 0.01, 0.09))]
    rows.append(replace(rows[0], arm="test"))
    figure = kpi_forest(rows, {"C1": plan()})("en")
    assert labels(figure) == ["春のDM (treatment)", "春のDM (test)"]
    assert figure.axes[0].get_xlabel().endswith("response rate")


def test_of_many_campaigns_the_newest_are_drawn_and_counted():
    one = with_relative(row(0.05, 0.01, 0.09))
    first = plan()
    names = [f"C{n:02}" for n in range(30)]
    plans = {
        name: replace(first, campaign_id=name, name=name, starts_on=first.starts_on + timedelta(n))
        for n, name in enumerate(names)
    }
    rows = [replace(one, reading=replace(one.reading, campaign_id=name)) for name in names]
    figure = kpi_forest(rows, plans)("en")
    assert [label.split()[0] for label in labels(figure)] == names[12:]
    assert figure.axes[0].get_xlabel().endswith("(newest 18 of 30)")


def test_an_effect_without_interval_is_not_drawn():
    figure = kpi_forest([row(0.05, 0.01, 0.09)], {"C1": plan()})("en")
    assert labels(figure) == []


def test_everybody_stands_above_the_segments_and_classes_in_their_order():
    names = ["recency:181d+", "recency:0-30d", "all", "new"]
    rows = [row(0.05, 0.01, 0.09, segment=name) for name in names]
    figure = segment_forest(rows, "JPY")("en")
    assert [label.partition("  ")[0] for label in labels(figure)] == [
        "everybody", "last purchase: 0-30 days ago", "last purchase: 181+ days ago", "stratum: new",
    ]  # fmt: skip


def test_segments_are_named_in_the_readers_language():
    assert segment_label("rank:top_fifth", "ja") == "過去の購入額: 上位 2 割"
    assert segment_label("channel:none", "en") == "channel: none"
    assert segment_label("none", "en") == "stratum: none"
