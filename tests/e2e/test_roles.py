"""What each role can open, take away and ask, at a live dashboard; and what the log says of it."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from collections.abc import Iterator
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
import websocket

from joren.serve import Settings, start

RUN = "20260401T000000Z"
SPEND = {"view": "worth", "channel": 0, "segment": 0}


@pytest.fixture(scope="module")
def doors(tmp_path_factory, publish_run, call) -> Iterator[SimpleNamespace]:
    """One client's dashboards for a viewer and a manager."""
    reports = tmp_path_factory.mktemp("roles") / "reports"
    run = publish_run(reports, "alfa", RUN, "Auberge")
    opened = {}
    try:
        for role in ("viewer", "manager"):
            dashboard = start("alfa", reports, settings=Settings(role=role))
            opened[role] = SimpleNamespace(dashboard=dashboard, at=call(dashboard.url), role=role)
            opened[role].cookie = opened[role].at.cookie(dashboard.token)
        yield SimpleNamespace(run=run, log=reports.parent / "state/alfa/audit.jsonl", **opened)
    finally:
        for door in opened.values():
            door.dashboard.stop()


def _get(door, path):
    return door.at("GET", path, {"Cookie": door.cookie})


def _asked(door, *questions):
    """The answers of a fresh page's kernel."""
    body = _get(door, "/")[2]
    kernel = re.search(r"api/kernels/([0-9a-f-]{36})/channels", body)[1]
    host = door.dashboard.url.split("/")[2]
    line = websocket.create_connection(
        f"ws://{host}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}",
        cookie=door.cookie, timeout=60, origin=f"http://{host}",
    )  # fmt: skip
    comm, answers = uuid.uuid4().hex, []

    def send(kind, content):
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "v"}
        header |= {"version": "5.3", "date": "2026-04-01T00:00:00Z"}
        frame = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
        line.send(json.dumps(frame | {"content": {"comm_id": comm, **content}}))

    send("comm_open", {"target_name": "joren.explore", "data": {}})
    for question in questions:
        send("comm_msg", {"data": question})
        answers.append(json.loads(line.recv())["content"]["data"])
    line.close()
    return body, answers


def test_a_viewers_folder_and_page_hold_no_customer_even_masked(doors):
    current = (doors.viewer.dashboard.private / "site" / "current").resolve()
    held = {str(p.relative_to(current)) for p in current.rglob("*") if p.is_file()}
    assert not held & {"explore.parquet", "members.parquet", "downloads/customers_masked.csv"}
    body = _get(doors.viewer, "/")[2]
    assert "••••" not in body and 'id="explore"' not in body
    for path in current.rglob("*.parquet"):
        assert b"Auberge-00" not in path.read_bytes()


def test_a_viewer_who_asks_for_the_analysts_list_gets_nothing(doors):
    hostile = [
        {"channel": 0, "order": 0},
        {"channel": 0, "order": 0, "segment": 0},
        {"view": "members", "list": 0},
        {"view": "worth", "channel": 0, "segment": "loyal' or 1=1 --"},
        {"view": "worth", "channel": 0, "segment": 99},
        {"view": "worth", "channel": 0, "segment": 0, "limit": 1},
        {"view": "../explore", "channel": 0, "segment": 0},
        {"view": {"a": 1}},
    ]
    _, answers = _asked(doors.viewer, *hostile, SPEND)
    assert answers[:-1] == [{"error": True}] * len(hostile)
    assert answers[-1]["view"] == "worth"


def test_every_number_of_a_filtered_picture_is_the_tables(doors):
    _, (everybody, loyal) = _asked(doors.manager, SPEND, SPEND | {"segment": 1})
    ltv = pq.read_table(doors.run / "tables" / "ltv.parquet").to_pylist()
    for answer, of in ((everybody, ltv), (loyal, ltv[:30])):
        counted = sum(int(row[1].replace(",", "")) for row in answer["rows"]["en"])
        assert counted == len(of) and f"{len(of)} customers" in answer["state"]["en"]
        in_class = [r for r in of if 10_000 < r["ltv_365d"] <= 30_000]
        row = next(r for r in answer["rows"]["en"] if r[0] == "¥10.0K – ¥30.0K")
        assert row[1] == str(len(in_class))


def test_a_manager_takes_the_runs_list_away_and_a_viewer_does_not(doors):
    status, headers, body = _get(doors.manager, "/downloads/list.csv")
    assert (status, body) == (200, "name,Auberge")
    assert headers["content-disposition"] == 'attachment; filename="list.csv"'
    assert headers["x-content-type-options"] == "nosniff"
    for name in ("list.csv", "customers_masked.csv"):
        status, _, body = _get(doors.viewer, f"/downloads/{name}")
        assert status == 404 and "Auberge" not in body
    rows = list(
        csv.DictReader(io.StringIO(_get(doors.viewer, "/downloads/worth.csv")[2].lstrip("\ufeff")))
    )
    assert sum(int(r["customers"]) for r in rows if r["class"] and not r["segment"]
               and not r["channel"] and r["customers"]) <= 40  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../dashboard.json", "..%2fdashboard.json", "%2e%2e/explore.parquet",
     "..%5cfont.css", "list.csv%00.csv", "list.csv/", "LIST.CSV", "/etc/passwd.csv",
     "....//list.csv", "explore.parquet", ".csv", "list.csv;.csv", "a" * 200 + ".csv"],
)  # fmt: skip
def test_a_download_is_a_name_of_the_folder_and_never_a_path(doors, name):
    status, _, body = _get(doors.manager, f"/downloads/{name}")
    assert status in (400, 404)
    assert "Auberge" not in body and "root:" not in body and str(doors.run) not in body


def test_a_stranger_takes_nothing_away(doors):
    for headers in ({}, {"Cookie": doors.viewer.cookie}):
        status, _, body = doors.manager.at("GET", "/downloads/list.csv", headers)
        assert status == 403 and "Auberge" not in body


def test_the_log_says_who_opened_and_took_away_what(doors):
    _get(doors.manager, "/downloads/list.csv")
    _get(doors.viewer, "/downloads/list.csv")
    _asked(doors.manager, {"channel": 0, "order": 0}, {"channel": 0, "order": 1})
    lines = [json.loads(line) for line in doors.log.read_text().splitlines()]
    told = {(line["event"], line["role"], line["what"]) for line in lines}
    assert {
        ("view", "manager", "dashboard"), ("download", "manager", "list.csv"),
        ("refused", "viewer", "list.csv"), ("list", "manager", "customers"),
    } <= told  # fmt: skip
    assert {line["user"] for line in lines} == {"link"} and {line["run"] for line in lines} == {RUN}
    assert doors.log.stat().st_mode & 0o777 == 0o600
