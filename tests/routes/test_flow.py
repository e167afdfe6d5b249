from itertools import combinations

import pytest
from matplotlib import pyplot as plt

from joren.routes.flow import REST, banded, ended_by, flow_chart, step_flows
from joren.routes.touchpoints import END


def test_every_step_adds_up_to_everybody(steps_of):
    flows = step_flows(steps_of(A=["a", "b", "c"], B=["a"], C=["b", "a"]), most=4)

    assert flows.groupby("step").customers.sum().tolist() == [3, 3, 3]
    third = flows[flows.step == 3].set_index(["source", "target"]).customers.to_dict()
    assert third == {("c", END): 1, (END, END): 2}


def test_rare_touchpoints_are_one_band_and_nobody_is_lost(steps_of):
    people = {f"A{i}": ["a", "b"] for i in range(20)} | {f"B{i}": [f"x{i}"] for i in range(5)}
    flows = banded(step_flows(steps_of(**people), most=2), least=0.1)

    assert flows.set_index(["source", "target"]).customers.to_dict() == {
        ("a", "b"): 20, (REST, END): 5,
    }  # fmt: skip


def test_those_with_one_step_only_have_an_interval(steps_of):
    flows = step_flows(steps_of(A=["a"], B=["a", "b"], C=["a", "b"], D=["b"]))
    found = ended_by(flows, 0.9)

    assert (found.value, found.n) == (0.5, 4)
    # Jeffreys: beta(2.5, 2.5) at 5 % and 95 %
    assert (found.lower, found.upper) == pytest.approx((0.1653, 0.8347), abs=1e-4)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_label_overlaps_another(steps_of, language):
    names = ["order:first:pos", "contact:mail", "とても長い名前の接点", "a_long_name", "苦情", "z"]
    people = {
        f"C{i}": [names[(i * 7 + j * (i % 5)) % 6] for j in range(1 + i % 6)] for i in range(300)
    }
    figure = flow_chart(banded(step_flows(steps_of(**people))))(language)
    written = figure.axes[0].texts
    texts = [(text.get_gid(), text.get_window_extent().padded(-0.3)) for text in written]

    for (one, a), (two, b) in combinations(texts, 2):
        assert not a.overlaps(b), (one, two)
    assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 for _gid, box in texts)
    plt.close(figure)
