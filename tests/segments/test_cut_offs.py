"""Cut-offs from the client's own purchases."""

from __future__ import annotations

import pytest

from joren.errors import JorenError
from joren.params_segments import Joren
from joren.segments.cut_offs import read_cut_offs


def _regular(n: int, gap: int, purchases: int = 6) -> dict[str, list[tuple[int, float]]]:
    return {f"g{gap}c{i}": [(gap * j, 1_000) for j in range(purchases)] for i in range(n)}


def test_regular_customers_make_a_cut_at_one_cycle(visits_of):
    cuts = read_cut_offs(visits_of(_regular(60, 30)), Joren())
    assert cuts.typical_gap == pytest.approx(30)
    assert cuts.at_risk == pytest.approx(1)
    assert (cuts.gaps, cuts.repeaters) == (300, 60)
    assert cuts.loyal_total == 6_000


def test_fast_and_slow_customers_are_judged_by_their_own_cycle(visits_of):
    both = _regular(60, 10) | _regular(60, 100, 8)
    cuts = read_cut_offs(visits_of(both), Joren())
    assert cuts.at_risk < 1.7  # one cut for all in days would lie at a hundred, ten fast cycles


def test_too_few_purchases_are_refused_with_the_number_it_takes(visits_of):
    with pytest.raises(JorenError, match="25 gaps"):
        read_cut_offs(visits_of(_regular(5, 30)), Joren())
