from __future__ import annotations

import base64
import datetime as dt
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joren.errors import JorenError
from joren.serve import markup, page, site


def _run(folder: Path, svg: str = "figures/a.svg", run_id: str = "20260401T000000Z") -> Path:
    run = folder / run_id
    for name in ("tables", "figures", "restricted", "exports", "notebooks"):
        (run / name).mkdir(parents=True)
    (run / "figures" / "a.svg").write_text("<svg/>")
    (run / "figures" / "unused.svg").write_text("<svg/>")
    (run / "restricted" / "customers.parquet").write_text("clear")
    figure = {"kind": "figure", "title": "鑑定", "svg": {"ja": svg, "en": svg}}
    step = {"step": "04_ltv/20_ltv", "status": "ran", "reason": None, "items": [figure]}
    report = {
        "client": "demo", "title": {"ja": "店", "en": "shop"}, "language": "ja", "currency": "JPY",
        "as_of_text": {"ja": "2026年3月31日", "en": "31 Mar 2026"}, "run_id": run_id, "level": 0.9,
        "certificate": {"ja": [["実行", run_id]], "en": [["Run", run_id]]},
        "warnings": ["read /home/someone/secret.csv"],
        "stages": [{"stage": "04_ltv", "title": {"ja": "LTV", "en": "LTV"}, "steps": [step]}],
    }  # fmt: skip
    (run / "report.json").write_text(json.dumps(report))
    return run


def _tables(run: Path) -> None:
    ids = ["cust-b2", "cust-a1"]
    ltv = {
        "customer_id": ids, "p_order_90d": [0.2, 0.4], "ltv_365d": [10.0, 20.0],
        "ltv_365d_lower": [1.0, 2.0], "ltv_365d_upper": [30.0, 40.0], "overdue_ratio": [1.5, None],
        "past_value": pa.array([Decimal("12.5000"), Decimal("0.0000")], pa.decimal128(18, 4)),
        "p_alive": [0.5, 0.5],
    }  # fmt: skip
    pq.write_table(pa.table(ltv), run / "tables" / "ltv.parquet")
    customers = {
        "customer_id": ids, "phone_hash": ["hash", "hash"], "birth_year": [1980, 1990],
        "channels": [["pos", "ec"], ["pos"]],
    }  # fmt: skip
    pq.write_table(pa.table(customers), run / "tables" / "customers.parquet")
    summary = {"customer_id": ids, "last_ordered_at": [dt.datetime(2026, 3, 1, 9), None]}
    pq.write_table(pa.table(summary), run / "tables" / "purchase_summary.parquet")


def test_the_site_holds_the_shown_and_nothing_else(tmp_path):
    run = _run(tmp_path / "reports")
    _tables(run)
    folder = site.prepare_site(run, tmp_path / "site")
    held = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert held == {
        "dashboard.json", "font.css", "explore.parquet", "figures/a.svg", "worth.parquet",
        "downloads/worth.csv", "downloads/customers_masked.csv",
    }  # fmt: skip
    assert "/home/someone/secret.csv" not in (folder / "dashboard.json").read_text()
    assert (tmp_path / "site" / "current").resolve() == folder


def test_the_filters_table_has_masked_ids_and_no_personal_column(tmp_path):
    run = _run(tmp_path / "reports")
    _tables(run)
    folder = site.prepare_site(run, tmp_path / "site")
    rows = pq.read_table(folder / "explore.parquet").to_pylist()
    assert [row["id"] for row in rows] == ["•••• t-a1", "•••• t-b2"]
    assert set(rows[0]) == {
        "id", "channels", "segment", "last_ordered_on", "p_order_90d", "ltv_365d", "ltv_365d_lower",
        "ltv_365d_upper", "past_value", "overdue_ratio",
    }  # fmt: skip
    assert rows[1]["past_value"] == 12.5 and rows[1]["last_ordered_on"] == dt.date(2026, 3, 1)
    content = json.loads((folder / "dashboard.json").read_text())
    assert content["explore"] == {
        "channels": ["ec", "pos"], "segments": [], "level": "90 %",
    }  # fmt: skip


