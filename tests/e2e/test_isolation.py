"""Two clients live: A's viewer attacks B's dashboard, and nothing of B reaches A."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import websocket

from joren.errors import JorenError
from joren.serve import Settings, start

RUN, NEXT_RUN = "20260401T000000Z", "20260501T000000Z"
NOWHERE = str(uuid.UUID(int=1))


@pytest.fixture(scope="module")
def two(tmp_path_factory, publish_run, call) -> Iterator[SimpleNamespace]:
    """Clients A (alfa, word Auberge) and B (bravo, word Brasserie), each with its dashboard."""
    reports = tmp_path_factory.mktemp("clients") / "reports"
    publish_run(reports, "alfa", RUN, "Auberge")
    publish_run(reports, "bravo", RUN, "Brasserie")
    a, b = start("alfa", reports), start("bravo", reports)
    try:
        at_a, at_b = call(a.url), call(b.url)
        yield SimpleNamespace(reports=reports, a=a, b=b, at_a=at_a, at_b=at_b)
    finally:
        a.stop()
        b.stop()


@pytest.fixture(scope="module")
def page_of_b(two) -> SimpleNamespace:
    """B's own viewer has the page open: its cookie, its page, its kernel."""
    cookie = two.at_b.cookie(two.b.token)
    status, _, body = two.at_b("GET", "/", {"Cookie": cookie})
    assert status == 200
    return SimpleNamespace(cookie=cookie, body=body, kernel=_kernel(body))


def _kernel(body: str) -> str:
    return re.search(r"api/kernels/([0-9a-f-]{36})/channels", body)[1]


def _connect(dashboard, kernel: str, *, cookie: str = "", origin: str | None = "own", **more: Any):
    host = dashboard.url.split("/")[2]
    options = {"origin": f"http://{host}" if origin == "own" else origin}
    if origin is None:
        options = {"suppress_origin": True}
    return websocket.create_connection(
        f"ws://{host}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}",
        cookie=cookie,
        timeout=10,
        **options,
        **more,
    )


def _message(kind: str, content: dict[str, Any], channel: str = "shell") -> dict[str, Any]:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "v"}
    header |= {"version": "5.3", "date": "2026-04-01T00:00:00Z"}
    return {
        "channel": channel,
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
    }


def _open_comm(line, target: str = "joren.explore") -> str:
    comm = uuid.uuid4().hex
    line.send(json.dumps(_message("comm_open", {"comm_id": comm, "target_name": target})))
    return comm


def _ask(line, comm: str, question: Any) -> Any:
    line.send(json.dumps(_message("comm_msg", {"comm_id": comm, "data": question})))
    while True:
        reply = json.loads(line.recv())
        if reply["content"]["comm_id"] == comm:
            return reply["content"]["data"]


def _everything_received(line, seconds: float) -> list[str]:
    line.settimeout(seconds)
    frames = []
    try:
        while True:
            frames.append(str(line.recv()))
    except (websocket.WebSocketException, OSError):
        return frames


def _processes(dashboard) -> list[psutil.Process]:
    server = psutil.Process(dashboard.process.pid)
    return [server, *server.children(recursive=True)]


def test_the_token_link_logs_in_and_takes_the_token_out_of_the_address(two):
    status, headers, body = two.at_a("GET", f"/?token={two.a.token}")
    assert (status, headers["location"], body) == (302, "/", "")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and two.a.token not in cookie
    status, headers, body = two.at_a("GET", "/", {"Cookie": cookie.split(";")[0]})
    assert status == 200
    assert "Auberge" in body
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"].startswith("no-")


