from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from jupyterhub.auth import Authenticator

from joren.serve import hub_auth
from joren.serve.hub_auth import ADMINS, Passwords, Placed, groups_of
from joren.serve.users import User, add_user, hash_password, remove_user

WORD = "a long enough word"


@pytest.fixture
def door(tmp_path, monkeypatch):
    monkeypatch.setattr(hub_auth, "FAILED_PAUSE_SECONDS", 0.2)
    add_user(tmp_path, User("anna", "alfa", "viewer", hash_password(WORD)))
    told = {"alfa": [], "bravo": [{"name": "by.oauth@example.jp", "role": "manager"}]}
    return Passwords(state=str(tmp_path), told=told, allow_all=True, manage_groups=True)


def _enter(door, name: str, password: str):
    data = {"username": name, "password": password}
    return asyncio.run(door.get_authenticated_user(None, data))


def test_a_password_opens_the_users_own_dashboard_only(door):
    known = _enter(door, " Anna ", WORD)
    assert (known["name"], known["groups"], known["admin"]) == ("anna", ["alfa-viewer"], False)


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong"), ("nobody", WORD), ("by.oauth@example.jp", "")]
)
def test_everybody_else_is_refused_after_a_pause(door, name, password):
    import time

    began = time.monotonic()
    assert _enter(door, name, password) is None
    assert time.monotonic() - began > 0.2


def test_a_user_taken_out_loses_the_group_at_the_next_look(door, tmp_path):
    anna = SimpleNamespace(name="anna")
    assert asyncio.run(door.refresh_user(anna))["groups"] == ["alfa-viewer"]
    remove_user(tmp_path, "alfa", "anna")
    assert asyncio.run(door.refresh_user(anna))["groups"] == []


def test_an_admin_is_in_a_group_that_may_read_and_never_the_hubs_own_admin():
    assert groups_of(User("a", "alfa", "viewer", admin=True)) == ["alfa-viewer", ADMINS]
    assert groups_of(None) == []


def test_another_login_service_says_who_and_the_users_say_what(tmp_path):
    class Known(Authenticator):
        async def authenticate(self, handler, data):
            return data["as"]

    mixed = type("Mixed", (Placed, Known), {})
    told = {"bravo": [{"name": "by.oauth@example.jp", "role": "manager"}]}
    door = mixed(state=str(tmp_path), told=told, allow_all=True, manage_groups=True)
    entered = asyncio.run(door.get_authenticated_user(None, {"as": "by.oauth@example.jp"}))
    assert entered["groups"] == ["bravo-manager"]
    assert asyncio.run(door.get_authenticated_user(None, {"as": "stranger"})) is None
