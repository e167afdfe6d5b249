import numpy as np
import pytest

from joren.routes.lift import counts_of, lifts


def _week(customer: str, cell: int, lost: int, **sign) -> dict:
    return {"customer_id": customer, "cell": cell, "lost": lost} | sign


@pytest.fixture
def world(rows):
    """Customers with one week each: in two cells, with and without the sign, lost or not."""

    def make(counts: dict[tuple[int, bool, int], int], weeks: int = 1):
        risk, shown = [], []
        for (cell, has, lost), n in counts.items():
            for i in range(n):
                name = f"{cell}{has}{lost}{i}"
                risk += [_week(name, cell, lost)] * weeks
                shown += [_week(name, cell, lost, source=3, target=5)] * (weeks if has else 0)
        return counts_of(rows(risk), rows(shown), 2)

    return make


TWO_CELLS = {
    (0, True, 1): 30, (0, True, 0): 70, (0, False, 1): 40, (0, False, 0): 360,
    (1, True, 1): 40, (1, True, 0): 10, (1, False, 1): 80, (1, False, 0): 120,
}  # fmt: skip


def test_the_ratio_is_that_of_mantel_and_haenszel_with_greenlands_and_robins_variance(world):
    found = lifts(world(TWO_CELLS), 0.9).iloc[0]
    above = 30 * 400 / 500 + 40 * 200 / 250
    below = 40 * 100 / 500 + 80 * 50 / 250
    ratio = above / below

    assert found.lift == pytest.approx(ratio)
    # Greenland & Robins (1985), which agrees up to how nuisance risks are centred
    spread = sum(
        (n1 * n0 * (y1 + y0) - y1 * y0 * (n1 + n0)) / (n1 + n0) ** 2
        for y1, n1, y0, n0 in ((30, 100, 40, 400), (40, 50, 80, 200))
    )
    se = np.sqrt(spread / (above * below))
    assert np.log(found.upper / found.lower) / (2 * 1.6449) == pytest.approx(se, rel=0.1)
    assert found.precision == pytest.approx(70 / 150)
    assert found.recall == pytest.approx(70 / 190)


def test_weeks_of_one_customer_are_one_customer(world):
    once, often = (lifts(world(TWO_CELLS, weeks), 0.9).iloc[0] for weeks in (1, 5))

    assert often.lift == pytest.approx(once.lift)
    assert (often.lower, often.upper) == pytest.approx((once.lower, once.upper))


def test_a_sign_after_which_nobody_is_lost_has_no_interval(world):
    found = lifts(world({(0, True, 0): 9, (0, False, 1): 5, (0, False, 0): 5}), 0.9).iloc[0]
    assert np.isnan(found.lift) and np.isnan(found.lower)
