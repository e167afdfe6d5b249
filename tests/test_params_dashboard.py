from __future__ import annotations

import pytest
from pydantic import ValidationError

from joren.params_dashboard import Dashboard, User


def test_a_dashboard_without_users_has_the_houses_limits():
    own = Dashboard()
    assert (own.users, own.pages, own.memory_megabytes, own.idle_minutes) == ([], 20, 512, 15)


@pytest.mark.parametrize("wrong", [{"role": "owner"}, {"name": "A b"}, {"name": "../x"}])
def test_a_user_has_a_plain_name_and_a_role_there_is(wrong):
    with pytest.raises(ValidationError):
        User(**({"name": "anna"} | wrong))


def test_a_plain_password_is_refused_and_not_repeated(toy):
    toy.params(dashboard={"users": [{"name": "anna", "password": "hunter2hunter2"}]})
    done = toy.joren("status", "toy")
    assert done.returncode == 2
    assert "dashboard.users.0.password" in done.stderr and "joren user" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


def test_a_target_names_a_figure_that_is_shown_large():
    assert Dashboard(targets={"ltv.repeat_rate": 0.35}).targets == {"ltv.repeat_rate": 0.35}
    with pytest.raises(ValidationError, match="no figure the report shows large"):
        Dashboard(targets={"ltv.repeat_rat": 0.35})