@pytest.mark.parametrize("who", ["anonymous", "wrong", "token of A", "cookie of A", "renamed"])
def test_strangers_are_refused_everywhere(two, page_of_b, who):
    cookie_of_a = two.at_a.cookie(two.a.token)
    name_at_b = page_of_b.cookie.split("=")[0]
    query, headers = {
        "anonymous": ("", {}),
        "wrong": ("?token=0123456789", {"Authorization": "token 0123456789"}),
        "token of A": (f"?token={two.a.token}", {"Authorization": f"token {two.a.token}"}),
        "cookie of A": ("", {"Cookie": cookie_of_a}),
        "renamed": ("", {"Cookie": f"{name_at_b}={cookie_of_a.split('=', 1)[1]}"}),
    }[who]
    for path in (
        "/",
        "/assets/page.js",
        "/assets/page.css",
        f"/runs/{RUN}/font.css",
        f"/runs/{RUN}/repeat.ja.svg",
        "/logout",
        "/voila/query/" + page_of_b.kernel,
        f"/api/kernels/{page_of_b.kernel}",
        f"/api/kernels/{page_of_b.kernel}/channels",
        "/voila/files/current/figures/repeat.ja.svg",
        "/voila/static/voila.js",
        "/voila/tree",
        "/voila/api/contents",
        "/login",
    ):
        status, _, body = two.at_b("GET", path + query, headers)
        assert status == 403, path
        assert "Brasserie" not in body and str(two.b.private) not in body
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        _connect(two.b, page_of_b.kernel, cookie=headers.get("Cookie", ""))


def test_a_forged_host_is_refused_even_with_the_cookie(two, page_of_b):
    status, _, _ = two.at_b("GET", "/", {"Host": "evil.example", "Cookie": page_of_b.cookie})
    assert status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/voila/tree",
        "/voila/tree/current",
        "/voila/api/contents",
        "/voila/api/contents/dashboard.ipynb",
        "/voila/render/dashboard.ipynb",
        "/voila/render/../../dashboard.ipynb",
        "/voila/files/dashboard.ipynb",
        "/voila/files/current/dashboard.json",
        "/voila/files/current/explore.parquet",
        "/voila/files/current/figures/repeat.ja.svg",
        "/voila/files/..%2f..%2fconfig.json",
        "/voila/templates/lab/static/voila.js",
        "/voila/templates/..%2f..%2f..%2fetc/static/passwd",
        "/voila/static/..%2f..%2f..%2fetc/passwd",
        "/voila/api/themes/..%2f..%2fetc%2fpasswd",
        "/voila/labextensions/..%2f..%2fetc%2fpasswd",
        "/voila/query/" + NOWHERE,
        f"/runs/{RUN}",
        f"/runs/{RUN}/",
        f"/runs/{RUN}/dashboard.json",
        f"/runs/{RUN}/explore.parquet",
        f"/runs/{RUN}/unused.svg",
        f"/runs/{RUN}/figures/repeat.ja.svg",
        f"/runs/{RUN}/..%2ffont.css",
        f"/runs/..%2f{RUN}/font.css",
        f"/runs/./{RUN}/../../config.json",
        f"/runs/{NEXT_RUN}/font.css",
        "/voila/execution/" + NOWHERE,
        "/dashboard.ipynb",
        "/bravo",
        "/current/dashboard.json",
        "/.env",
        "//etc/passwd",
        "/etc/passwd",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../door.py",
        "/assets/..%2fdoor.py",
        "/assets/page.js%00.css",
        "/ASSETS/page.js",
        "/assets/",
        "/api",
        "/api/kernels",
        "/api/contents",
        "/api/sessions",
        "/api/terminals",
        "/api/kernelspecs",
        "/metrics",
        "/login",
        "/static/favicon.ico",
        "/files/dashboard.ipynb",
        "/nbextensions/x.js",
    ],
)
def test_a_viewer_finds_nothing_beside_the_page(two, path):
    cookie = two.at_a.cookie(two.a.token)
    status, _, body = two.at_a("GET", path, {"Cookie": cookie})
    assert status in (400, 404), path
    assert "root:" not in body and "import" not in body and str(two.a.private) not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"])
def test_a_viewer_can_only_read(two, page_of_b, method):
    for path in (
        "/",
        "/api/kernels",
        f"/api/kernels/{page_of_b.kernel}",
        f"/api/kernels/{page_of_b.kernel}/restart",
        f"/voila/api/shutdown/{page_of_b.kernel}",
        "/api/sessions",
        "/api/contents/x.ipynb",
        "/api/terminals",
    ):
        status, _, _ = two.at_b(method, path, {"Cookie": page_of_b.cookie, "Content-Length": "0"})
        assert status in (403, 404, 405), path
    assert _ask_once(two.b, page_of_b)["count"]["en"] == "40"


def _ask_once(dashboard, page) -> dict[str, Any]:
    line = _connect(dashboard, page.kernel, cookie=page.cookie)
    try:
        return _ask(line, _open_comm(line), {"channel": 0, "order": 0})
    finally:
        line.close()


