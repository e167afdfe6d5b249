from __future__ import annotations

import json

import pytest

from joren.errors import JorenError, ParameterError
from joren.serve.users import (
    User,
    add_user,
    all_users,
    hash_password,
    is_name,
    password_fits,
    read_users,
    remove_user,
    users_file,
)

WORD = "a long enough word"


def test_a_password_fits_its_own_hash_only():
    hashed = hash_password(WORD)
    assert password_fits(WORD, hashed)
    assert not password_fits(WORD + " ", hashed)
    assert not password_fits(WORD, None)


def test_a_hash_holds_no_password_and_differs_each_time():
    first, second = hash_password(WORD), hash_password(WORD)
    assert first != second and WORD not in first
    assert first.startswith("scrypt$32768$8$1$")


def test_a_short_password_is_refused():
    with pytest.raises(ParameterError, match="fewer than 10"):
        hash_password("123456789")


def test_a_user_is_kept_in_a_file_only_its_owner_reads(tmp_path):
    path = add_user(tmp_path, User("anna", "alfa", "viewer", "scrypt$x"))
    assert path == tmp_path / "alfa" / "secrets" / "users"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read_users(tmp_path, "alfa") == [User("anna", "alfa", "viewer", "scrypt$x")]


def test_a_user_written_again_takes_the_old_ones_place(tmp_path):
    add_user(tmp_path, User("anna", "alfa", "viewer", "scrypt$x"))
    add_user(tmp_path, User("bert", "alfa", "manager", "scrypt$y"))
    add_user(tmp_path, User("anna", "alfa", "analyst", "scrypt$z"))
    assert [(u.name, u.role) for u in read_users(tmp_path, "alfa")] == [
        ("anna", "analyst"),
        ("bert", "manager"),
    ]


def test_a_user_taken_out_is_gone_and_one_who_was_not_there_is_said_so(tmp_path):
    add_user(tmp_path, User("anna", "alfa", "viewer"))
    assert remove_user(tmp_path, "alfa", "anna")
    assert not remove_user(tmp_path, "alfa", "anna")
    assert read_users(tmp_path, "alfa") == []


def test_users_that_others_can_read_are_refused(tmp_path):
    add_user(tmp_path, User("anna", "alfa", "viewer")).chmod(0o640)
    with pytest.raises(JorenError, match="others can read the users"):
        read_users(tmp_path, "alfa")


@pytest.mark.parametrize("content", ["{", '[{"nme": "anna"}]', "[1]"])
def test_damaged_users_are_an_error_that_names_the_file(tmp_path, content):
    path = users_file(tmp_path, "alfa")
    path.parent.mkdir(parents=True)
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(JorenError, match="the users cannot be read") as refused:
        read_users(tmp_path, "alfa")
    assert refused.value.where == str(path)


def test_a_password_made_later_wins_over_the_parameters(tmp_path):
    told = {"alfa": [{"name": "anna", "role": "manager", "password": None, "admin": False}]}
    assert all_users(tmp_path, told)["anna"].role == "manager"
    add_user(tmp_path, User("anna", "alfa", "viewer", "scrypt$x"))
    assert all_users(tmp_path, told)["anna"] == User("anna", "alfa", "viewer", "scrypt$x")
    assert json.loads(users_file(tmp_path, "alfa").read_text())[0]["password"] == "scrypt$x"


def test_a_name_of_two_clients_is_refused(tmp_path):
    add_user(tmp_path, User("anna", "alfa", "viewer"))
    add_user(tmp_path, User("anna", "bravo", "viewer"))
    with pytest.raises(ParameterError, match="two clients: alfa and bravo"):
        all_users(tmp_path, {"alfa": [], "bravo": []})


def test_a_dashboard_is_of_a_client_and_role():
    assert User("anna", "alfa", "analyst").door == "alfa-analyst"


@pytest.mark.parametrize("name", ["anna", "a.b@example.jp", "0"])
def test_names_may_be_addresses(name):
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "Anna", "../x", "a b", "-a", "a/b", "x" * 65, "anna\n"])
def test_names_hold_nothing_a_path_or_a_page_could_take_wrong(name):
    assert not is_name(name)