def test_the_filters_table_equals_its_ibis_form(tmp_path):
    import ibis

    run = _run(tmp_path / "reports")
    _tables(run)
    folder = site.prepare_site(run, tmp_path / "site")
    backend = ibis.duckdb.connect()
    ltv, customers, summary = (
        backend.read_parquet(run / "tables" / f"{name}.parquet")
        for name in ("ltv", "customers", "purchase_summary")
    )
    joined = ltv.left_join(customers.select("customer_id", "channels"), "customer_id")
    joined = joined.drop("customer_id_right").left_join(summary, "customer_id")
    expected = joined.order_by("customer_id").select(
        id=ibis.literal("•••• ") + joined.customer_id.right(4),
        channels=joined.channels,
        segment=ibis.null("string"),
        last_ordered_on=joined.last_ordered_at.date(),
        p_order_90d=joined.p_order_90d,
        ltv_365d=joined.ltv_365d,
        ltv_365d_lower=joined.ltv_365d_lower,
        ltv_365d_upper=joined.ltv_365d_upper,
        past_value=joined.past_value.cast("float64"),
        overdue_ratio=joined.overdue_ratio,
    )
    kept = pq.read_table(folder / "explore.parquet")
    assert kept.to_pylist() == expected.to_pyarrow().to_pylist()


def test_a_run_without_ltv_has_no_filter_and_one_without_customers_no_channels(tmp_path):
    bare = site.prepare_site(_run(tmp_path / "bare"), tmp_path / "site-bare")
    assert json.loads((bare / "dashboard.json").read_text())["explore"] is None
    run = _run(tmp_path / "reports")
    _tables(run)
    (run / "tables" / "customers.parquet").unlink()
    (run / "tables" / "purchase_summary.parquet").unlink()
    folder = site.prepare_site(run, tmp_path / "site")
    assert json.loads((folder / "dashboard.json").read_text())["explore"]["channels"] == []
    assert pq.read_table(folder / "explore.parquet").num_rows == 2


@pytest.mark.parametrize(
    "name", ["figures/../restricted/customers.parquet", "/etc/passwd", "figures/absent.svg"]
)
def test_a_chart_outside_the_runs_charts_is_refused_and_nothing_is_switched(tmp_path, name):
    run = _run(tmp_path / "reports", svg=name)
    with pytest.raises(JorenError, match="not one of the run's"):
        site.prepare_site(run, tmp_path / "site")
    assert not (tmp_path / "site" / "current").exists()


def test_a_chart_that_is_a_link_is_refused(tmp_path):
    run = _run(tmp_path / "reports")
    (run / "figures" / "a.svg").unlink()
    (run / "figures" / "a.svg").symlink_to("/etc/passwd")
    with pytest.raises(JorenError, match="not one of the run's"):
        site.prepare_site(run, tmp_path / "site")


def test_a_later_run_is_switched_to_and_the_earlier_stays_whole(tmp_path):
    first = site.prepare_site(_run(tmp_path / "r"), tmp_path / "site")
    second = site.prepare_site(_run(tmp_path / "r", run_id="20260501T000000Z"), tmp_path / "site")
    assert (tmp_path / "site" / "current").resolve() == second
    assert (first / "dashboard.json").is_file()
    (tmp_path / "r" / "20260601T000000Z").mkdir()
    with pytest.raises(JorenError, match=r"report\.json of this run cannot be read"):
        site.prepare_site(tmp_path / "r" / "20260601T000000Z", tmp_path / "site")
    assert (tmp_path / "site" / "current").resolve() == second


def test_every_character_of_the_page_is_in_its_typeface(tmp_path):
    from fontTools.ttLib import TTFont

    run = _run(tmp_path / "reports")
    _tables(run)
    folder = site.prepare_site(run, tmp_path / "site")
    content = json.loads((folder / "dashboard.json").read_text())
    html = markup.document(content, page.arrange(content), folder)
    data = re.search(r"base64,([\w+/=]+)", (folder / "font.css").read_text())[1]
    drawn = TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()
    assert {c for c in html if not c.isspace() and ord(c) not in drawn} == set()


def test_both_languages_have_the_same_words():
    labels = site.labels()
    assert set(labels["ja"]) == set(labels["en"])
    assert set(site.refusals()) == {200, 403, 404, 503}