@pytest.mark.parametrize(
    "query", ["client=bravo", "template=lab", "theme=dark", "voila-theme=x", "a=../../etc/passwd"]
)
def test_no_parameter_reaches_a_kernel(two, query):
    cookie = two.at_a.cookie(two.a.token)
    status, headers, _ = two.at_a("GET", f"/?{query}", {"Cookie": cookie})
    assert (status, headers["location"]) == (302, "/")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None, "http://127.0.0.1:1"])
def test_a_websocket_from_another_site_is_refused(two, page_of_b, origin):
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        _connect(two.b, page_of_b.kernel, cookie=page_of_b.cookie, origin=origin)


def test_a_viewer_cannot_reach_the_kernel_of_another_client(two, page_of_b):
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        _connect(two.a, page_of_b.kernel, cookie=two.at_a.cookie(two.a.token))


def test_no_message_runs_code_or_draws_anything_but_answers(two, page_of_b):
    marker = two.b.private / "tmp" / "ran"
    code = f"open({str(marker)!r}, 'w')"
    kinds = {
        "execute_request": {"code": code, "silent": False, "user_expressions": {"x": code}},
        "complete_request": {"code": "import os; os.", "cursor_pos": 14},
        "inspect_request": {"code": "open", "cursor_pos": 4, "detail_level": 1},
        "history_request": {"hist_access_type": "tail", "n": 9, "output": True, "raw": True},
        "is_complete_request": {"code": code},
        "comm_info_request": {},
        "kernel_info_request": {},
        "shutdown_request": {"restart": False},
        "interrupt_request": {},
        "debug_request": {"type": "request", "command": "evaluate", "seq": 1},
        "create_subshell_request": {},
        "input_reply": {"value": code},
    }
    line = _connect(two.b, page_of_b.kernel, cookie=page_of_b.cookie)
    for kind, content in kinds.items():
        for channel in ("shell", "control", "stdin", "iopub", "x"):
            line.send(json.dumps(_message(kind, content, channel)))
        line.send_binary(json.dumps(_message(kind, content)).encode())
    for malformed in ("", "{", "[]", "null", '{"header": 1}', json.dumps({"channel": "shell"})):
        line.send(malformed)
    for target in ("jupyter.widget", "jupyter.widget.control", "joren.explore\n", "__main__"):
        _open_comm(line, target)
    assert _everything_received(line, 2) == []
    line.close()
    assert not marker.exists()
    assert _ask_once(two.b, page_of_b)["count"]["en"] == "40"


def test_the_v1_framing_is_not_offered(two, page_of_b):
    v1 = ["v1.kernel.websocket.jupyter.org"]
    # this client gives up when the server does not take the framing it offers
    with pytest.raises(websocket.WebSocketException, match="Invalid WebSocket Header"):
        _connect(two.b, page_of_b.kernel, cookie=page_of_b.cookie, subprotocols=v1)


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"channel": 99, "order": 0},
        {"channel": -1, "order": 0},
        {"channel": 0, "order": 3},
        {"channel": "pos' or 1=1 --", "order": 0},
        {"channel": "<img src=x onerror=alert(1)>", "order": 0},
        {"channel": 1e308, "order": 0},
        {"channel": True, "order": 0},
        {"channel": [0], "order": {}},
        {"channel": 0, "order": 0, "limit": 10**9},
    ],
)
def test_a_hostile_choice_is_answered_with_nothing(two, page_of_b, question):
    line = _connect(two.b, page_of_b.kernel, cookie=page_of_b.cookie)
    assert _ask(line, _open_comm(line), question) == {"error": True}
    line.close()


def test_a_failing_callback_shows_neither_path_nor_source(two):
    cookie = two.at_a.cookie(two.a.token)
    _, _, body = two.at_a("GET", "/", {"Cookie": cookie})
    line = _connect(two.a, _kernel(body), cookie=cookie)
    comm = _open_comm(line)
    table = (two.a.private / "site" / "current" / "explore.parquet").resolve()
    away = table.with_name("away")
    table.rename(away)
    try:
        assert _ask(line, comm, {"channel": 0, "order": 0}) == {"error": True}
        assert _everything_received(line, 1) == []
    finally:
        away.rename(table)
        line.close()


