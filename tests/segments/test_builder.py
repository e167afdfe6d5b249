"""The segment builder, button by button, without a browser."""

from __future__ import annotations

import ibis
import pytest

from joren.engine import connect
from joren.segments.builder import SegmentBuilder

PROFILE = {
    "customer_id": ["a", "b", "c", "d"],
    "total": [100, 50_000, 90_000, 400],
    "status": ["new", "loyal", "dormant", "<b>"],
    "consents": [["email"], [], ["email", "dm"], []],
}


@pytest.fixture
def desk():
    saved = {}
    profile = connect().create_table("profile", ibis.memtable(PROFILE).to_pyarrow())

    def save(name, rule):
        saved[name] = rule
        return "shop.yaml"

    existing = {"rich": {"total": {"at_least": 50_000}}}
    builder = SegmentBuilder(profile, existing, save, "en")
    builder.saved = saved
    return builder


def _fill(condition, measure, how, value):
    condition.measure.value = measure
    condition.condition.value = how
    condition.value.value = value


def test_the_count_follows_every_change(desk):
    assert "Fill in" in desk.count.value
    first = desk.root.parts[0]
    _fill(first, "total", "at_least", "50,000")
    assert desk.count.value == "2 customers (50.0 % of all)"
    desk.root.add_condition.click()
    _fill(desk.root.parts[1], "consents", "has", "email")
    assert desk.count.value.startswith("1 customers")
    desk.root.how.value = "any"
    assert desk.count.value.startswith("3 customers")
    desk.root.negated.value = True
    assert desk.count.value.startswith("1 customers")
    desk.root.parts[1].remove.click()
    assert desk.root.rule() == {"not": {"total": {"at_least": 50_000}}}


def test_groups_nest_and_the_overlap_with_other_segments_is_shown(desk):
    _fill(desk.root.parts[0], "consents", "has", "email")
    desk.root.add_group.click()
    inner = desk.root.parts[1]
    inner.add_condition.click()
    _fill(inner.parts[0], "status", "in", "loyal, dormant")
    assert desk.root.rule() == {
        "all": [{"consents": {"has": "email"}}, {"status": {"in": ["loyal", "dormant"]}}]
    }
    assert "rich" in desk.shared.value and ">1<" in desk.shared.value


def test_a_rule_is_saved_under_a_plain_name_only(desk):
    _fill(desk.root.parts[0], "status", "is", "loyal")
    desk.name.value = "../x"
    desk.keep.click()
    assert desk.saved == {}
    assert "<em>" in desk.note.value
    desk.name.value = "loyal_ones"
    desk.keep.click()
    assert desk.saved == {"loyal_ones": {"status": {"is": "loyal"}}}


def test_what_is_typed_is_shown_as_text_and_a_word_is_no_number(desk):
    _fill(desk.root.parts[0], "total", "at_least", "<img src=x>")
    assert "<img" not in desk.count.value
    assert "is no number" in desk.count.value
