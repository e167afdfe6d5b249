"""Value of routes and signs of leaving, on the demo client: tables, pages and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest


def _items(run: Path, step: str) -> list[dict]:
    path = run / "items" / f"03_routes__{step}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _table(run: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(run / "tables" / f"{name}.parquet")


def test_every_counted_edge_has_its_row_and_most_have_a_value(demo_run):
    edges, counts = _table(demo_run, "route_edges"), _table(demo_run, "route_counts")

    assert len(edges) == len(counts)
    everybody = edges[edges.group_name == "all"]
    assert everybody.ltv_difference.notna().mean() > 0.9
    assert (everybody.lower.isna() | (everybody.lower <= everybody.upper)).all()
    assert everybody.q_value.isna().all()
    assert edges[edges.group_name != "all"].q_value.notna().any()


def test_all_who_begin_differ_from_all_by_nothing_on_average(demo_run):
    edges = _table(demo_run, "route_edges").query("group_name == 'all'")
    starts = edges[edges.source_touchpoint == "(start)"].dropna(subset="ltv_difference")
    mean = (starts.customers * starts.ltv_difference).sum() / starts.customers.sum()

    assert abs(mean) < 500  # of about 5,500 yen a customer


def test_campaigns_change_routes_but_not_the_time_before(demo_run):
    changes = _table(demo_run, "route_changes")
    whole = changes[changes.routes == "whole"].groupby("campaign_id").p_adjusted.min()
    (placebo,) = [
        item for item in _items(demo_run, "20_value")
        if item.get("key", "").startswith("route_value.campaign.placebo")
    ]  # fmt: skip

    assert len(whole) == 6
    assert (whole < 0.05 / 6).all()
    assert placebo["key"].endswith("placebo_silent")


def test_complaints_are_the_first_sign_of_leaving_and_come_weeks_before(demo_run):
    signs = _table(demo_run, "churn_signs").query("kind == 'touchpoint'").set_index("sign")

    assert signs.place["苦情"] == 1
    assert signs.lower["苦情"] > 1.5
    assert signs.lead_days["苦情"] >= 30


def test_incidence_and_hazard_have_intervals(demo_run):
    lost, hazard = _table(demo_run, "churn_routes"), _table(demo_run, "churn_hazard")

    assert lost.incidence.between(lost.lower, lost.upper).all()
    assert hazard.hazard.between(hazard.lower, hazard.upper).all()
    assert set(lost.cause) == {"lapse", "cancel"}


@pytest.mark.parametrize(
    ("step", "key", "words"),
    [
        ("20_value", "route_value.not_causal", "因果効果ではありません"),
        ("30_churn_signs", "route_value.signs.association", "原因とは限りません"),
    ],
)
def test_pages_say_that_what_goes_together_is_not_a_cause(demo_run, step, key, words):
    (finding,) = [item for item in _items(demo_run, step) if item.get("key") == key]
    assert words in finding["text"]["ja"]


def test_a_client_with_orders_only_has_edges_with_values(cdnow_run):
    edges = _table(cdnow_run, "route_edges").query("group_name == 'all'")
    assert edges.ltv_difference.notna().any()
    assert not len(_table(cdnow_run, "route_changes"))
