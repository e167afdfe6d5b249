"""The report is mailed once: not without approval, again after a 4xx, never twice after a crash."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from joren.errors import ParameterError
from joren.operating import send_log
from joren.operating.send import prepare, send, tell_failure


def test_a_dry_run_sends_nothing_and_says_what_would_go(shop, mailbox):
    mailing = prepare(*shop)
    waiting = [(letter.recipient, letter.status) for letter in mailing.letters]
    assert waiting == [("owner@shop.test", "waiting")]
    assert list(mailing.attachments) == ["shop-2026-03-31-report.pdf"]
    assert mailbox.offers == 0
    assert send_log.read(shop[0]) == {}


def test_a_report_is_sent_once_however_often_it_is_asked_for(shop, mailbox):
    assert [letter.status for letter in send(*shop)] == ["sent"]
    assert [letter.status for letter in send(*shop)] == ["sent"]
    (message,) = mailbox.messages
    assert message["To"] == "owner@shop.test"
    attached = [part for part in message.walk() if part.get_filename()]
    assert [part.get_payload(decode=True) for part in attached] == [b"%PDF-1.7 report"]
    body = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    assert "要点です。" in body.get_payload(decode=True).decode()


def test_another_report_of_the_same_client_is_another_message(shop, mailbox):
    workspace, params = shop
    send(workspace, params)
    (workspace.latest() / "report.pdf").write_bytes(b"%PDF-1.7 corrected")
    send(workspace, params)
    assert len(mailbox.messages) == 2


def test_a_server_that_says_later_is_asked_again(shop, mailbox, monkeypatch):
    monkeypatch.setattr("joren.operating.mail.time.sleep", lambda _seconds: None)
    mailbox.answers = ["451 try again later", "421 busy"]
    assert [letter.status for letter in send(*shop)] == ["sent"]
    assert mailbox.offers == 3
    assert len(mailbox.messages) == 1


def test_a_refusal_is_not_tried_again_at_once_but_the_next_call_tries(shop, mailbox):
    mailbox.answers = ["554 no such user"]
    (letter,) = send(*shop)
    assert letter.status == "failed"
    assert "554" in letter.at
    assert mailbox.offers == 1
    assert [letter.status for letter in send(*shop)] == ["sent"]


_KILLED_BETWEEN = """
import os, signal, sys
from pathlib import Path
from joren.operating import send_log
from joren.operating.send import send
from joren.params import Params
from joren.workspace import Workspace

written = send_log.write
def write(workspace, key, status, **facts):
    if status == "sent":  # the server has it; the record of that is never written
        os.kill(os.getpid(), signal.SIGKILL)
    written(workspace, key, status, **facts)
send_log.write = write
send(Workspace("shop", Path(sys.argv[1])), Params.model_validate_json(sys.argv[2]))
"""


def test_a_kill_between_sending_and_recording_leads_to_no_second_mail(shop, mailbox):
    workspace, params = shop
    done = subprocess.run(
        [sys.executable, "-c", _KILLED_BETWEEN, str(workspace.reports), params.model_dump_json()],
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert len(mailbox.messages) == 1
    assert [letter.status for letter in send(workspace, params)] == ["unknown"]
    assert len(mailbox.messages) == 1
    assert [letter.status for letter in send(workspace, params, again=True)] == ["sent"]
    assert len(mailbox.messages) == 2


def test_without_recipients_nothing_starts(shop):
    workspace, params = shop
    report = params.report.model_copy(update={"recipients": []})
    with pytest.raises(ParameterError, match="nobody receives"):
        prepare(workspace, params.model_copy(update={"report": report}))


def test_operators_are_told_of_a_failure_only_where_they_asked_to_be(shop, mailbox):
    workspace, params = shop
    assert tell_failure(workspace, params, "a cell ended") == []
    assert mailbox.messages == []
    named = params.report.model_copy(update={"failure_recipients": ["ops@joren.test"]})
    assert (
        tell_failure(workspace, params.model_copy(update={"report": named}), "a cell ended") == []
    )
    (message,) = mailbox.messages
    assert message["To"] == "ops@joren.test"
    assert "a cell ended" in message.get_payload(decode=True).decode()
