"""Use by channels: exact rates, intervals that cover, and no verdict on chance."""

from __future__ import annotations

import ibis
import numpy as np
import pytest

from joren.points.unused import OTHERS, use_by_channels, use_sentence


def given(groups):
    """groups: channels → list of (granted, used) of its customers."""
    people = [
        (f"{i}-{n}", list(channels), granted, used)
        for i, (channels, members) in enumerate(groups.items())
        for n, (granted, used) in enumerate(members)
    ]
    ids, channels, granted, used = zip(*people, strict=True)
    lots = ibis.memtable({
        "customer_id": ids, "points_granted": granted, "points_used": used,
        "points_cancelled": [0] * len(ids), "points_transferred": [0] * len(ids),
        "points_remaining": [g - u for g, u in zip(granted, used, strict=True)],
    })  # fmt: skip
    return lots, ibis.memtable({"customer_id": ids, "channels": channels})


def test_a_rate_is_all_used_of_all_granted_and_small_groups_are_put_together():
    lots, customers = given({
        ("pos",): [(100, 10)] * 20 + [(300, 90)] * 20,
        ("web", "line"): [(100, 60)] * 30,
        ("mall",): [(10, 10)] * 2,
        ("call",): [(10, 0)] * 2,
    })  # fmt: skip
    groups = use_by_channels(lots, customers, 0.9).groups.set_index("channels")
    assert groups.rate.to_dict() == pytest.approx(
        {"pos": 2000 / 8000, "line+web": 0.6, OTHERS: 0.5}
    )
    assert groups.loc["pos", ["customers", "remaining"]].tolist() == [40, 6000]
    assert list(groups.index) == ["pos", "line+web", OTHERS]


def test_the_interval_is_that_of_a_ratio_estimator():
    members = [(100, 10), (200, 90), (50, 0), (400, 260)] * 10
    lots, customers = given({("pos",): members})
    (row,) = use_by_channels(lots, customers, 0.9).groups.itertuples()
    granted, used = np.array(members, float).T
    rate = used.sum() / granted.sum()
    se = np.sqrt(np.var(used - rate * granted, ddof=1) * len(members)) / granted.sum()
    assert (row.rate, row.upper) == pytest.approx((rate, rate + 1.6448536 * se))


def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(1)
    covered = 0
    for _run in range(60):
        granted = rng.integers(50, 500, 60)
        used = rng.binomial(granted, rng.beta(2, 3, 60))
        lots, customers = given({("pos",): list(zip(granted.tolist(), used.tolist(), strict=True))})
        (row,) = use_by_channels(lots, customers, 0.9).groups.itertuples()
        covered += row.lower <= 0.4 <= row.upper
    assert 47 <= covered <= 59


def test_a_difference_within_chance_is_not_named_and_a_clear_one_is():
    def verdict(shift):
        rng = np.random.default_rng(3)
        groups = {}
        for i, channel in enumerate(("pos", "web", "line", "call")):
            share = rng.beta(2, 3, 50) * (shift if i == 0 else 1)
            groups[channel,] = [(1000, int(1000 * s)) for s in share]
        return use_sentence(use_by_channels(*given(groups), 0.9), str.upper)

    assert verdict(1.0)[0] == "expiry.even_use"
    key, facts = verdict(0.4)
    assert (key, facts["group"], facts["n"]) == ("expiry.least_used", "POS", 50)
    assert facts["lower"] < facts["value"] < facts["upper"] < facts["everybody"]


def test_points_cancelled_or_moved_away_were_never_theirs_to_use():
    lots, customers = given({("pos",): [(100, 50)] * 30})
    lots = lots.mutate(points_cancelled=20, points_transferred=30)
    (row,) = use_by_channels(lots, customers, 0.9).groups.itertuples()
    assert row.rate == 1.0
