from tests.routes.graphs import graph_of_edges

from joren.routes.backbone import backbone
from joren.routes.overview import (
    common_routes,
    goal_routes,
    main_way,
    route_note,
    touchpoint_note,
)
from joren.routes.paths import join
from joren.text.formats import format_value


def test_a_touchpoint_is_written_in_the_readers_language():
    note = touchpoint_note("order:first:pos")
    assert format_value(note, "", "ja", "JPY") == "初回購入(店舗)"
    assert format_value(note, "", "en", "JPY") == "First order (shop)"


def test_a_route_is_written_with_arrows_whatever_its_names_hold():
    assert route_note(join(["a > b", "site_visit"])).texts["en"] == "a > b → Site visit"


def test_common_routes_come_with_shares_most_common_first(rows):
    paths = rows([
        {"path": path, "group_name": group, "customers": n, "share": 0.1, "converted": 1,
         "churned": 2, "mean_ltv": 1.0, "lower": 0.0, "upper": 2.0}
        for path, group, n in (("a", "all", 2), ("b", "all", 4), ("c", "all", 2), ("d", "x", 9))
    ])  # fmt: skip
    found = common_routes(paths, 2)

    assert found.path.tolist() == ["b", "a"]
    assert found.churned.tolist() == [0.5, 1]


def test_the_main_way_is_told_with_its_rarest_step():
    found = backbone(graph_of_edges(("(start)", "site_visit", 9), ("site_visit", "(end)", 7)))
    key, facts = main_way(found)

    assert key == "routes.main_way"
    assert (facts["value"], facts["way"].texts["ja"]) == (7, "サイト訪問")


def test_ways_to_each_goal_are_named_and_none_is_no_error(rows):
    paths = rows([
        {"path": path, "group_name": group, "customers": n, "share": 0.1, "converted": 1,
         "churned": 2, "mean_ltv": 1.0, "lower": 0.0, "upper": 2.0}
        for path, group, n in (("a", "all", 9), ("b", "goal:order:2", 4), ("c", "goal:order:2", 2))
    ])  # fmt: skip
    found = goal_routes(paths, 1)

    assert found.path.tolist() == ["b"]
    assert found.goal[0].texts == {"ja": "2 回目の購入", "en": "Second order"}
    assert found.converted.tolist() == [0.25]
    assert goal_routes(paths.filter(paths.group_name == "all"), 1).empty
