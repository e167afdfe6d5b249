from __future__ import annotations

import json
import os

import pytest

from joren.serve import audit


def test_what_happens_is_appended_to_a_file_of_its_owner_only(tmp_path):
    state = tmp_path / "state" / "demo"
    for role in ("viewer", "manager"):
        descriptor = audit.open_log(state)
        audit.recorder(descriptor, role)("download", "list.csv", "20260401T000000Z", "hanako")
        os.close(descriptor)
    log = state / "audit.jsonl"
    assert log.stat().st_mode & 0o777 == 0o600
    first, second = map(json.loads, log.read_text().splitlines())
    assert set(first) == {"at", "event", "user", "role", "run", "what"}
    assert (first["role"], second["role"]) == ("viewer", "manager")
    assert first["user"] == "hanako" and first["what"] == "list.csv"


def test_the_descriptor_can_neither_read_nor_rewrite(tmp_path):
    descriptor = audit.open_log(tmp_path)
    record = audit.recorder(descriptor, "viewer")
    record("view", "one")
    with pytest.raises(OSError):
        os.read(descriptor, 10)
    os.lseek(descriptor, 0, os.SEEK_SET)
    record("view", "two")
    os.close(descriptor)
    told = [
        json.loads(line)["what"] for line in (tmp_path / "audit.jsonl").read_text().splitlines()
    ]
    assert told == ["one", "two"]


def test_no_name_can_forge_a_line(tmp_path):
    descriptor = audit.open_log(tmp_path)
    audit.recorder(descriptor, "viewer")("refused", 'x"}\n{"event": "view', user="a\nb" + "c" * 500)
    os.close(descriptor)
    (line,) = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert json.loads(line)["event"] == "refused" and len(json.loads(line)["user"]) == 80


def test_a_link_instead_of_the_log_is_not_followed(tmp_path):
    (tmp_path / "audit.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        audit.open_log(tmp_path)


def test_an_event_that_does_not_exist_is_not_recorded(tmp_path):
    with pytest.raises(ValueError, match="anything"):
        audit.recorder(0, "viewer")("anything")
