from __future__ import annotations

from joren.serve import names


def test_codes_are_called_as_the_report_calls_them():
    assert names.segment("joren", "loyal")["ja"] == "優良"
    assert names.touchpoint("order:first:pos")["en"] == "First order (shop)"
    assert names.touchpoint("(start)")["en"] == "Start"
    assert names.touchpoint("line_add")["en"] == "LINE friend added"
    assert names.group("first_channel:ec")["en"] == "First channel: web store"
    assert names.effect_segment("all")["ja"] == "全体"
    assert names.effect_segment("recency:31-90d")["en"] == "last purchase: 31-90 days ago"


def test_what_has_no_name_keeps_its_own():
    own = {"ja": "鳥取店", "en": "鳥取店"}
    assert names.channel("鳥取店") == own
    assert names.touchpoint("event:茶会") == {"ja": "茶会", "en": "茶会"}
    assert names.effect_segment("silent")["en"] == "stratum: silent"
