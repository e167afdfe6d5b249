import pytest

from joren.campaigns.calibrate import ALIKE, APART, NONE, READ, Share, calibrate, show


@pytest.mark.parametrize(
    ("share", "off"),
    [
        (Share("claimed", "orders", "all", 20, 200), False),
        (Share("claimed", "orders", "all", 31, 200), False),
        (Share("claimed", "orders", "all", 32, 200), True),
        (Share("claimed", "orders", "all", 8, 200), True),
        (Share("claimed", "orders", "segments", 8, 600), False),
        (Share("claimed", "orders", "segments", 90, 600), True),
        (Share("covered", "orders", "all", 170, 200), False),
        (Share("covered", "orders", "all", 150, 200), True),
        (Share("covered", "orders", "all", 200, 200), False),
        (Share("apart", "orders", "segments", 440, 600), True),
    ],
)
def test_what_chance_does_not_explain_is_off(share, off):
    assert share.is_off() == off


def test_campaigns_without_effect_are_claimed_and_true_effects_held_about_as_promised():
    nothing = calibrate(seeds=12, customers=400, seed=1, effect=NONE)
    something = calibrate(seeds=12, customers=400, seed=2, effect=ALIKE)
    differing = calibrate(seeds=12, customers=400, seed=2, effect=APART)
    told = ((nothing, "claimed"), (something, "covered"), (differing, "apart"))
    for shares, what in told:
        assert {(s.metric, s.group) for s in shares} == {
            (metric, group) for metric in READ for group in ("all", "segments")
        }
        assert all(s.n == (12 if s.group == "all" else 36) for s in shares)
        assert [s for s in shares if s.is_off()] == []
        assert what in show(shares)


def test_a_large_effect_is_seen():
    tenfold = {stratum: 10 * orders for stratum, orders in ALIKE.items()}
    large = calibrate(seeds=3, customers=400, seed=3, effect=tenfold)
    assert all(s.value > 0.5 for s in large if s.group == "all")
