"""The log of what was mailed."""

from __future__ import annotations

from joren.operating.send_log import LOG, message_key, read, write
from joren.workspace import Workspace


def test_the_last_word_counts_and_an_open_sending_is_unknown(tmp_path):
    workspace = Workspace("shop", tmp_path / "reports")
    said = {"a": ["sending", "sent"], "b": ["sending"], "c": ["sending", "failed"]}
    for key, statuses in said.items():
        for status in statuses:
            write(workspace, key, status)
    found = {key: last.status for key, last in read(workspace).items()}
    assert found == {"a": "sent", "b": "unknown", "c": "failed"}
    path = workspace.state / LOG
    assert path.stat().st_mode & 0o077 == 0
    with path.open("a") as stream:
        stream.write('{"at": "2026')
    assert len(read(workspace)) == 3


def test_another_report_or_recipient_is_another_message():
    keys = {message_key(r, h, a) for r in "12" for h in "ab" for a in "xy"}
    assert len(keys) == 8
