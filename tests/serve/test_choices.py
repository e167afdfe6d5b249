from __future__ import annotations

from joren.serve import choices, cubes, people


def _add(tables, folder, content, role="analyst"):
    made = cubes.build(tables, folder, role)
    if role != "viewer" and people.write_members(tables, folder):
        made.append("members")
    choices.add_views(content, folder, tables, made)
    return content


def test_every_filter_lists_what_the_run_knows_in_both_languages(tables, tmp_path, content):
    views = _add(tables, tmp_path, content)["views"]
    channel = views["activity"]["filters"][2]
    assert [one["value"] for one in channel["options"]] == ["", "ec", "pos"]
    assert channel["options"][0]["ja"] == "全チャネル"
    assert views["effects"]["filters"][1]["options"][0]["en"] == "revenue per customer"
    assert [one["value"] for one in views["routes"]["filters"][0]["options"]] == [
        "all", "first_channel:ec",
    ]  # fmt: skip
    for view in views.values():
        for one in view["filters"]:
            assert 0 <= one["start"] < len(one["options"])


def test_every_picture_stands_with_its_first_answer(tables, tmp_path, content):
    views = _add(tables, tmp_path, content)["views"]
    assert views["stock"]["first"]["rows"]["en"] == [
        ["new", "8", "40.0 %"],
        ["loyal", "12", "60.0 %"],
    ]
    assert views["expiry"]["first"]["rows"]["ja"][0] == ["2026年7月", "9", "900"]


def test_a_viewer_is_offered_no_list_of_customers(tables, tmp_path, content):
    assert "members" not in _add(tables, tmp_path, content, "viewer")["views"]
