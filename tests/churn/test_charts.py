import pandas as pd
import pytest
from matplotlib import pyplot as plt

from joren.churn.charts import continuation_curves, ends_by_order, value_left

CURVES = pd.DataFrame(
    {
        "course": ["tea"] * 3 + ["other"] * 3,
        "order": [1, 2, 3] * 2,
        "observed": [1.0, 0.8, None, 1.0, 0.5, 0.4],
        "mean": [1.0, 0.8, 0.7, 1.0, 0.5, 0.4],
        "lower": [1.0, 0.7, 0.6, 1.0, 0.4, 0.3],
        "upper": [1.0, 0.9, 0.8, 1.0, 0.6, 0.5],
    }
)
LABELS = {"tea": "Tea", "other": "churn.other_courses"}
CLASSES = pd.DataFrame(
    {
        "first": [1, 4, 13], "last": [1, 6, None],
        "leaves": [0.2, 0.1, 0.1], "leaves_lower": [0.1, 0.0, 0.0],
        "leaves_upper": [0.3, 0.2, 0.2], "fails": [0.01, 0.02, 0.0], "fails_lower": [0, 0, 0],
        "fails_upper": [0.03, 0.04, 0.05],
    }
)  # fmt: skip
COURSES = pd.DataFrame(
    {"course": ["tea", "other"], "each": [5e3, 9e3], "each_lower": [4e3, 7e3],
     "each_upper": [6e3, 1.1e4]}
)  # fmt: skip
CHARTS = {
    "curves": continuation_curves(CURVES, LABELS),
    "ends": ends_by_order(CLASSES),
    "value": value_left(COURSES, LABELS, "JPY"),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_chart_is_labelled_in_the_readers_language_and_starts_at_zero(name, language):
    axes = CHARTS[name](language).axes[0]

    japanese = any("぀" <= letter <= "鿿" for letter in axes.get_xlabel())
    assert japanese is (language == "ja")
    assert (axes.get_xlim() if name == "value" else axes.get_ylim())[0] == 0
    plt.close("all")


def test_courses_and_classes_are_named():
    words = [text.get_text() for text in CHARTS["curves"]("en").axes[0].texts]
    assert words == ["All other courses", "Tea"]

    ticks = [label.get_text() for label in CHARTS["ends"]("en").axes[0].get_xticklabels()]
    assert ticks == ["1", "4–6", "13 and on"]

    axes = CHARTS["value"]("en").axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert dict(zip(names, axes.get_yticks(), strict=True)) == {"All other courses": 1, "Tea": 0}
    plt.close("all")
