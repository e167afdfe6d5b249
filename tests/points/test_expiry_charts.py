"""Pictures of points that lapse: what stands out, and in whose words."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from matplotlib.colors import to_hex

from joren.points.expiry_charts import channels_label, channels_name, cliff, use_rates
from joren.points.unused import OTHERS
from joren.report.figures import COLOURS


def test_the_days_of_the_list_stand_out_and_their_points_are_written():
    first = date(2026, 4, 1)
    days = pd.DataFrame({
        "starts_on": [first + timedelta(days=n) for n in range(90)],
        "points": [5, 7, *range(88)],
    })  # fmt: skip
    for language, words in (("ja", "48 時間以内: 12 pt"), ("en", "within 48 hours: 12 points")):
        (axes,) = cliff(days, 48)(language).axes
        colours = [to_hex(bar.get_facecolor()).upper() for bar in axes.patches]
        assert colours[:3] == [COLOURS["accent"], COLOURS["accent"], COLOURS["blue"]]
        assert [text.get_text() for text in axes.texts] == [words]
        assert axes.get_ylim()[0] == 0


def test_groups_are_named_in_the_readers_language():
    groups = pd.DataFrame({
        "channels": ["pos+web", OTHERS], "customers": [1200, 30], "rate": [0.2, 0.5],
        "lower": [0.1, 0.4], "upper": [0.3, 0.6],
    })  # fmt: skip
    (axes,) = use_rates(groups, accent=True)("ja").axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "店舗 + EC(1,200 人)", "その他の組み合わせ(30 人)",
    ]  # fmt: skip
    assert channels_label("pos+kiosk", "en") == "shops + kiosk"
    assert channels_name("pos").texts == {"ja": "店舗", "en": "shops"}
