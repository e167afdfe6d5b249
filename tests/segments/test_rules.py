"""A client's own segments: trees of conditions, and what is wrong with those not understood."""

from __future__ import annotations

import ibis
import pytest

from joren.engine import connect
from joren.errors import ParameterError
from joren.segments.rules import members_of, overlaps

PROFILE = {
    "customer_id": ["a", "b", "c", "d"],
    "total": [100, 50_000, 90_000, None],
    "status": ["new", "loyal", "dormant", "new"],
    "consents": [["email"], [], ["email", "dm"], []],
}


@pytest.fixture
def profile():
    return connect().create_table("profile", ibis.memtable(PROFILE).to_pyarrow())


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ({"total": {"at_least": 50_000}}, "bc"),
        ({"total": {"above": 100, "below": 90_000}}, "b"),
        ({"all": [{"total": {"at_least": 50_000}}, {"status": {"is": "loyal"}}]}, "b"),
        ({"any": [{"total": {"at_least": 90_000}}, {"status": {"in": ["new"]}}]}, "acd"),
        ({"not": {"status": {"is": "new"}}}, "bc"),
        ({"not": {"total": {"at_least": 50_000}}}, "a"),
        ({"consents": {"has": "email"}}, "ac"),
        ({"all": [{"any": [{"status": {"is": "new"}}]}, {"consents": {"has": "email"}}]}, "a"),
    ],
)
def test_rules_choose_their_customers(profile, rule, members):
    found = members_of(rule, profile, "x").customer_id.to_pyarrow().to_pylist()
    assert sorted(found) == sorted(members)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"totl": {"is": 1}}, "did you mean `total`"),
        ({"total": {"atleast": 1}}, "did you mean `at_least`"),
        ({"total": {"at_least": 1}, "status": {"is": "x"}}, "exactly one key"),
        ({"all": []}, "needs a list"),
        ({"all": [{"total": {}}]}, "no condition"),
        ({"total": {"at_least": "many"}}, "does not fit"),
    ],
)
def test_a_rule_that_is_not_understood_names_the_place_and_the_nearest_name(profile, rule, message):
    with pytest.raises(ParameterError) as error:
        members_of(rule, profile, "segments.custom.vip")
    assert message in f"{error.value.what} {error.value.remedy}"
    assert error.value.where.startswith("segments.custom.vip")


def test_overlaps_count_shared_customers(profile):
    rules = {"rich": {"total": {"at_least": 50_000}}, "mail": {"consents": {"has": "email"}}}
    rows = overlaps(rules, profile).to_pyarrow().to_pylist()
    counts = {(row["left"], row["right"]): row["customers"] for row in rows}
    assert counts[("rich", "mail")] == counts[("mail", "rich")] == 1
    assert (counts[("rich", "rich")], counts[("mail", "mail")]) == (2, 2)
