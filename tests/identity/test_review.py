"""The queue by what a verdict may move, the evidence, and the desk that writes verdicts."""

import json
from datetime import datetime

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.review import customer_worth, review_queue, side_by_side, waterfall
from joren.identity.review_desk import ReviewDesk
from joren.identity.verdicts import as_log, new_verdict

EVIDENCE = json.dumps({"phone": "same", "name": "different", "gender": "unknown"})
WEIGHED = json.dumps({"weights": {"prior": -9.5, "phone": 12.0, "gender": 0.0, "given": -1.5}})


def edge(left: str, right: str, p: float, decision: str = "review") -> dict:
    return {
        "left_source": "pos", "left_source_id": left, "right_source": "web",
        "right_source_id": right, "rule": "phone_alone", "match_probability": p, "weight": 1.0,
        "evidence": EVIDENCE, "decision": decision,
    }  # fmt: skip


def table(con, name: str, rows: list[dict], schema: pa.Schema | None = None):
    return con.create_table(name, pa.Table.from_pylist(rows, schema), overwrite=True)


def queued(edges: list[dict], worth: dict[str, float], said=()) -> list[dict]:
    con = connect()
    ends = {(e[f"{s}_source"], e[f"{s}_source_id"]) for e in edges for s in ("left", "right")}
    owners = [{"source": s, "source_id": i, "customer_id": f"C{i}"} for s, i in sorted(ends)]
    prices = [{"customer_id": c, "worth": w} for c, w in worth.items()]
    log = con.create_table("log", as_log(said)) if said else None
    found = review_queue(
        table(con, "edges", edges), table(con, "map", owners), table(con, "worth", prices), log
    )
    return found.to_pyarrow().to_pylist()


def test_the_most_at_stake_comes_first_and_what_is_settled_not_at_all():
    edges = [
        edge("1", "11", 0.5), edge("2", "12", 0.9), edge("3", "13", 0.99),
        edge("4", "14", 0.5, "link"),
    ]  # fmt: skip
    worth = {f"C{n}": 1000.0 for n in (1, 11, 2, 12)} | {"C3": 9000.0, "C13": 8000.0}
    found = queued(edges, worth)
    assert [row["left_source_id"] for row in found] == ["1", "2", "3"]
    assert [row["stake"] for row in found] == pytest.approx([1000, 360, 4 * 0.99 * 0.01 * 8000])


def test_a_pair_once_decided_is_gone_and_one_left_unsure_comes_last():
    edges = [edge("1", "11", 0.5), edge("2", "12", 0.5), edge("3", "13", 0.5)]
    at = datetime(2026, 4, 1)
    said = [
        new_verdict(("pos", "1"), ("web", "11"), "different", "a", "", at),
        new_verdict(("web", "12"), ("pos", "2"), "unsure", "a", "", at),
    ]
    found = queued(edges, {"C2": 500.0, "C12": 500.0}, said)
    assert [(row["left_source_id"], row["unsure"]) for row in found] == [("3", False), ("2", True)]


def test_worth_is_ltv_where_it_is_known_plus_points():
    con = connect()
    spent = table(con, "spent", [{"customer_id": "A", "value": 500.0}])
    points = table(con, "points", [{"customer_id": "A", "balance": 30}])
    ltv = {"customer_id": "A", "ltv_365d": 70.0}
    forecast = table(con, "ltv", [ltv])
    assert customer_worth(spent, forecast, points, 2).worth.execute()[0] == 70 + 60
    nobody = forecast.filter(forecast.customer_id == "")
    assert customer_worth(spent, nobody, points, 2).worth.execute()[0] == 500 + 60


def test_the_waterfall_adds_up_and_leaves_out_what_says_nothing():
    steps = waterfall({"evidence": WEIGHED})
    assert [(s.field, s.weight, s.total) for s in steps] == [
        ("prior", -9.5, -9.5), ("phone", 12.0, 2.5), ("given", -1.5, 1.0),
    ]  # fmt: skip
    told = waterfall({"evidence": EVIDENCE})
    assert [(s.field, s.relation, s.weight) for s in told] == [
        ("phone", "same", None), ("name", "different", None),
    ]  # fmt: skip


RECORDS = {
    ("pos", "1"): {"full_name": "佐藤 花子", "phone": "090-1111-2222"},
    ("web", "11"): {"family_name": "佐藤", "given_name": "<b>葵", "phone": "09011112222"},
}


def test_records_stand_side_by_side_masked():
    rows = side_by_side(edge("1", "11", 0.5), RECORDS)
    assert rows == [
        ("full_name", "佐••• 花•••", "佐••• <•••", "different"),
        ("phone", "090•••22", "090•••22", "same"),
    ]


@pytest.fixture
def written() -> list[dict]:
    return []


def desk_of(pairs: list[dict], write) -> ReviewDesk:
    return ReviewDesk(
        [pair | {"stake": 10.0, "unsure": False} for pair in pairs], RECORDS, write,
        actor="mika", language="en", currency="JPY", clock=lambda: datetime(2026, 4, 1, 9),
    )  # fmt: skip


def shown(desk: ReviewDesk) -> str:
    return "".join(getattr(child, "value", "") for child in desk.view.children)


def test_a_button_writes_its_verdict_and_shows_the_next_pair(written):
    desk = desk_of([edge("1", "11", 0.5), edge("2", "12", 0.5)], written.append)
    assert "Pair 1 of 2" in shown(desk)
    for clear in ("花子", "2222", "<b>"):
        assert clear not in shown(desk).replace("<p>", "")
    desk.buttons["different"].click()
    assert [(v["left_source_id"], v["verdict"], v["actor"]) for v in written] == [
        ("1", "different", "mika")
    ]
    assert "Pair 2 of 2" in shown(desk)
    desk.back()
    desk.buttons["same"].click()
    desk.buttons["unsure"].click()
    assert [v["verdict"] for v in written] == ["different", "same", "unsure"]
    assert "All 2 pairs are reviewed" in shown(desk)
    assert all(button.disabled for button in desk.buttons.values())


def test_a_failure_is_told_without_values_or_source():
    def broken(_: dict) -> None:
        raise OSError("/home/secret: 佐藤 花子")

    desk = desk_of([edge("1", "11", 0.5)], broken)
    desk.buttons["same"].click()
    assert "OSError" in shown(desk)
    assert "secret" not in shown(desk)
    assert "Pair 1 of 1" in shown(desk)


def test_pairs_the_model_weighed_come_with_a_chart(written):
    weighed = edge("1", "11", 0.5) | {"evidence": WEIGHED}
    assert "<svg" in shown(desk_of([weighed], written.append))
    assert "<svg" not in shown(desk_of([edge("1", "11", 0.5)], written.append))
