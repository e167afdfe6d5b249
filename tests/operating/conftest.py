"""A real mail server on loopback, and a client with a report to send."""

from __future__ import annotations

import socket
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller

from joren.params import Params
from joren.workspace import Workspace, switch_latest, write_json


class Mailbox:
    """Keeps what it is handed; answers from `answers` first, one per message."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answers: list[str] = []
        self.offers = 0

    async def handle_DATA(self, _server, _session, envelope) -> str:
        self.offers += 1
        if self.answers:
            return self.answers.pop(0)
        self.messages.append(message_from_bytes(envelope.content))
        return "250 taken"


@pytest.fixture
def mailbox():
    """A server that speaks SMTP; `.port` is where."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    box.port = port
    yield box
    server.stop()


@pytest.fixture
def shop(tmp_path, mailbox):
    """Workspace and parameters of a client whose report was published."""
    workspace = Workspace("shop", tmp_path / "reports")
    run = workspace.run_folder("20260331T090000Z")
    run.mkdir(parents=True)
    (run / "report.pdf").write_bytes(b"%PDF-1.7 report")
    record = {"run_id": run.name, "as_of": "2026-03-31", "status": "published"}
    write_json(run / "run.json", record)
    item = {"kind": "finding", "accent": True, "text": {"ja": "要点です。", "en": "The point."}}
    write_json(run / "report.json", {"stages": [{"steps": [{"items": [item]}]}]})
    switch_latest(workspace, run)
    smtp = {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "sender": "a@joren.test"}
    content = {
        "client": "shop",
        "title": {"ja": "店", "en": "Shop"},
        "sources": {"web": {"format": "tables", "path": "x"}},
        "report": {"recipients": ["owner@shop.test"], "smtp": smtp},
    }
    return workspace, Params.model_validate(content)