def test_a_page_that_cannot_be_written_says_so_and_nothing_more(two):
    cookie = {"Cookie": two.at_a.cookie(two.a.token)}
    content = (two.a.private / "site" / "current" / "dashboard.json").resolve()
    away = content.with_name("away")
    content.rename(away)
    try:
        # one page may have been made ready before
        for _ in range(2):
            status, _, body = two.at_a("GET", "/", cookie)
            if 'id="dashboard"' not in body:
                break
    finally:
        away.rename(content)
    assert status == 200 and "この画面を表示できません" in body
    for told in ("Traceback", "dashboard.json", "joren.serve", str(two.a.private), "Voilà"):
        assert told not in body


def test_an_oversized_message_ends_the_line_not_the_server(two, page_of_b):
    line = _connect(two.b, page_of_b.kernel, cookie=page_of_b.cookie)
    line.send("x" * 1_000_000)
    assert _everything_received(line, 5) in ([], [""])
    assert _ask_once(two.b, page_of_b)["count"]["en"] == "40"


def test_nothing_of_b_stands_in_anything_a_receives(two):
    cookie = two.at_a.cookie(two.a.token)
    received = [two.at_a("GET", path, {"Cookie": cookie}) for path in ("/", "/assets/page.js")]
    page = SimpleNamespace(cookie=cookie, kernel=_kernel(received[0][2]))
    received.append(_ask_once(two.a, page))
    for secret in ("Brasserie", "bravo", two.b.token):
        assert secret not in str(received)


def test_the_page_holds_no_code_and_no_path_of_the_server(two, page_of_b):
    for forbidden in (
        "joren.serve",
        "show()",
        "Traceback",
        "ipynb",
        "hash-Brasserie",
        "Brasserie-0001",
        "/secret",
        str(two.reports),
        str(two.b.private),
        str(Path(__file__).parents[2]),
        two.b.token,
    ):
        assert forbidden not in page_of_b.body


def test_the_site_holds_only_what_a_page_may_read(two):
    site = two.b.private / "site"
    held = sorted(str(path.relative_to(site)) for path in site.rglob("*") if path.is_file())
    run = f"runs/{RUN}"
    assert held == [
        "dashboard.ipynb",
        f"{run}/activity.parquet",
        f"{run}/dashboard.json",
        f"{run}/downloads/activity.csv",
        f"{run}/downloads/customers_masked.csv",
        f"{run}/downloads/worth.csv",
        f"{run}/explore.parquet",
        f"{run}/figures/repeat.en.svg",
        f"{run}/figures/repeat.ja.svg",
        f"{run}/font.css",
        f"{run}/worth.parquet",
    ]
    assert two.b.private.stat().st_mode & 0o077 == 0


def test_neither_arguments_nor_environment_nor_files_hold_the_token(two, page_of_b, monkeypatch):
    server, *kernels = _processes(two.b)
    assert kernels
    for process in (server, *kernels):
        assert two.b.token not in " ".join(process.cmdline())
        assert two.b.token not in str(process.environ())
    allowed = {"PATH", "HOME", "TMPDIR", "LANG", "IPYTHONDIR", "OMP_NUM_THREADS"}
    added = {"JPY_PARENT_PID", "JPY_SESSION_NAME", "LC_CTYPE"}
    for kernel in kernels:
        assert set(kernel.environ()) <= allowed | added
    for path in two.b.private.rglob("*"):
        if path.is_file():
            assert two.b.token.encode() not in path.read_bytes(), path


def test_a_kernel_cannot_take_more_memory_than_its_share(two, page_of_b):
    _, *kernels = _processes(two.b)
    for kernel in kernels:
        limits = Path(f"/proc/{kernel.pid}/limits").read_text()
        assert re.search(r"Max data size +536870912 +536870912", limits)
        assert re.search(r"Max core file size +0 +0", limits)


def test_what_kernels_publish_is_on_no_network_port(two, page_of_b):
    server, *kernels = _processes(two.b)
    for kernel in kernels:
        described = json.loads(Path(kernel.cmdline()[-1]).read_text())
        assert described["transport"] == "ipc"
        # ipykernel's one inner port takes output of forked children, against a secret; none leaves
        assert len(kernel.net_connections("inet")) <= 1
    port = int(two.b.url.rstrip("/").rsplit(":", 1)[1])
    listening = [c.laddr for c in server.net_connections("inet") if c.status == "LISTEN"]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", port)]


