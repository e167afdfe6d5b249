import pytest
from pydantic import ValidationError

from joren.errors import ParameterError
from joren.params import load_client, project_root
from joren.params_campaigns import CampaignPlan, Kpi


def message(wrong: dict) -> str:
    with pytest.raises(ValidationError) as caught:
        CampaignPlan(**wrong)
    return str(caught.value)


def test_a_misspelt_metric_is_answered_with_the_nearest_one():
    wrong = {"id": "x", "metric": "respons_rate"}
    assert "did you mean response_rate?" in message({"kpis": [wrong]})


def test_a_word_unlike_any_metric_is_answered_with_all_of_them():
    assert "choose of response_rate, repeat_rate" in message({"kpis": [{"id": "x", "metric": "?"}]})


def test_a_kpi_may_be_made_of_two_measures_but_not_of_one():
    kpi = Kpi(id="basket", numerator="margin", denominator="orders")
    assert (kpi.numerator, kpi.denominator) == ("margin", "orders")
    assert "belong together" in message({"kpis": [{"id": "x", "numerator": "margin"}]})
    assert "did you mean margin?" in message(
        {"kpis": [{"id": "x", "numerator": "margn", "denominator": "orders"}]}
    )


def test_a_kpi_says_one_thing():
    assert "either `metric`" in message({"kpis": [{"id": "x"}]})
    both = {"id": "x", "metric": "orders", "numerator": "orders", "denominator": "customers"}
    assert "either `metric`" in message({"kpis": [both]})
    assert "two KPIs" in message({"kpis": [{"id": "x", "metric": "orders"}] * 2})


def test_thresholds_of_a_decision_may_not_cross():
    crossed = {"roll_out_from": 0.1, "stop_below": 0.2}
    assert "may not be above" in message(
        {"kpis": [{"id": "x", "metric": "orders", "decision": crossed}]}
    )


@pytest.mark.parametrize(
    ("section", "nearest"),
    [
        ("{C2508: {objectve: x}}", "`objective`"),
        ("{C2508: {kpis: [{id: x, metrik: orders}]}}", "`metric`"),
        ("{C2508: {kpis: [{id: x, metric: orders, decision: {stop_bellow: 0}}]}}", "`stop_below`"),
        ("{C2508: {kpis: [{id: x, metric: order}]}}", "orders"),
    ],
)
def test_nothing_starts_with_a_plan_that_is_not_understood(tmp_path, section, nearest):
    demo = (project_root() / "params" / "demo.yaml").read_text(encoding="utf-8")
    without = demo.partition("\ncampaigns:")[0]
    path = tmp_path / "demo.yaml"
    path.write_text(f"{without}\ncampaigns: {section}\n", encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load_client(str(path))
    assert nearest in str(caught.value)
    assert "line" in str(caught.value)
