from __future__ import annotations

import pytest

from joren.errors import JorenError
from joren.serve import roles


def test_each_role_sees_what_the_one_before_sees_and_more():
    sees = [(roles.sees_people(role), roles.sees_exports(role)) for role in roles.ROLES]
    assert sees == [(False, False), (True, False), (True, True)]


def test_a_role_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(JorenError, match="no role 'admin'") as refused:
        roles.known_role("admin")
    assert "viewer, analyst, manager" in refused.value.remedy
