"""Survivorship rules come from the parameters; a wrong one is named with what is allowed."""

from pathlib import Path

import pytest

from joren.errors import ParameterError
from joren.params import load_client

BASE = """client: shop
title: {ja: 店, en: Shop}
sources:
  pos: {format: csv, orders: x.csv}
  web: {format: csv, orders: x.csv}
"""


def load(tmp_path: Path, rules: str, base: str = BASE):
    path = tmp_path / "shop.yaml"
    path.write_text(f"{base}identity:\n  survivorship:\n    {rules}\n", encoding="utf-8")
    return load_client(str(path)).params.identity.survivorship


def test_fields_not_named_keep_the_newest_value(tmp_path):
    found = load(tmp_path, "{email: [web, pos], address: longest}")
    assert found.email == ("web", "pos")
    assert (found.address, found.phone, found.full_name) == ("longest", "newest", "newest")
    assert list(found.trusted()) == [("email", "web"), ("email", "pos")]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("phone: newst", "`identity.survivorship.phone` is 'newst'"),
        ("phone: newst", "choose newest, oldest, most_frequent, or list sources"),
        ("phone: newst", "did you mean newest?"),
        ("phone: longest", "choose newest, oldest, most_frequent, or"),
        ("address: widest", "choose newest, oldest, most_frequent, longest, or"),
        ("email: []", "`identity.survivorship.email` is []"),
        ("email: [web, web]", "sources once each"),
        ("email: 3", "`identity.survivorship.email` is 3"),
        ("emial: newest", "Did you mean `email`"),
        ("email: [wep, pos]", "names 'wep', which is no source"),
        ("email: [wep, pos]", "Did you mean web"),
    ],
)
def test_a_wrong_rule_is_named_with_what_is_allowed(tmp_path, rules, message):
    with pytest.raises(ParameterError) as caught:
        load(tmp_path, rules)
    assert message in str(caught.value)
    assert "line 8" in str(caught.value)


def test_sources_that_stand_in_the_rows_may_be_trusted(tmp_path):
    tables = BASE + "  crm: {format: tables, path: crm}\n"
    assert load(tmp_path, "email: [app]", tables).email == ("app",)
    mapped = BASE + "  crm: {format: csv, orders: {path: x.csv, columns: {source: 店}}}\n"
    assert load(tmp_path, "email: [app]", mapped).email == ("app",)
