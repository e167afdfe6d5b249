from joren.routes.channel_preference import (
    by_rank,
    by_tenth,
    channel_preference,
    ltv_tenths,
    rank_groups,
)


def _orders(rows, *bought):
    return rows([
        {"customer_id": c, "channel": channel, "day": f"2026-01-{day:02d}",
         "ordered_at": f"2026-01-{day:02d} 10:00"}
        for c, channel, day in bought
    ])  # fmt: skip


def test_a_customer_prefers_the_channel_of_most_days_and_ties_go_to_the_latest(rows):
    orders = _orders(rows, ("a", "pos", 1), ("a", "pos", 2), ("a", "ec", 3),
                     ("b", "pos", 1), ("b", "ec", 2), ("c", None, 4))  # fmt: skip
    groups = rows([{"customer_id": c, "group_name": "all"} for c in "abc"])
    found = channel_preference(orders, groups, 0.9).set_index("channel")

    assert found.preferring.to_dict() == {"ec": 1, "pos": 1}
    assert (found.customers == 2).all()
    assert (found.lower < 0.5).all()
    assert (found.upper > 0.5).all()


def test_tenths_are_equal_and_the_most_valuable_come_first(rows):
    ltv = rows([{"customer_id": f"c{i:03d}", "ltv_365d": float(i)} for i in range(100)])
    found = ltv_tenths(ltv).to_pandas()

    assert found.groupby("group_name").size().tolist() == [10] * 10
    assert set(found[found.group_name == "01"].customer_id) == {f"c{i:03d}" for i in range(90, 100)}


def test_ranks_are_told_apart_from_tenths_and_the_most_valuable_come_first(rows):
    segments = rows([
        {"customer_id": c, "preset": preset, "rank": rank}
        for c, preset, rank in (("a", "joren", "standard"), ("b", "joren", "high"),
                                ("a", "other", None), ("b", "other", None))
    ])  # fmt: skip
    tenths = rows([{"customer_id": c, "group_name": "01"} for c in "ab"])
    orders = _orders(rows, ("a", "pos", 1), ("b", "kiosk", 1))
    found = channel_preference(orders, tenths.union(rank_groups(segments)), 0.9)

    assert set(by_tenth(found).group_name) == {"01"}
    ranks = by_rank(found, ("high", "standard"))
    assert ranks["rank"].str.split(".").str[-1].tolist() == ["high"] * 2 + ["standard"] * 2
    # a channel that no text names keeps its own name
    named = "flows.channel.pos"
    assert ranks.channel_label.tolist() == ["kiosk", named, named, "kiosk"]
    assert ranks.preferring.tolist() == [1, 0, 1, 0]
