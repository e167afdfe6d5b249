"""The expiring list of a made-up client: who is told, who is held out, and what is remembered."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import ibis
import pandas as pd
import papermill
import pytest

from joren.contract import TABLES
from joren.engine import connect, write_parquet
from joren.notebooks import find_step
from joren.params import Params
from joren.workspace import table_path

NIGHT = datetime(2026, 4, 1)
SILENT, REFUSED, TIRED, POOR = range(40, 44), range(44, 47), range(47, 49), range(49, 54)
STEP = "02_points/30_expiry"


def _customers() -> dict[str, list[dict]]:
    """Customers 0 to 53: 40 who may be told, and those who may not or have too little."""
    tables: dict[str, list[dict]] = {name: [] for name in (
        "point_lots", "identity_map", "customers", "restricted/customers", "canonical/customers",
        "canonical/contacts",
    )}  # fmt: skip
    for n in range(54):
        customer = f"C{n:02d}"
        said = None if n in SILENT else n not in REFUSED
        tables["identity_map"].append({
            "source": "web", "source_id": str(n), "customer_id": customer,
            "household_id": customer, "match_rule": "single",
        })  # fmt: skip
        tables["customers"].append({
            "customer_id": customer, "channels": ["web"], "consents": ["email"] if said else [],
        })  # fmt: skip
        tables["restricted/customers"].append({
            "customer_id": customer, "full_name": f"=山田{n}", "email": f"c{n}@example.jp",
            "value_sources": '{"email": "web"}',
        })  # fmt: skip
        tables["canonical/customers"].append(
            {"source": "web", "source_id": str(n), "consent_email": said}
        )
        for day in range(4 if n in TIRED else 1):
            tables["canonical/contacts"].append({
                "source": "web", "source_id": str(n), "channel": "mail", "campaign_id": "x",
                "occurred_at": NIGHT - timedelta(days=day + 1),
            })  # fmt: skip
        for lot, points in enumerate((100, 99) if n in POOR else (300, 200 + n)):
            tables["point_lots"].append({
                "lot_id": f"{n}/{lot}", "customer_id": customer, "account": f"{n}/{lot}",
                "granted_at": NIGHT - timedelta(days=365), "points_granted": points,
                "expires_at": NIGHT + timedelta(hours=24 * (lot + 1)), "points_remaining": points,
                "points_used": 0, "points_expired": 0, "points_cancelled": 0,
                "points_transferred": 0,
            })  # fmt: skip
    return tables


def _publish(home: Path) -> None:
    """A published run of the client, as far as the step looks at it."""
    params = Params(
        client="madeup", title={"ja": "店", "en": "Shop"}, sources={"web": {"format": "tables"}},
        lists={"hold_out": 0.25, "max_contacts": 4}, seed=5,
    )  # fmt: skip
    run = home / "reports" / "madeup" / "20260401T000000Z"
    con = connect()
    for name, rows in _customers().items():
        schema = TABLES[name].ibis_schema()
        filled = pd.DataFrame([{column: row.get(column) for column in schema} for row in rows])
        path = table_path(run, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        table = con.create_table("t", ibis.memtable(filled, schema=schema), overwrite=True)
        write_parquet(table, path, TABLES[name].key)
    record = {
        "parameters": params.model_dump(mode="json"), "params_file": str(home / "madeup.yaml"),
        "as_of": "2026-03-31", "started_at": "2026-04-01T00:00:00+00:00", "status": "published",
    }  # fmt: skip
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (run.parent / "latest").symlink_to(run.name)


def _run_by_hand(home: Path) -> Path:
    """Run the notebook on the published run; returns the folder it wrote to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOREN_REPORTS", str(home / "reports"))
        papermill.execute_notebook(
            find_step(STEP).path, home / "out.ipynb", {"client": "madeup"}, progress_bar=False
        )
    return max((home / "reports" / "madeup" / "scratch").iterdir())


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("madeup")
    _publish(folder)
    return folder


@pytest.fixture(scope="module")
def expiry(home) -> Path:
    return _run_by_hand(home)


