"""Routes of the demo client: the tables of stage 03, and what its pages say of them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest


def _items(run: Path, step: str) -> list[dict]:
    path = run / "items" / f"03_routes__{step}.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def steps(demo_run: Path) -> pd.DataFrame:
    return pd.read_parquet(demo_run / "tables" / "route_steps.parquet")


@pytest.fixture(scope="module")
def counts(demo_run: Path) -> pd.DataFrame:
    return pd.read_parquet(demo_run / "tables" / "route_counts.parquet")


def test_edges_hold_every_step_and_every_customer_once(steps, counts):
    everybody = counts[counts.group_name == "all"]
    ends = everybody.target_touchpoint == "(end)"

    assert everybody[~ends].transitions.sum() == len(steps)
    assert everybody[ends].transitions.sum() == steps.customer_id.nunique()
    starts = everybody[everybody.source_touchpoint == "(start)"]
    assert starts.transitions.sum() == steps.customer_id.nunique()


def test_every_event_and_contact_of_a_known_customer_is_a_step(demo_run, steps):
    folder = demo_run / "restricted" / "canonical"
    for kind, name in (("event", "events"), ("contact", "contacts")):
        assert (steps.kind == kind).sum() == len(pd.read_parquet(folder / f"{name}.parquet"))


def test_half_years_add_up_to_everybody(counts):
    period = counts[counts.group_name.str.startswith("period:")]
    assert period.transitions.sum() == counts[counts.group_name == "all"].transitions.sum()


def test_every_customer_has_one_route(demo_run, steps):
    paths = pd.read_parquet(demo_run / "tables" / "route_paths.parquet")
    everybody = paths[paths.group_name == "all"]

    assert everybody.customers.sum() == steps.customer_id.nunique()
    assert everybody.share.sum() == pytest.approx(1)
    assert (everybody.lower.isna() | (everybody.lower <= everybody.mean_ltv)).all()


def test_ways_to_further_goals_stand_beside_whole_routes(demo_run):
    paths = pd.read_parquet(demo_run / "tables" / "route_paths.parquet")
    goals = paths[paths.group_name.str.startswith("goal:")]

    assert set(goals.group_name) == {"goal:order:2", "goal:order:3", "goal:subscription:end"}
    assert (goals.converted <= goals.customers).all()
    assert goals.groupby("group_name").share.sum().tolist() == pytest.approx([1] * 3)
    assert not paths.duplicated(["path", "group_name"]).any()
    said = {item["key"] for item in _items(demo_run, "10_graph") if item["kind"] == "finding"}
    assert {f"routes.goal.{g}" for g in ("order_2", "order_3", "subscription_end")} <= said


def test_every_read_out_campaign_stands_beside_the_credit_of_its_messages(demo_run):
    items = _items(demo_run, "40_attribution")
    assert any(item["kind"] == "table" and item["name"] == "readouts" for item in items)


def test_the_graph_page_says_what_it_rests_on(demo_run):
    findings = {item["key"] for item in _items(demo_run, "10_graph") if item["kind"] == "finding"}
    assert {"routes.extent", "routes.single", "routes.tied", "routes.sums"} <= findings


def test_a_client_with_orders_only_has_routes_too(cdnow_run):
    steps = pd.read_parquet(cdnow_run / "tables" / "route_steps.parquet")
    assert set(steps.kind) == {"order"}


@pytest.fixture(scope="module")
def credit(demo_run: Path) -> pd.DataFrame:
    return pd.read_parquet(demo_run / "tables" / "attribution.parquet")


def test_every_model_splits_the_same_orders(credit):
    sums = credit.groupby("model")[["share", "conversions", "value"]].sum()

    assert {"first", "last", "linear", "shapley", "markov_1", "markov_3"} <= set(sums.index)
    assert sums.share.tolist() == pytest.approx([1] * len(sums))
    for column in ("conversions", "value"):
        assert sums[column].tolist() == pytest.approx([sums[column].iloc[0]] * len(sums))


def test_every_credit_has_an_interval_and_one_chain_is_chosen(credit):
    assert credit.share.between(credit.lower, credit.upper).all()
    assert len(set(credit[credit.chosen].model)) == 1


def test_the_page_says_that_credit_is_not_causal(demo_run):
    items = _items(demo_run, "40_attribution")
    (finding,) = [item for item in items if item.get("key") == "routes.not_causal"]

    assert "not causal" in finding["text"]["en"]
    assert "因果効果ではありません" in finding["text"]["ja"]


def test_a_client_without_events_is_told_what_is_missing(cdnow_run):
    record = json.loads((cdnow_run / "run.json").read_text(encoding="utf-8"))
    (step,) = [s for s in record["steps"] if s["step"] == "03_routes/40_attribution"]
    assert "events" in step["reason"]["en"]


FLOW_TABLES = (
    "subscription_flow", "purchase_flow", "product_mix", "leaving_products", "entry_products",
    "cross_sell", "cross_sell_categories", "cohorts", "onboarding",
)  # fmt: skip
CONTEXT_TABLES = (
    "weather_uplift", "weather_trigger", "stock_cover", "stock_candidates", "channel_preference",
    "channel_contribution",
)  # fmt: skip


def _findings(run: Path, step: str) -> dict[str, dict]:
    return {item["key"]: item for item in _items(run, step) if item["kind"] == "finding"}


@pytest.mark.parametrize("name", FLOW_TABLES + CONTEXT_TABLES)
def test_every_flow_of_the_demo_client_has_rows(demo_run, name):
    assert len(pd.read_parquet(demo_run / "tables" / f"{name}.parquet")) > 0


def test_the_flow_pages_show_figures_and_every_sentence_is_sure_or_says_why_not(demo_run):
    for step, figures in (("50_flows", 9), ("60_context", 4)):
        items = _items(demo_run, step)
        assert sum(item["kind"] == "figure" for item in items) == figures
        for finding in _findings(demo_run, step).values():
            assert "2026" in finding["text"]["en"]
            assert any(w in finding["text"]["ja"] for w in ("区間", "全数集計", "計算上の値"))


def test_the_naive_share_of_subscriptions_lies_below_the_one_of_those_due(demo_run):
    flow = pd.read_parquet(demo_run / "tables" / "subscription_flow.parquet")
    whole = flow[flow.product_id == "all"]

    assert (whole.at_risk == whole.continued + whole.cancelled + whole.open_now).all()
    assert (whole.naive_rate <= whole.continuation_rate + 1e-9).mean() > 0.9
    by_product = flow[flow.product_id != "all"].groupby("order_number").at_risk.sum()
    assert (by_product.sort_index().to_numpy() == whole.at_risk.to_numpy()).all()


def test_the_demo_clients_rain_keeps_customers_away(demo_run):
    rain = pd.read_parquet(demo_run / "tables" / "weather_uplift.parquet").set_index("store")
    assert rain.upper["all"] < 0


def test_a_client_with_orders_only_has_a_purchase_flow_and_is_told_what_lacks(cdnow_run):
    flow = pd.read_parquet(cdnow_run / "tables" / "purchase_flow.parquet")
    said = _findings(cdnow_run, "50_flows") | _findings(cdnow_run, "60_context")

    assert len(flow) > 3
    for part in ("subscriptions", "lines", "registrations", "weather", "stock", "events"):
        assert f"flows.part_missing.{part}" in said
    subscriptions = pd.read_parquet(cdnow_run / "tables" / "subscription_flow.parquet")
    assert subscriptions.empty


def test_the_route_map_has_a_twin_and_the_graph_a_file(demo_run):
    figures = demo_run / "figures"
    for language in ("ja", "en"):
        assert (figures / f"routes.{language}.svg").is_file()
        assert "</svg>" in (figures / f"routes.{language}.html").read_text(encoding="utf-8")
    report = (demo_run / "report.html").read_text(encoding="utf-8")
    assert 'href="figures/routes.ja.html"' in report
    assert (demo_run / "exports" / "routes.graphml").is_file()
