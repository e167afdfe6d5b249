"""Two clients live behind one login: A's viewer attacks B's dashboard through the hub."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import psutil
import pytest
import websocket

from joren.errors import JorenError
from joren.serve import hub as hubs
from joren.serve.audit import LOG
from joren.serve.users import User, add_user, hash_password, remove_user

RUN, NEXT_RUN = "20260401T000000Z", "20260501T000000Z"
NOWHERE = str(uuid.UUID(int=1))
PASSWORD = "a long enough word"
HOPS = 12
PAGES = {"alfa": 40, "bravo": 4}
HOME = "/hub/home"  # a page of the hub's own, for tests that open no dashboard


def _params(home: Path, client: str) -> None:
    content = {
        "client": client,
        "title": {"ja": client, "en": client},
        "as_of": "2026-03-31",
        "sources": {"shop": {"format": "csv", "orders": {"path": "../data/orders.csv"}}},
        "dashboard": {"pages": PAGES[client]},
    }
    (home / "params" / f"{client}.yaml").write_text(json.dumps(content))


class Visitor:
    """A browser without a screen: it keeps cookies by path and follows redirects."""

    def __init__(self, call, address: str) -> None:
        self.call, self.jar = call(address), {}

    def cookies(self, path: str) -> str:
        fitting = [(n, v) for (n, p), v in self.jar.items() if path.startswith(p)]
        return "; ".join(f"{name}={value}" for name, value in fitting)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict, str]:
        sent = {"Cookie": self.cookies(path)} | headers
        return self.call(method, path, sent)

    def keep(self, path: str, body: str = "") -> tuple[int, dict[str, str], str, str]:
        """One request as a browser makes it; what it sets is kept."""
        import http.client

        line = http.client.HTTPConnection(self.call.host, timeout=60)
        headers = {"Cookie": self.cookies(path), "Sec-Fetch-Mode": "navigate"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request("POST" if body else "GET", path, body or None, headers)
        answer = line.getresponse()
        told, text = answer.getheaders(), answer.read().decode()
        line.close()
        for name, value in told:
            if name.lower() == "set-cookie":
                pair, *rest = value.split(";")
                at = next((r.split("=")[1] for r in rest if r.strip().lower()[:5] == "path="), "/")
                self.jar[pair.split("=")[0], at] = pair.split("=", 1)[1]
        location = next((v for n, v in told if n.lower() == "location"), "")
        return answer.status, dict(told), text, location

    def open(self, path: str, body: str = "") -> tuple[int, str, str]:
        """Follow redirects; the last status, address and page."""
        for _ in range(HOPS):
            status, _, text, location = self.keep(path, body)
            if status not in (301, 302, 303):
                return status, path, text
            path, body = location.removeprefix(f"http://{self.call.host}"), ""
        raise AssertionError(f"redirected for ever: {path}")

    def login(self, name: str, password: str = PASSWORD, at: str = "") -> tuple[int, str, str]:
        where = f"/hub/login{f'?next={quote(at)}' if at else ''}"
        status, _, _ = self.open(where)
        assert status == 200
        xsrf = self.jar["_xsrf", "/hub/"]
        form = {"username": name, "password": password, "_xsrf": xsrf}
        return self.open(where, urlencode(form))


@pytest.fixture(scope="module")
def hub(tmp_path_factory, publish_run, call) -> Iterator[SimpleNamespace]:
    """Clients A (alfa, word Auberge) and B (bravo, word Brasserie) behind the hub."""
    try:
        hubs.check_parts()
    except JorenError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}, and CI must not pass without it")
        pytest.skip(f"{missing}: the hub is not tried")
    home = tmp_path_factory.mktemp("hub")
    (home / "params").mkdir()
    reports = home / "reports"
    for client, word in (("alfa", "Auberge"), ("bravo", "Brasserie")):
        _params(home, client)
        publish_run(reports, client, RUN, word)
    hashed = hash_password(PASSWORD)
    state = home / "state"
    add_user(state, User("anna", "alfa", "viewer", hashed))
    add_user(state, User("berta", "bravo", "viewer", hashed, admin=True))
    options = []
    try:
        hubs.check_reach(Path(tempfile.gettempdir()), hubs.FIRST_OWNER)
    except JorenError:
        # started by somebody else than root, or Python is installed where only root passes
        options = ["--one-user"]
    with hubs.launch.listen_on(None) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "joren", "serve", "--all", "--port", str(port), *options]
    environment = os.environ | {"JOREN_HOME": str(home), "JOREN_MAIL_PASSWORD": "hunter2"}
    with (home / "said").open("w") as said:
        process = subprocess.Popen(
            [*command, "--reports", str(reports)], env=environment, stdout=said, stderr=said
        )
    told = SimpleNamespace(
        home=home,
        reports=reports,
        state=state,
        process=process,
        port=port,
        url=f"http://127.0.0.1:{port}/",
        separate=not options,
        private=home / "state" / ".hub",
    )
    try:
        told.visit = lambda: Visitor(call, told.url)
        _until(lambda: told.visit().keep("/services/alfa-viewer/")[0] == 302, told, 240)
        _until(lambda: told.visit().keep("/services/bravo-viewer/")[0] == 302, told, 240)
        yield told
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def _until(true, hub: SimpleNamespace | None = None, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if true():
                return
        except (OSError, AssertionError, KeyError, StopIteration, psutil.Error):
            pass
        if hub is not None and hub.process.poll() is not None:
            break
        time.sleep(0.5)
    raise AssertionError("never came true" + (_logs(hub) if hub else ""))


def _logs(hub: SimpleNamespace) -> str:
    logs = [hub.home / "said", hub.private / "hub.log"]
    logs += Path(tempfile.gettempdir()).glob("joren-hub-*/server.log")
    return "\n".join(log.read_text()[-3000:] for log in logs if log.is_file())


@pytest.fixture(scope="module")
def anna(hub) -> SimpleNamespace:
    return _page(hub, "anna", "alfa-viewer")


@pytest.fixture(scope="module")
def berta(hub) -> SimpleNamespace:
    return _page(hub, "berta", "bravo-viewer")


def _page(hub, name: str, door: str) -> SimpleNamespace:
    visitor = hub.visit()
    status, path, body = visitor.login(name)
    assert (status, path) == (200, f"/services/{door}/"), path + body[-500:] + _logs(hub)
    kernel = re.search(r"api/kernels/([0-9a-f-]{36})/channels", body)[1]
    return SimpleNamespace(visitor=visitor, body=body, kernel=kernel, at=path)


def test_who_logs_in_lands_at_their_own_dashboard(anna, berta):
    assert "Auberge" in anna.body and "Brasserie" not in anna.body
    assert "Brasserie" in berta.body and "Auberge" not in berta.body


def _connect(hub, page, at: str, *, kernel: str = "", origin: str | None = "own", **more: Any):
    host = f"127.0.0.1:{hub.port}"
    options = {"origin": f"http://{host}" if origin == "own" else origin}
    if origin is None:
        options = {"suppress_origin": True}
    channels = f"{at}api/kernels/{kernel or page.kernel}/channels?session_id={uuid.uuid4().hex}"
    cookie = page.visitor.cookies(at)
    return websocket.create_connection(
        f"ws://{host}{channels}", cookie=cookie, timeout=20, **options, **more
    )


def _message(kind: str, content: dict[str, Any], channel: str = "shell") -> str:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "v"}
    header |= {"version": "5.3", "date": "2026-04-01T00:00:00Z"}
    parts = {"parent_header": {}, "metadata": {}, "content": content}
    return json.dumps({"channel": channel, "header": header} | parts)


def _processes(hub) -> dict[str, list[psutil.Process]]:
    """What runs below `joren serve --all`, by kind."""
    kinds = {"keeper": "joren.serve.keeper", "voila": "joren.serve.voila_server"}
    kinds |= {"kernel": "joren.serve.kernel", "hub": "jupyterhub", "proxy": "http-proxy"}
    found: dict[str, list[psutil.Process]] = {kind: [] for kind in kinds}
    for process in psutil.Process(hub.process.pid).children(recursive=True):
        try:
            words = process.cmdline()
        except psutil.Error:
            continue  # it has just ended
        for kind, word in kinds.items():
            if word in words or (kind == "proxy" and any(word in part for part in words)):
                found[kind].append(process)
    return found


def _keeper_of(hub, door: str) -> psutil.Process:
    return next(p for p in _processes(hub)["keeper"] if door in p.cmdline()[-1])


def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nothing(hub):
    said = []
    for name, password in (("anna", "not the password"), ("nobody", PASSWORD)):
        visitor = hub.visit()
        status, _, body = visitor.login(name, password)
        assert status == 403
        assert visitor.keep("/services/alfa-viewer/")[0] == 302
        said.append(re.search(r'class="login_error">\s*(.*?)\s*<', body, re.S)[1])
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "assets/page.js",
        "assets/page.css",
        f"api/kernels/{NOWHERE}/channels",
        f"api/kernels/{NOWHERE}",
        "voila/files/current/figures/repeat.ja.svg",
        "voila/tree",
        "voila/api/contents",
        "voila/static/voila.js",
        "oauth_callback",
        "oauth_callback?code=x&state=y",
        "logout",
    ],
)
@pytest.mark.parametrize("who", ["anonymous", "wrong token", "cookies of A", "renamed cookies"])
def test_strangers_reach_nothing_of_b(hub, anna, berta, who, path):
    at_a = anna.visitor.cookies(anna.at)
    headers = {
        "anonymous": {},
        "wrong token": {"Authorization": "token 0123456789", "Cookie": ""},
        "cookies of A": {"Cookie": at_a},
        "renamed cookies": {"Cookie": at_a.replace("service-alfa-viewer", "service-bravo-viewer")},
    }[who]
    status, told, body = hub.visit().get(berta.at + path, **headers)
    assert status in (302, 400, 403), path
    assert "Brasserie" not in body
    if status == 302:
        assert path == "" and told["location"].startswith("/hub/api/oauth2/authorize?")


def test_a_viewer_who_is_logged_in_is_refused_at_anothers_dashboard(hub, anna, berta):
    visitor = hub.visit()
    visitor.login("anna", at=HOME)
    status, path, body = visitor.open(berta.at)
    assert status == 403, path
    assert "Brasserie" not in body


def test_a_viewer_cannot_reach_anothers_kernel(hub, anna, berta):
    for at, kernel in ((berta.at, berta.kernel), (anna.at, berta.kernel)):
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            _connect(hub, anna, at, kernel=kernel)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None, "http://127.0.0.1:1"])
def test_a_websocket_from_another_site_is_refused(hub, berta, origin):
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        _connect(hub, berta, berta.at, origin=origin)


def test_an_anonymous_websocket_is_refused(hub, berta):
    nobody = SimpleNamespace(visitor=hub.visit(), kernel=berta.kernel)
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        _connect(hub, nobody, berta.at)


def test_a_forged_host_is_refused_even_with_the_cookies(hub, berta):
    status, _, body = berta.visitor.get(
        berta.at, Host="evil.example", Cookie=berta.visitor.cookies(berta.at)
    )
    assert status == 403 and "Brasserie" not in body


@pytest.mark.parametrize(
    "path",
    [
        "voila/tree",
        "voila/api/contents/dashboard.ipynb",
        "voila/render/dashboard.ipynb",
        "voila/files/current/dashboard.json",
        "voila/files/..%2f..%2fconfig.json",
        "voila/templates/..%2f..%2f..%2fetc/static/passwd",
        "voila/api/themes/..%2f..%2fetc%2fpasswd",
        "voila/query/" + NOWHERE,
        "dashboard.ipynb",
        ".env",
        "/etc/passwd",
        "../bravo-viewer/",
        "..%2fbravo-viewer/",
        "%2e%2e/%2e%2e/etc/passwd",
        "assets/../door.py",
        "assets/..%2fdoor.py",
        "assets/page.js%00.css",
        "ASSETS/page.js",
        "api",
        "api/kernels",
        "api/contents",
        "api/sessions",
        "api/terminals",
        "login",
        "metrics",
    ],
)
def test_a_viewer_finds_nothing_beside_the_page(anna, path):
    status, _, body = anna.visitor.get(anna.at + path, Cookie=anna.visitor.cookies(anna.at))
    assert status in (302, 400, 403, 404), path
    for told in ("root:", "import", "Brasserie", "joren-hub-", "Traceback"):
        assert told not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_viewer_can_only_read(hub, berta, method):
    for path in ("", "api/kernels", f"api/kernels/{berta.kernel}", "api/sessions", "api/terminals"):
        status, _, _ = berta.visitor.get(berta.at + path, method, **{"Content-Length": "0"})
        assert status in (403, 404, 405), path


@pytest.mark.parametrize(
    "path",
    [
        "users",
        "users/berta",
        "users/anna/server",
        "users/anna/tokens",
        "groups",
        "services",
        "proxy",
        "info",
        "shutdown",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_viewer_has_no_use_of_the_hubs_interface(hub, anna, method, path):
    body_headers = {"Content-Length": "0", "Referer": f"{hub.url}hub/home"}
    status, _, body = anna.visitor.get(f"/hub/api/{path}", method, **body_headers)
    assert status in (403, 404, 405), path
    assert "Brasserie" not in body and "bravo" not in body.replace("users/berta", "")


@pytest.mark.parametrize("path", ["/hub/spawn", "/hub/spawn/berta", "/hub/token", "/hub/admin"])
def test_a_viewer_has_neither_server_nor_token_nor_admin_page(hub, path):
    visitor = hub.visit()
    visitor.login("anna", at=HOME)
    status, _, body = visitor.open(path)
    if path == "/hub/token":
        xsrf = visitor.jar["_xsrf", "/hub/"]
        asked = {"X-XSRFToken": xsrf, "Content-Length": "0", "Sec-Fetch-Mode": "cors"}
        status, _, body = visitor.get("/hub/api/users/anna/tokens", "POST", **asked)
    assert status in (403, 404, 500) and "bravo" not in body
    assert _processes(hub)["hub"] and len(_processes(hub)["hub"]) == 1


def test_the_admin_page_is_for_a_user_made_admin_and_shows_no_dashboard(hub):
    visitor = hub.visit()
    visitor.login("berta", at=HOME)
    assert visitor.open("/hub/admin")[0] == 200
    status, _, body = visitor.open("/services/alfa-viewer/")
    assert status == 403 and "Auberge" not in body


def test_no_message_runs_code_or_draws_anything_but_answers(hub, berta, tmp_path):
    marker = tmp_path / "ran"
    code = f"open({str(marker)!r}, 'w')"
    line = _connect(hub, berta, berta.at)
    for kind in ("execute_request", "complete_request", "shutdown_request", "debug_request"):
        for channel in ("shell", "control", "stdin"):
            line.send(_message(kind, {"code": code, "silent": False, "restart": False}, channel))
        line.send_binary(_message(kind, {"code": code}).encode())
    line.settimeout(2)
    with pytest.raises(websocket.WebSocketTimeoutException):
        line.recv()
    line.close()
    assert not marker.exists()


def test_a_cookie_kept_from_before_is_worth_nothing_after_logging_out(hub):
    visitor = hub.visit()
    visitor.login("anna")
    at = "/services/alfa-viewer/"
    kept = visitor.cookies(at)
    asset = f"{at}assets/page.css"
    assert visitor.get(asset, Cookie=kept)[0] == 200
    visitor.open("/hub/logout")
    _until(lambda: visitor.get(asset, Cookie=kept)[0] == 403, hub, seconds=30)
    assert visitor.get(at, Cookie=kept)[0] == 302


def test_neither_environment_nor_arguments_hold_a_key_or_a_password(hub, anna, berta):
    found = _processes(hub)
    assert len(found["keeper"]) == len(found["voila"]) == 2 and found["kernel"]
    keys = {p.environ()["JUPYTERHUB_API_TOKEN"] for p in found["keeper"]}
    assert len(keys) == 2
    for process in (*found["voila"], *found["kernel"]):
        held = str(process.environ()) + str(process.cmdline())
        assert "JUPYTERHUB" not in held and "hunter2" not in held
        assert not any(key in held for key in keys)
    for process in psutil.Process(hub.process.pid).children(recursive=True):
        assert not any(key in str(process.cmdline()) for key in keys)


def test_dashboards_of_two_clients_run_as_two_users_where_they_can(hub, anna, berta):
    users = {p.uids().real for p in _processes(hub)["voila"]}
    kernels = {p.uids().real for p in _processes(hub)["kernel"]}
    if hub.separate:
        assert len(users) == 2 and min(users) >= hubs.FIRST_OWNER and kernels <= users
    else:
        assert users == kernels == {os.getuid()}


def test_the_log_names_who_opened_a_dashboard(hub, anna):
    log = hub.state / "alfa" / LOG
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert ("view", "anna", "viewer") in {(one["event"], one["user"], one["role"]) for one in lines}
    assert log.stat().st_mode & 0o077 == 0


def test_the_hubs_files_are_read_by_its_owner_only(hub):
    assert hub.private.stat().st_mode & 0o077 == 0
    for folder in Path(tempfile.gettempdir()).glob("joren-hub-*"):
        assert folder.stat().st_mode & 0o077 == 0


def test_another_run_is_shown_at_the_next_page_and_the_open_one_stays_whole(hub, publish_run):
    page = _page(hub, "anna", "alfa-viewer")
    line = _connect(hub, page, page.at)
    publish_run(hub.reports, "alfa", NEXT_RUN, "Bistro")
    _until(lambda: "Bistro" in page.visitor.open(page.at)[2], hub)
    assert "Auberge" in page.body and "Bistro" not in page.body
    line.ping()
    stands = [Path(p.cwd()).name for p in _processes(hub)["kernel"]]
    assert {RUN, NEXT_RUN} <= set(stands)
    line.close()


def test_a_real_browser_logs_in_and_talks_to_its_kernel_through_the_hub(hub, chromium):
    browser = chromium()
    browser.send("Page.navigate", url=f"{hub.url}services/bravo-viewer/")
    browser.wait("document.querySelector('#username_input')")
    browser.run("document.querySelector('#username_input').value = 'berta'")
    browser.run(f"document.querySelector('#password_input').value = {PASSWORD!r}")
    browser.run("document.querySelector('#login_submit').click()")
    browser.wait("document.querySelector('.scripted') && document.body.innerText", 60)
    assert "Brasserie" in browser.run("document.body.innerText")
    opened = "Network.webSocketHandshakeResponseReceived"

    def answered() -> bool:
        browser.run("1")
        return any(
            e["params"]["response"]["status"] == 101
            for e in browser.events
            if e["method"] == opened
        )

    _until(answered)
    local = (hub.url, hub.url.replace("http:", "ws:"))
    assert [url for url in browser.requests() if not url.startswith(local)] == []


def test_more_pages_than_the_limit_are_told_to_wait(hub):
    visitor = hub.visit()
    visitor.login("berta")
    at = "/services/bravo-viewer/"
    cookies = visitor.cookies(at)
    lines, answers = [], []
    for _ in range(6):
        status, told, body = visitor.get(at, Cookie=cookies)
        answers.append(status)
        if status == 503:
            assert told["retry-after"] == "30"
        else:
            kernel = re.search(r"api/kernels/([0-9a-f-]{36})/channels", body)[1]
            page = SimpleNamespace(visitor=visitor, kernel=kernel)
            lines.append(_connect(hub, page, at))
    assert 503 in answers and set(answers) == {200, 503}
    for line in lines:
        line.close()


def test_a_killed_kernel_or_voila_comes_back_and_nobody_logs_in_again(hub):
    page = _page(hub, "anna", "alfa-viewer")
    for kernel in _processes(hub)["kernel"]:
        kernel.kill()
    _until(lambda: page.visitor.open(page.at)[0] == 200, hub)
    [voila] = _keeper_of(hub, "alfa-viewer").children()
    voila.kill()
    _until(lambda: [p.pid for p in _keeper_of(hub, "alfa-viewer").children()] != [voila.pid], hub)
    _until(lambda: page.visitor.open(page.at)[0] == 200, hub)


def test_a_killed_keeper_comes_back(hub):
    page = _page(hub, "anna", "alfa-viewer")
    _keeper_of(hub, "alfa-viewer").kill()
    _until(lambda: page.visitor.open(page.at)[0] == 200, hub)


def test_a_user_taken_out_sees_nothing_more(hub):
    add_user(hub.state, User("carla", "alfa", "viewer", hash_password(PASSWORD)))
    page = _page(hub, "carla", "alfa-viewer")
    remove_user(hub.state, "alfa", "carla")
    asset = f"{page.at}assets/page.css"
    _until(lambda: page.visitor.get(asset)[0] == 403, hub, seconds=hubs.REFRESH_SECONDS + 45)
    assert hub.visit().login("carla")[0] == 403


def test_a_killed_hub_comes_back_and_sessions_with_it(hub):
    page = _page(hub, "anna", "alfa-viewer")
    [killed] = _processes(hub)["hub"]
    killed.kill()
    _until(lambda: [p for p in _processes(hub)["hub"] if p.pid != killed.pid], hub)
    _until(lambda: page.visitor.open(page.at)[0] == 200, hub, seconds=240)
    assert "User logged in: anna" not in _logs(hub).split("JupyterHub is now running")[-1]
