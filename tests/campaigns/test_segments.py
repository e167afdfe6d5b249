from datetime import datetime, timedelta

import pyarrow as pa
from tests.campaigns.handmade import AS_OF, START, Tables, known, order

from joren.campaigns.outcomes import order_facts
from joren.campaigns.segments import ORDER, kind_of, with_segments

BEGIN = datetime(2026, 2, 1)


def segments(orders: list[dict], *names: str, stratum: str = "new") -> dict[str, dict]:
    tables = Tables(orders=orders, identity_map=known(*names))
    facts = order_facts(tables("canonical/orders"), tables("identity_map"), 0.4, AS_OF)
    rows = [
        {"campaign_id": "C1", "customer_id": name, "arm": "control", "stratum": stratum}
        for name in names
    ]
    people = tables.con.create_table("people", pa.Table.from_pylist(rows))
    starts = tables.con.create_table("starts", {"campaign_id": ["C1"], "starts_on": [BEGIN]})
    rows = with_segments(people, starts, facts).to_pyarrow().to_pylist()
    return {row["customer_id"]: row for row in rows}


def test_what_happens_after_the_start_tells_nobody_apart():
    before = [order("a", BEGIN - timedelta(days=10))]
    after = [order("a", BEGIN + timedelta(days=d), channel="pos") for d in range(5)]
    assert segments(before + after, "a") == segments(before, "a")


def test_how_often_and_how_recently():
    orders = [
        *[order("often", BEGIN - timedelta(days=d)) for d in (31, 60, 90, 120)],
        order("once", BEGIN - timedelta(days=30)),
        order("long", BEGIN - timedelta(days=181)),
    ]
    found = segments(orders, "often", "once", "long", "never")
    assert {name: row["frequency"] for name, row in found.items()} == {
        "often": "frequency:4+", "once": "frequency:1", "long": "frequency:1",
        "never": "frequency:0",
    }  # fmt: skip
    assert {name: row["recency"] for name, row in found.items()} == {
        "often": "recency:31-90d", "once": "recency:0-30d", "long": "recency:181d+",
        "never": "recency:never",
    }  # fmt: skip
    assert found["never"]["channel"] == "channel:none"


def test_channels_of_few_customers_are_one():
    orders = [order(f"w{i}", BEGIN - timedelta(days=1)) for i in range(20)]
    orders.append(order("p", BEGIN - timedelta(days=1), channel="pos"))
    found = segments(orders, *[f"w{i}" for i in range(20)], "p")
    assert found["w0"]["channel"] == "channel:web"
    assert found["p"]["channel"] == "channel:other"


def test_the_channel_is_that_of_the_last_order_whatever_the_order_of_rows():
    at = BEGIN - timedelta(days=3)
    two = [order("a", at, order_id="1", channel="web"), order("a", at, order_id="2", channel="pos")]
    many = [order(f"x{i}", at, channel="pos") for i in range(20)]
    names = ["a", *[f"x{i}" for i in range(20)]]
    assert segments(two + many, *names)["a"] == segments(two[::-1] + many, *names)["a"]
    assert segments(two + many, *names)["a"]["channel"] == "channel:pos"


def test_past_spend_ranks_within_the_campaign_and_equals_share_a_rank():
    orders = [order(f"c{i}", BEGIN - timedelta(days=1), amount=1000 * (i + 1)) for i in range(10)]
    found = segments(orders, *[f"c{i}" for i in range(10)])
    ranks = [found[f"c{i}"]["rank"] for i in range(10)]
    assert ranks == ["rank:lower_half"] * 5 + ["rank:upper"] * 3 + ["rank:top_fifth"] * 2
    same = segments([], "a", "b")
    assert same["a"]["rank"] == same["b"]["rank"]


def test_a_segments_kind_is_in_its_name_and_a_bare_word_is_a_stratum():
    assert [kind_of(name) for name in ("all", "new", "channel:web", *ORDER[:1])] == [
        "all", "stratum", "channel", "recency",
    ]  # fmt: skip
    assert kind_of("地区:東") == "stratum"
    assert BEGIN.date() == START


def test_a_clients_word_for_a_stratum_does_not_pass_for_another_segment():
    assert segments([], "a")["a"]["stratum"] == "new"
    for word in ("all", "channel:web", "stratum:x"):
        named = segments([], "a", stratum=word)["a"]["stratum"]
        assert named == f"stratum:{word}"
        assert kind_of(named) == "stratum"
