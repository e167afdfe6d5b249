"""The subscription shop's files."""

import csv


def _rows(client, name: str) -> list[dict[str, str]]:
    with (client.folder / "teiki" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_subscription_has_its_orders_counted_from_one(client):
    counts: dict[str, list[int]] = {}
    for row in _rows(client, "orders.csv"):
        counts.setdefault(row["定期受注番号"], []).append(int(row["定期回数"]))
    courses = {row["定期受注番号"]: row for row in _rows(client, "subscriptions.csv")}
    assert set(counts) == set(courses)
    for number, seen in counts.items():
        assert sorted(seen) == list(range(1, len(seen) + 1))
        assert 1 <= int(courses[number]["定期回数"]) <= len(seen)


def test_an_ended_subscription_says_when_and_why(client):
    states = set()
    for row in _rows(client, "subscriptions.csv"):
        states.add(row["ステータス"])
        told = {
            "有効": not row["停止日"] and not row["キャンセル日"],
            "停止": bool(row["停止日"] and row["停止理由"]),
            "キャンセル": bool(row["キャンセル日"] and row["キャンセル理由"]),
        }
        assert told[row["ステータス"]]
    assert {"有効", "キャンセル"} <= states


def test_tax_rates_add_up(client):
    for row in _rows(client, "orders.csv"):
        assert int(row["合計8%"]) + int(row["合計10%"]) == int(row["合計"])
        assert int(row["小計8%"]) + int(row["小計10%"]) == int(row["小計"])
