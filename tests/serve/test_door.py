from __future__ import annotations

import json

import pytest

from joren.serve import door


def _question(**changes) -> str:
    header = {"msg_id": "1", "msg_type": "comm_msg", "session": "s", "username": "viewer"}
    message = {
        "channel": "shell",
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": {"comm_id": "c", "data": {"channel": 0, "order": 0}},
    }
    return json.dumps(message | changes)


def test_a_question_of_the_pages_script_passes():
    assert door.is_question(_question())


def test_opening_the_line_passes_for_the_one_target_only():
    header = {"msg_id": "1", "msg_type": "comm_open"}
    opening = {"comm_id": "c", "target_name": "joren.explore", "data": {}}
    assert door.is_question(_question(header=header, content=opening))
    other = opening | {"target_name": "jupyter.widget"}
    assert not door.is_question(_question(header=header, content=other))


@pytest.mark.parametrize(
    "message",
    [
        b"\x00\x01",
        "",
        "{",
        "null",
        "[" * 5000,
        _question(channel="control"),
        _question(channel="stdin"),
        _question(header={"msg_type": "execute_request"}),
        _question(header={"msg_type": ["comm_msg"]}),
        _question(header={"msg_type": "comm_msg", "msg_id": 1}),
        _question(header=None),
        _question(content={"data": {}}),
        _question(content={"comm_id": "c", "data": "x"}),
        _question(parent_header={"msg_id": "forged"}),
        _question(metadata={"deletedCells": []}),
        _question(buffers=[]),
        _question(content={"comm_id": "c", "data": {"x": "y" * door.LARGEST_QUESTION}}),
    ],
)
def test_anything_else_is_dropped(message):
    assert not door.is_question(message)


@pytest.mark.parametrize(
    ("kind", "passes"),
    [
        ("comm_msg", True),
        ("comm_close", True),
        ("comm_open", False),
        ("stream", False),
        ("error", False),
        ("display_data", False),
        ("execute_input", False),
        ("execute_reply", False),
        ("status", False),
    ],
)
def test_only_answers_leave_a_kernel(kind, passes):
    message = {"header": {"msg_type": kind}, "content": {}}
    assert door.is_answer(message) is passes
    assert door.is_answer(json.dumps(message)) is passes


def test_the_policy_lets_nothing_in_from_elsewhere():
    assert "unsafe-eval" not in door.POLICY
    script = next(rule for rule in door.POLICY.split("; ") if rule.startswith("script-src"))
    assert script == "script-src 'self'"
    assert "http" not in door.POLICY and "*" not in door.POLICY