def test_an_occupied_port_fails_and_does_not_move(two):
    port = int(two.a.url.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(JorenError, match="the port cannot be used") as refused:
        start("bravo", two.reports, port)
    assert str(port) in refused.value.where


def test_a_page_made_ready_takes_no_seat_and_a_full_house_tells_the_next_viewer_to_wait(
    tmp_path, publish_run, call
):
    publish_run(tmp_path / "reports", "alfa", RUN, "Auberge")
    dashboard = start("alfa", tmp_path / "reports", settings=Settings(pages=2, grace_seconds=1.0))
    try:
        ready = _until_a_page_is_ready(dashboard, 1)
        at = call(dashboard.url)
        cookie = {"Cookie": at.cookie(dashboard.token)}
        status, _, first = at("GET", "/", cookie)
        assert status == 200 and {_kernel(first)} == ready
        assert at("GET", "/", cookie)[0] == 200
        status, headers, body = at("GET", "/", cookie)
        assert (status, headers["retry-after"]) == (503, "30")
        assert "満席" in body and "Auberge" not in body
        # nothing is made ready that nobody could be given
        assert len(_processes(dashboard)[1:]) == 2
        deadline = time.monotonic() + 30
        while at("GET", "/", cookie)[0] == 503 and time.monotonic() < deadline:
            time.sleep(0.5)
        assert time.monotonic() < deadline
    finally:
        dashboard.stop()


def test_a_publication_shows_at_the_next_page_and_leaves_the_open_one_whole(
    tmp_path, publish_run, call
):
    publish_run(tmp_path / "reports", "alfa", RUN, "Auberge")
    dashboard = start("alfa", tmp_path / "reports")
    try:
        at = call(dashboard.url)
        cookie = at.cookie(dashboard.token)
        before = at("GET", "/", {"Cookie": cookie})[2]
        page = SimpleNamespace(cookie=cookie, kernel=_kernel(before))
        made_ready = _until_a_page_is_ready(dashboard, 2)
        publish_run(tmp_path / "reports", "alfa", NEXT_RUN, "Bistro")
        after = at("GET", "/", {"Cookie": cookie})[2]
        assert "Auberge" in before and "Bistro" not in before
        # neither the page that was made ready nor its kernel is given to anybody
        assert "Bistro" in after and "Auberge" not in after
        assert _kernel(after) not in made_ready and _kernel(before) in made_ready
        old = f"/runs/{RUN}/repeat.ja.svg"
        assert at("GET", old, {"Cookie": cookie})[0] == 200
        assert _ask_once(dashboard, page)["count"]["en"] == "40"
        (tmp_path / "reports" / "alfa" / "latest").unlink()
        assert "Bistro" in at("GET", "/", {"Cookie": cookie})[2]
    finally:
        dashboard.stop()


def _until_a_page_is_ready(dashboard, kernels: int) -> set[str]:
    """The identifiers of as many kernels as there are pages, those made ready included."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        # a process that has just begun may still bear its parent's arguments
        lines = [str(process.cmdline()) for process in _processes(dashboard)[1:]]
        found = {id for line in lines for id in re.findall(r"kernel-([0-9a-f-]{36})", line)}
        if len(found) == kernels == len(lines):
            return found
        time.sleep(0.2)
    raise AssertionError(f"never {kernels} kernels: {lines}")


def test_a_killed_kernel_is_forgotten_and_the_next_page_opens(two, call):
    cookie = {"Cookie": two.at_a.cookie(two.a.token)}
    assert two.at_a("GET", "/", cookie)[0] == 200
    for kernel in _processes(two.a)[1:]:
        kernel.kill()
    assert two.at_a("GET", "/", cookie)[0] == 200


def test_the_server_and_its_kernels_end_with_the_launcher(tmp_path, publish_run, call):
    publish_run(tmp_path / "reports", "alfa", RUN, "Auberge")
    dashboard = start("alfa", tmp_path / "reports")
    at = call(dashboard.url)
    assert at("GET", "/", {"Cookie": at.cookie(dashboard.token)})[0] == 200
    processes = _processes(dashboard)
    assert len(processes) >= 2
    dashboard.stop()
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive == []
    assert not dashboard.private.exists()
