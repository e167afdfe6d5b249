import numpy as np
import pytest

from joren.errors import JorenError
from joren.points.dose import Dose, best_grant, distinct_doses, fit_dose_response, profit


def doses(ceiling: float, scale: float, sizes=(100, 300, 500, 1000), se: float = 5.0) -> list[Dose]:
    """Arms whose effects lie on the curve."""
    return [
        Dose("C1", d, ceiling * -np.expm1(-d / scale), se, se / 2) for d in sizes
    ]  # fmt: skip


def test_fewer_than_three_sizes_tell_no_curve():
    assert distinct_doses(doses(100, 300, (500,))) == 2
    with pytest.raises(JorenError, match="2 sizes of grants cannot tell a curve"):
        fit_dose_response(doses(100, 300, (500, 500)), seed=1)
    assert fit_dose_response(doses(100, 300, (300, 500)), seed=1).largest == 500


def test_the_curve_never_falls_and_nothing_comes_of_no_grant():
    curve = fit_dose_response(doses(100, 300), seed=1)
    margin = curve.margin(np.linspace(0, 1000, 11))
    assert (np.diff(margin, axis=1) >= 0).all()
    assert (margin[:, 0] == 0).all()


def test_a_curve_that_is_there_is_found():
    curve = fit_dose_response(doses(100, 300, se=1.0), seed=1)
    middle = curve.margin(np.array([100, 500])).mean(axis=0)
    assert middle == pytest.approx([28.3, 81.1], abs=3)


def test_the_best_grant_is_where_a_further_point_no_longer_pays():
    # d/dd 100 (1 − e^(−d/300)) = r  →  d = 300 ln(100 / (300 r))
    curve = fit_dose_response(doses(100, 300, se=0.5), seed=1)
    best = best_grant(curve, 1.0, 0.1, 0.0, 0.9)
    true = 300 * np.log(100 / (300 * 0.1))
    assert best.points.value == pytest.approx(true, abs=30)
    assert best.points.lower <= true <= best.points.upper
    assert best.profit.lower < best.profit.value < best.profit.upper


def test_where_points_cost_more_than_they_bring_no_grant_is_best():
    curve = fit_dose_response(doses(5, 300, se=0.5), seed=1)
    best = best_grant(curve, 1.0, 1.0, 85.0, 0.9)
    assert (best.points.value, best.profit.value) == (0, 0)


def test_the_interval_of_the_best_grant_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(7)
    truth = 300 * np.log(150 / (300 * 0.15))
    held = 0
    for seed in range(60):
        noise, shared = rng.normal(0, 4, 4), rng.normal(0, 2)
        arms = [
            Dose("C1", d.points, d.effect + e - shared, 4.0, 2.0)
            for d, e in zip(doses(150, 300), noise, strict=True)
        ]
        best = best_grant(fit_dose_response(arms, seed), 1.0, 0.15, 0.0, 0.9)
        held += best.points.lower <= truth <= best.points.upper
    assert held >= 48  # of 60 at 90 %: fewer in one of some thousand


def test_arms_of_one_campaign_share_the_noise_of_their_hold_out():
    def spread(names: tuple[str, ...]) -> float:
        arms = [
            Dose(name, d, 100.0, 1.0, 5.0) for name, d in zip(names, (800, 900, 1000), strict=True)
        ]
        return float(fit_dose_response(arms, seed=1).margin(np.array([1000.0])).std())

    # at the ceiling all tell the same number; of one hold-out, its noise does not average out
    assert spread(("A", "A", "A")) > 1.2 * spread(("A", "B", "C"))


def test_the_same_seed_gives_the_same_curve():
    one, two = (fit_dose_response(doses(100, 300), seed=3) for _ in range(2))
    assert (one.ceiling == two.ceiling).all()
    assert profit(one, np.array([0.0, 100.0]), 1.0, 0.5, 85.0)[0, 0] == 0
