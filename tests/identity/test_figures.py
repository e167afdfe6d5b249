"""Charts of the identity page."""

from __future__ import annotations

import pandas as pd
from matplotlib import pyplot as plt

from joren.identity.figures import MOST_BARS, draw_overlap


def test_every_customer_is_in_a_bar_and_rare_combinations_share_one():
    customers = list(range(20, 20 - MOST_BARS - 3, -1))
    table = pd.DataFrame({"sources": [f"s{n}" for n in customers], "customers": customers})

    figure = draw_overlap(table)("en")

    (axes,) = figure.axes
    lengths = [bar.get_width() for bar in axes.patches]
    names = [label.get_text() for label in axes.get_yticklabels()]
    plt.close(figure)
    assert len(lengths) == MOST_BARS + 1
    assert sum(lengths) == sum(customers)
    assert names[-1] == "3 other sets"
