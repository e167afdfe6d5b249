import pandas as pd
import pytest
from matplotlib import pyplot as plt

from joren.routes import flow_charts as draw

NASTY = 'A>B "x"\n$緑茶$ とても長い名前の商品です'
FLOW = pd.DataFrame({
    "product_id": ["all"] * 3, "order_number": [1, 2, 3], "at_risk": [90, 50, 12],
    "continuation_rate": [0.8, 0.9, 0.7], "lower": [0.7, 0.8, 0.5], "upper": [0.9, 1, 0.9],
    "naive_rate": [0.6, 0.7, 0.4], "reached": [1, 0.8, 0.7], "reached_lower": [1, 0.7, 0.6],
    "reached_upper": [1, 0.9, 0.8],
})  # fmt: skip
STEPS = pd.DataFrame({"from_order": [1, 2], "to_order": [2, 3], "rate": [0.5, 0.7],
                      "lower": [0.4, 0.6], "upper": [0.6, 0.8],
                      "median_days": [30.0, 20.0], "horizon": [365, 365]})  # fmt: skip
PAIRS = pd.DataFrame({"product": ["茶", "器"], "next_product": ["器", "茶"], "share": [0.2, 0.1],
                      "lift": [2.0, 0.5], "lower": [1.5, 0.3], "upper": [3, 0.8]})  # fmt: skip
FUNNEL = pd.DataFrame({"step": ["first_order", "line"], "rate": [0.8, 0.3], "lower": [0.7, 0.2],
                       "upper": [0.9, 0.4], "median_days": [0.0, 9.0]})  # fmt: skip
CHARTS = {
    "continuation": draw.continuation_by_order(FLOW),
    "reached": draw.reached_curves(FLOW, {"all": NASTY}),
    "steps": draw.purchase_steps(STEPS),
    "ranked": draw.ranked([NASTY, "b"], STEPS, "rate", "flows.axis.left", "pct0", reference=0.5),
    "categories": draw.next_categories(PAIRS),
    "onboarding": draw.onboarding_steps(FUNNEL),
    "months": draw.by_month(
        [pd.Timestamp(2026, 1, 1), pd.Timestamp(2026, 2, 1)], STEPS, "rate", "flows.axis.repeated"
    ),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_chart_is_labelled_in_the_readers_language(name, language):
    figure = CHARTS[name](language)
    axes = figure.axes[0]
    figure.canvas.draw()

    words = axes.get_xlabel() + axes.get_ylabel()
    assert any("぀" <= letter <= "鿿" for letter in words) is (language == "ja")
    plt.close("all")


def test_shares_start_at_zero_and_the_key_names_both_shares():
    axes = CHARTS["continuation"]("en").axes[0]
    assert axes.get_ylim()[0] == 0
    words = [text.get_text() for text in axes.texts]
    assert words == ["● only those due", "○ plain division"]
    plt.close("all")


def test_a_name_is_one_line_is_no_formula_and_says_that_it_was_cut():
    short = draw.short(NASTY)

    assert "\n" not in short
    assert r"\$" in short
    assert short.endswith("…")
    assert draw.short("緑茶") == "緑茶"
