from __future__ import annotations

from joren.serve.kernels import abandoned


def test_a_kernel_is_abandoned_when_its_page_is_gone_beyond_the_grace_time():
    connections = {"open": 1, "just left": 0, "gone": 0, "starting": 0}
    last_seen = {"open": 0.0, "just left": 95.0, "gone": 30.0}
    assert abandoned(connections, last_seen, now=100.0, grace=60.0) == ["gone"]


def test_exactly_the_grace_time_is_not_yet_too_long():
    assert abandoned({"a": 0}, {"a": 40.0}, now=100.0, grace=60.0) == []
