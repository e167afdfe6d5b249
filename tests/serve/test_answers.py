from __future__ import annotations

import pytest

from joren.serve import choices, cubes, people, views


@pytest.fixture
def ask(tables, tmp_path, content):
    """A function from a role's choices to an answer."""

    def of(role: str):
        folder = tmp_path / role
        folder.mkdir(exist_ok=True)
        made = cubes.build(tables, folder, role)
        people.write_members(tables, folder)
        choices.add_views(content, folder, tables, [*made, "members"])

        def asked(name, **chosen):
            values = views.first_choice(content["views"][name]) | chosen
            return views.answer(folder, content, name, values)

        return asked

    return of


def test_purchases_of_a_channel_and_segment_are_told_as_the_table_says(ask):
    told = ask("analyst")("activity", channel="pos", segment="new")
    assert told["state"]["en"] == (
        "Mar 2026 to Mar 2026, shop, new: 5 purchases worth ¥5,000 by known customers "
        "(a full count)."
    )
    assert told["rows"]["ja"] == [["2026年3月", "5", "5", "¥5,000"]]
    assert told["chart"]["values"] == [5000.0]
    assert told["words"] == [True, False, False, False]


def test_a_period_chosen_backwards_is_read_forwards(ask):
    told = ask("analyst")("activity", **{"from": "2026-03", "to": "2026-03"})
    assert told["rows"]["en"] == [["Mar 2026", "20", "20", "¥20.0K"]]


def test_a_hidden_cell_is_a_dash_and_the_sentence_says_why(ask):
    told = ask("viewer")("activity", channel="ec")
    assert told["rows"]["en"] == [["Mar 2026", "–", "–", "–"]]
    assert told["chart"]["values"] == [None]
    assert "hidden" in told["state"]["en"]


def test_moves_leave_those_who_stayed_to_the_table(ask):
    told = ask("analyst")("moves")
    assert told["rows"]["en"] == [
        ["new", "loyal", "12"], ["new", "new", "6"], ["not yet a customer", "new", "2"],
    ]  # fmt: skip
    assert told["chart"]["labels"]["en"] == ["new → loyal", "not yet a customer → new"]
    assert "14 customers" in told["state"]["en"]


def test_routes_stand_beside_those_of_another_group_and_one_touchpoint_can_be_picked(ask):
    asked = ask("analyst")
    told = asked("routes", against="first_channel:ec")
    assert told["rows"]["en"] == [
        ["First order (shop)", "Repeat order (shop)", "9", "30", "60.0 %", "–"],
        ["Start", "First order (shop)", "17", "17", "85.0 %", "100.0 %"],
    ]
    assert [node["column"] for node in told["chart"]["nodes"]] == [2, 3, 0]
    picked = asked("routes", touchpoint="(start)")
    assert len(picked["rows"]["en"]) == 1 and picked["chart"]["picked"] == "(start)"


def test_expected_value_by_class(ask):
    told = ask("analyst")("worth", channel="ec")
    assert told["rows"]["en"] == [["¥1,000 – ¥3,000", "3", "¥6,000", "¥3,000"]]
    assert "3 customers" in told["state"]["en"] and "¥6,000" in told["state"]["en"]


def test_ends_ahead_add_up_the_probabilities(ask):
    told = ask("analyst")("watch")
    assert told["rows"]["en"] == [["30–40 %", "9", "2.7"], ["0–10 %", "11", "0.4"]]
    assert "20 running subscriptions, of which 3.1" in told["state"]["en"]


def test_an_effect_has_its_interval_and_grade_and_a_small_segment_is_hidden_from_viewers(ask):
    told = ask("analyst")("effects")
    assert told["rows"]["en"] == [
        ["everybody", "¥120", "¥20 – ¥220", "10", "10", "A"],
        ["channel: web store", "−¥40", "−¥300 – ¥220", "3", "3", "A"],
    ]
    assert told["chart"]["points"][0] == {"mid": 120.0, "low": 20.0, "high": 220.0, "grade": "A"}
    hidden = ask("viewer")("effects")["rows"]["en"][1]
    assert hidden == ["channel: web store", "–", "– – –", "–", "–", "A"]


def test_a_kpi_that_was_not_measured_is_said_to_be_so(ask):
    told = ask("analyst")("effects", campaign="C1", metric="revenue")
    assert told["chart"]["values"] == [120.0, -40.0]


def test_lists_show_masked_customers_by_priority(ask):
    told = ask("analyst")("members")
    assert [row[0] for row in told["rows"]["en"]] == ["•••• t-01", "•••• t-00"]
    assert told["rows"]["en"][0][1:] == ["2 Apr 2026", "LINE", "hold_out", told["rows"]["en"][0][4]]


def test_points_about_to_lapse(ask):
    asked = ask("analyst")
    assert asked("expiry", grain="day")["rows"]["en"] == [["1 Apr 2026", "7", "70"]]
    assert "1,300 points" in asked("expiry", grain="month")["state"]["en"]
