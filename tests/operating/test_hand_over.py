"""Lists handed to a real server on this machine: signed, once, and only when approved."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from joren.errors import JorenError, ParameterError
from joren.operating.hand_over import LOG, hand_over
from joren.workspace import Workspace

BODY = "\ufeff氏名,宛先\r\n伊藤,a@example.jp\r\n森,b@example.jp\r\n".encode()


class Receiver:
    """A server that takes what is posted and answers as told."""

    def __init__(self) -> None:
        self.answers: list[int | None] = []
        self.posts: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((dict(self.headers), body))
                code = receiver.answers.pop(0) if receiver.answers else 200
                if code is None:  # breaks off without an answer
                    self.close_connection = True
                    return
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/lists"


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("JOREN_SECRET_SHOP_HAND_OVER", "s3cret")
    made = Workspace("shop", tmp_path / "reports")
    run = made.run_folder("20260401T000000Z")
    (run / "exports").mkdir(parents=True)
    (run / "exports" / "lapsed.csv").write_bytes(BODY)
    (run / "run.json").write_text(json.dumps({"run_id": run.name, "status": "published"}))
    (made.root / "latest").symlink_to(run.name)
    return made


def said(workspace) -> list[str]:
    path = workspace.state / LOG
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line)["status"] for line in lines]


def test_a_dry_run_sends_nothing_and_says_what_would_go(workspace, receiver):
    done = hand_over(workspace, "lapsed", receiver.url, approved=False)
    assert (done.status, done.rows, done.size) == ("dry_run", 2, len(BODY))
    assert receiver.posts == []
    assert said(workspace) == []


def test_an_approved_list_arrives_whole_signed_and_once(workspace, receiver):
    assert hand_over(workspace, "lapsed", receiver.url, approved=True).status == "sent"
    headers, body = receiver.posts[0]
    assert body == BODY
    signed = hmac.new(b"s3cret", BODY, hashlib.sha256).hexdigest()
    assert headers["X-Joren-Signature"] == f"sha256={signed}"
    assert headers["X-Joren-List"] == "lapsed"
    assert said(workspace) == ["sending", "sent"]
    assert (workspace.state / LOG).stat().st_mode & 0o077 == 0

    with pytest.raises(JorenError, match="before"):
        hand_over(workspace, "lapsed", receiver.url, approved=True)
    assert len(receiver.posts) == 1
    hand_over(workspace, "lapsed", receiver.url, approved=True, again=True)
    assert len(receiver.posts) == 2


def test_a_refused_list_can_be_tried_again(workspace, receiver):
    receiver.answers = [503, 200]
    with pytest.raises(JorenError, match="503"):
        hand_over(workspace, "lapsed", receiver.url, approved=True)
    assert hand_over(workspace, "lapsed", receiver.url, approved=True).status == "sent"
    assert said(workspace) == ["sending", "failed", "sending", "sent"]


def test_without_an_answer_nobody_knows_and_nothing_goes_twice(workspace, receiver):
    receiver.answers = [None]
    with pytest.raises(JorenError, match="without an answer"):
        hand_over(workspace, "lapsed", receiver.url, approved=True)
    assert said(workspace) == ["sending"]
    with pytest.raises(JorenError, match="nobody knows"):
        hand_over(workspace, "lapsed", receiver.url, approved=True)
    assert len(receiver.posts) == 1


def test_a_redirect_is_not_followed(workspace, receiver):
    receiver.answers = [302]
    with pytest.raises(JorenError, match="302"):
        hand_over(workspace, "lapsed", receiver.url, approved=True)
    assert len(receiver.posts) == 1


def test_nothing_goes_without_address_list_or_secret(workspace, receiver, monkeypatch):
    with pytest.raises(ParameterError):
        hand_over(workspace, "lapsed", None, approved=True)
    with pytest.raises(JorenError, match="no list"):
        hand_over(workspace, "../run", receiver.url, approved=True)
    monkeypatch.delenv("JOREN_SECRET_SHOP_HAND_OVER")
    with pytest.raises(ParameterError, match="secret"):
        hand_over(workspace, "lapsed", receiver.url, approved=True)
    assert receiver.posts == []
