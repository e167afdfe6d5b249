"""Expiry policies, to the second."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from joren.errors import ParameterError
from joren.points.expiry import rule_expiry


@pytest.mark.parametrize(
    ("policy", "granted", "expires"),
    [
        ({"policy": "fixed", "months": 12}, "2024-02-29 10:30:00", datetime(2025, 2, 28, 10, 30)),
        ({"policy": "fixed", "days": 30}, "2024-02-29 10:30:00", datetime(2024, 3, 30, 10, 30)),
        ({"policy": "fiscal_year_end", "month": 3}, "2024-03-31 23:59:59", datetime(2024, 4, 1)),
        ({"policy": "fiscal_year_end", "month": 3}, "2024-04-01 00:00:00", datetime(2025, 4, 1)),
        ({"policy": "fiscal_year_end", "month": 12}, "2024-04-01 00:00:00", datetime(2025, 1, 1)),
        ({"policy": "sliding", "days": 30}, "2024-02-29 10:30:00", datetime(2024, 3, 30, 10, 30)),
        ({"policy": "none"}, "2024-04-01 00:00:00", None),
    ],
)
def test_points_are_valid_up_to_this_moment(policy, granted, expires):
    moment = rule_expiry(policy, f"TIMESTAMP '{granted}'")
    assert duckdb.sql(f"SELECT {moment}").fetchall() == [(expires,)]


@pytest.mark.parametrize(
    "policy",
    [
        {"policy": "at_random", "days": 30},
        {"policy": "fixed"},
        {"policy": "fixed", "months": 0},
        {"policy": "fixed", "months": "1); DROP"},
        {"policy": "fiscal_year_end", "month": 13},
    ],
)
def test_a_policy_that_is_not_understood_is_refused(policy):
    with pytest.raises(ParameterError):
        rule_expiry(policy, "granted")
