import pandas as pd
import pytest
from matplotlib import pyplot as plt

from joren.routes import context_charts as draw

RAIN = pd.DataFrame({"store": ["本店", "all"], "change": [-0.2, -0.15], "lower": [-0.3, -0.2],
                     "upper": [-0.1, -0.1]})  # fmt: skip
COVER = pd.DataFrame({"name": ["緑茶", "器"], "cover_days": [400.0, 900],
                      "cover_lower": [300.0, 500], "cover_upper": [600.0, 2000]})  # fmt: skip
TENTHS = pd.DataFrame({
    "group_name": ["01", "02"] * 2, "channel": ["pos", "pos", "カタログ", "カタログ"],
    "preferring": [6, 5, 4, 5], "share": [0.6, 0.5, 0.4, 0.5], "lower": 0.3, "upper": 0.7,
})  # fmt: skip
CONTACTS = pd.DataFrame({"channel": ["call", ""], "touchpoint": ["苦情", "x>y"],
                         "ordered": [0.4, 0.3], "usual": [0.3, 0.3], "lower": [0.05, -0.1],
                         "upper": [0.15, 0.1]})  # fmt: skip
CHARTS = {
    "rain": draw.rain_by_store(RAIN),
    "cover": draw.cover_by_product(COVER, 180),
    "tenths": draw.preference_by_tenth(TENTHS),
    "contacts": draw.after_contact(CONTACTS),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_chart_is_labelled_in_the_readers_language(name, language):
    figure = CHARTS[name](language)
    figure.canvas.draw()
    label = figure.axes[0].get_xlabel()

    assert any("぀" <= letter <= "鿿" for letter in label) is (language == "ja")
    plt.close("all")


def test_the_typical_shop_stands_on_top_and_no_effect_is_in_the_picture():
    axes = CHARTS["rain"]("en").axes[0]
    names = dict(
        zip([t.get_text() for t in axes.get_yticklabels()], axes.get_yticks(), strict=True)
    )

    assert names == {"Typical shop": 1, "本店": 0}
    low, high = axes.get_xlim()
    assert low < -0.3
    assert high > 0
    plt.close("all")


def test_a_channel_without_a_text_keeps_its_name():
    assert draw.channel_name("pos", "ja") == "店舗"
    assert draw.channel_name("カタログ", "en") == "カタログ"
