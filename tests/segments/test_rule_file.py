"""A segment into the parameter file."""

from __future__ import annotations

import pytest

from joren.errors import ParameterError
from joren.params import load_client
from joren.segments.rule_file import save_segment

FILE = """\
# the shop's parameters
client: shop
title: {ja: 店, en: Shop}   # shown on the cover
sources:
  web: {format: tables, path: x}
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(FILE, encoding="utf-8")
    return file


def test_the_rule_stands_in_the_file_and_its_comments_stay(path):
    rule = {"all": [{"total": {"at_least": 50_000}}, {"not": {"status": {"is": "new"}}}]}
    assert save_segment(path, "vip", rule) == "shop.yaml: segments.custom.vip"
    assert load_client(str(path)).params.segments.custom == {"vip": rule}
    written = path.read_text(encoding="utf-8")
    assert "# the shop's parameters" in written
    assert "# shown on the cover" in written
    save_segment(path, "new_ones", {"status": {"is": "new"}})
    assert list(load_client(str(path)).params.segments.custom) == ["vip", "new_ones"]


def test_a_file_that_is_not_valid_stays_as_it_was(path):
    path.write_text(FILE + "segmnts: {}\n", encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    with pytest.raises(ParameterError):
        save_segment(path, "vip", {"total": {"above": 1}})
    assert path.read_text(encoding="utf-8") == before
    assert [p.name for p in path.parent.iterdir()] == ["shop.yaml"]
