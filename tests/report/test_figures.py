"""The look of charts."""

from __future__ import annotations

from matplotlib import pyplot as plt

from joren.report.figures import end_labels, new_figure


def test_labels_of_lines_that_end_together_are_moved_apart():
    figure, axes = new_figure()
    axes.set_ylim(0, 1_000)
    end_labels(axes, [(1, 42, "mall", "blue"), (1, 40, "teiki", "green"), (1, 900, "pos", "ink")])
    raised = {label.get_text(): label.xyann[1] for label in axes.texts}
    points = axes.bbox.height * 72 / figure.dpi / 1_000
    plt.close(figure)
    assert raised["teiki"] == 0
    assert raised["pos"] == 0
    assert abs(raised["mall"] - (11 - 2 * points)) < 1e-9
