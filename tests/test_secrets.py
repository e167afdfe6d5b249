"""Secrets come from the environment or from a file only its owner can read."""

from __future__ import annotations

import pytest

from joren.errors import JorenError
from joren.secrets import client_secret
from joren.workspace import Workspace


def test_a_secret_is_made_once_and_kept_closed(tmp_path):
    workspace = Workspace("a-shop", tmp_path / "reports")
    first = client_secret(workspace, "hmac")

    assert client_secret(workspace, "hmac") == first
    assert len(first) == 64
    assert (workspace.state / "secrets" / "hmac").stat().st_mode & 0o777 == 0o600
    assert client_secret(Workspace("other", tmp_path / "reports"), "hmac") != first


def test_a_secret_others_can_read_is_refused(tmp_path):
    workspace = Workspace("shop", tmp_path / "reports")
    client_secret(workspace, "hmac")
    (workspace.state / "secrets" / "hmac").chmod(0o644)
    with pytest.raises(JorenError, match="others can read this secret"):
        client_secret(workspace, "hmac")


def test_the_environment_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("JOREN_SECRET_A_SHOP_HMAC", "from outside")
    assert client_secret(Workspace("a-shop", tmp_path / "r"), "hmac") == b"from outside"
