"""The page of segments, from a published run."""

from __future__ import annotations

import json

import duckdb


def _one(run, query):
    tables = {p.stem: p for p in (run / "tables").glob("*.parquet")}
    return duckdb.sql(query.format(**tables)).fetchall()[0]


def test_every_customer_with_orders_has_one_segment_of_every_preset(demo_run):
    presets = len(
        json.loads((demo_run / "run.json").read_text())["parameters"]["segments"]["presets"]
    )
    assert presets == 4
    found = _one(
        demo_run,
        "select count(*), count(distinct customer_id), count(*) filter (preset = 'joren' and rank "
        "is not null) from '{segments}'",
    )
    customers = _one(demo_run, "select count(*) from '{purchase_summary}'")[0]
    assert found == (presets * customers, customers, customers)


def test_the_history_ends_where_the_segments_stand(demo_run):
    differing = _one(
        demo_run,
        "select count(*) from '{segments}' s join '{segment_history}' h "
        "using (customer_id, preset) where h.valid_to is null "
        "and (h.segment, h.valid_from) is distinct from "
        "(s.segment, s.since)",
    )
    assert differing == (0,)


def test_the_page_says_who_slipped_and_how_unclear_boundaries_were_closed(demo_run):
    report = json.loads((demo_run / "report.json").read_text(encoding="utf-8"))
    items = [
        item
        for stage in report["stages"]
        for step in stage["steps"]
        if step["step"] == "04_ltv/60_segments"
        for item in step["items"]
    ]
    keys = {item.get("key") or item.get("name") for item in items}
    assert {"segments.slipped", "segments.bridge_customers", "closings", "cells_ltvlab_cpm"} <= keys
    slipped = next(item for item in items if item.get("key") == "segments.slipped")
    assert slipped["lower"] < slipped["value"] < slipped["upper"]


def test_a_client_with_orders_alone_has_segments_too(cdnow_run):
    found = _one(cdnow_run, "select count(*), count(distinct segment) from '{segments}'")
    assert found[0] == 2357
    assert found[1] >= 4