@pytest.fixture(scope="module")
def account(expiry) -> dict:
    (row,) = pd.read_parquet(expiry / "tables" / "list_account.parquet").to_dict("records")
    return row


def test_everybody_considered_is_accounted_for(account):
    expected = {
        "considered": 54, "below_threshold": 5, "no_consent": 7, "over_cap": 2, "held_out": 10,
        "listed": 30,
    }  # fmt: skip
    assert {name: account[name] for name in expected} == expected
    assert account["list_id"] == "expiring_points-20260331"


def test_the_file_holds_those_listed_and_nobody_else(expiry, account):
    path = expiry / "exports" / "expiring_points.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    members = pd.read_parquet(expiry / "tables" / "list_members.parquet").set_index("customer_id")

    assert path.stat().st_mode & 0o077 == 0
    assert len(rows) == 1 + account["listed"]
    for _list, campaign, customer, name, channel, address, points, last_day in rows[1:]:
        n = int(customer[1:])
        assert members.standing[customer] == "listed"
        assert n < SILENT.start
        assert (campaign, channel, address) == ("expiring_points", "メール", f"c{n}@example.jp")
        assert (name, int(points), last_day) == (f"'=山田{n}", 500 + n, "2026-04-01")


def test_no_address_stands_outside_the_file(expiry):
    for path in (expiry / "tables").glob("*.parquet"):
        assert "example.jp" not in pd.read_parquet(path).to_string()
    assert "example.jp" not in (expiry / "items.json").read_text(encoding="utf-8")
    assert "example.jp" not in (expiry.parents[3] / "out.ipynb").read_text(encoding="utf-8")


def test_the_page_names_the_list_and_what_lapses(expiry):
    items = json.loads((expiry / "items.json").read_text(encoding="utf-8"))
    found = {item.get("key") or item["name"]: item for item in items}
    assert found["expiry.listed"]["value"] == 30
    assert found["expiry.ahead"]["value"] == sum(500 + n for n in range(49)) + 5 * 199
    assert {"expiry_cliff", "expiring_account"} <= found.keys()


def test_the_next_run_keeps_every_arm_and_logs_no_assignment_twice(home, expiry):
    shutil.copytree(expiry / "state", home / "state" / "madeup")
    log = pd.read_parquet(next((expiry / "state" / "list_assignments").iterdir()))
    assert log.arm.value_counts().to_dict() == {"treat": 30, "control": 10}
    assert set(log.planned_share) == {0.25}

    again = _run_by_hand(home)
    before, after = (
        pd.read_parquet(folder / "tables" / "list_members.parquet") for folder in (expiry, again)
    )
    pd.testing.assert_frame_equal(before, after)
    assert not (again / "state" / "list_assignments").exists()
    record = pd.read_parquet(next((again / "state" / "exports_log").iterdir()))
    assert record[["file", "listed"]].to_dict("records") == [
        {"file": "expiring_points.csv", "listed": 30}
    ]


def test_the_demo_pages_cliff_holds_every_usable_point_that_lapses(demo_run):
    lots = pd.read_parquet(demo_run / "tables" / "point_lots.parquet")
    cliff = pd.read_parquet(demo_run / "tables" / "expiry_cliff.parquet")

    usable = lots[lots.expires_at > NIGHT]
    assert cliff.points.sum() == usable.points_remaining.sum() > 0


def test_the_demo_page_says_that_its_list_is_empty_and_when_the_next_is_not(demo_run):
    path = demo_run / "items" / "02_points__30_expiry.json"
    items = {item.get("key"): item for item in json.loads(path.read_text(encoding="utf-8"))}
    account = pd.read_parquet(demo_run / "tables" / "list_account.parquet").iloc[0]

    assert account.listed == 0
    assert "2026年6月17日" in items["expiry.nobody.later"]["text"]["ja"]


def test_a_client_without_points_skips_the_step(cdnow_run):
    record = json.loads((cdnow_run / "run.json").read_text(encoding="utf-8"))
    (step,) = [s for s in record["steps"] if s["step"] == STEP]

    assert step["status"] == "skipped"
