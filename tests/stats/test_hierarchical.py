import numpy as np
import pytest
from tests.stats.hillstrom import ARMS, CONTROL, MEN, WOMEN, arm, named
from tests.stats.permuted import claims

from joren.errors import JorenError
from joren.stats.hierarchical import segment_effects
from joren.stats.moments import Moments, of_counts

OUTCOMES = ["rate", "amount", "mean"]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_effect_of_all_segments_is_near_that_of_all_customers(outcome):
    found = segment_effects(named("spend"), CONTROL, outcome, 0.9)
    column = "conversion" if outcome == "rate" else "spend"
    for name in (MEN, WOMEN):
        plain = arm(name, column).mean() - arm(CONTROL, column).mean()
        total = found.totals[name]
        assert abs(total.absolute.value - plain) < 0.5 * total.absolute.se
        assert total.excludes_zero()
        assert total.p_better > 0.99
    assert len(found.cells) == 16
    assert found.method == "laplace"
    assert found.problems == ()


@pytest.mark.parametrize("outcome", ["amount", "mean"])
def test_money_in_yen_leaves_every_relative_result_unchanged(outcome):
    dollars, yen = (
        segment_effects(named("spend", rate), CONTROL, outcome, 0.9) for rate in (1, 150)
    )
    for key, cell in dollars.cells.items():
        other = yen.cells[key]
        assert other.p_better == pytest.approx(cell.p_better, abs=1e-6)
        assert other.absolute.value == pytest.approx(150 * cell.absolute.value, rel=1e-4)
        assert (other.relative is None) == (cell.relative is None)
        for bound in ("value", "lower", "upper", "se") if cell.relative else ():
            there, here = getattr(other.relative, bound), getattr(cell.relative, bound)
            assert there == pytest.approx(here, rel=1e-4, abs=1e-6)


def test_segments_are_drawn_towards_the_effect_of_all():
    found = segment_effects(named("conversion"), CONTROL, "rate", 0.9)
    raw = {
        key: m.mean() - named("conversion")[key[0], CONTROL].mean()
        for key, m in named("conversion").items()
        if key[1] != CONTROL
    }
    for name in (MEN, WOMEN):
        ours = [found.cells[str(s), name].relative.value for s in range(8)]
        theirs = [raw[str(s), name] / named("conversion")[str(s), CONTROL].mean() for s in range(8)]
        assert np.std(ours) < 0.6 * np.std(theirs)


def test_neither_the_order_of_cells_nor_another_run_changes_anything():
    cells = named("spend")
    shuffled = dict(sorted(cells.items(), reverse=True))
    one = segment_effects(cells, CONTROL, "amount", 0.9)
    assert one == segment_effects(shuffled, CONTROL, "amount", 0.9)


def test_permuted_arms_claim_a_segment_seldom_where_unpooled_cells_do_most_times():
    found = claims("conversion", 40, 0.9, seed=1)
    assert found["pooled"] <= 0.2 + 0.13  # two standard errors of 40 runs
    assert found["unpooled"] > 0.55


def sparse(scale: int) -> dict[tuple[str, str], Moments]:
    """Hillstrom's rates with fewer customers: cells without any, of three, and without buyers."""
    rng = np.random.default_rng(1)
    cells = {
        key: of_counts(n, int(rng.binomial(n, m.mean())))
        for key, m in named("conversion").items()
        for n in [m.n // scale]
    }
    n = cells["5", CONTROL].n
    return cells | {
        ("7", MEN): of_counts(3, 0),
        ("6", MEN): of_counts(0, 0),
        ("5", CONTROL): of_counts(n, 0),
    }


@pytest.mark.parametrize("scale", [4, 64])
def test_cells_of_nobody_or_without_buyers_answer_as_nuts_does(scale):
    ours, theirs = (
        segment_effects(sparse(scale), CONTROL, "rate", 0.9, way) for way in ("auto", "nuts")
    )
    assert theirs.method == "nuts"
    assert theirs.problems == ()
    for key, cell in theirs.cells.items():
        found, sd = ours.cells[key].absolute, cell.absolute.se
        assert abs(found.value - cell.absolute.value) < 0.12 * sd
        assert 0.88 < found.se / sd < 1.12
        assert 0 < ours.cells[key].p_better < 1
    assert ours.cells["6", MEN].n == 0


def test_chains_that_say_too_little_are_given_time_and_thinned():
    found = segment_effects(sparse(4), CONTROL, "rate", 0.9, "nuts", draws=800)
    assert found.method == "nuts"
    assert found.problems == ()  # 800 draws of themselves are not 400 effective ones
    longer = segment_effects(sparse(4), CONTROL, "rate", 0.9, "nuts", draws=2000)
    for key, cell in longer.cells.items():
        apart = found.cells[key].absolute.value - cell.absolute.value
        assert abs(apart) < 0.5 * cell.absolute.se


def test_where_segments_contradict_each_other_too_much_for_laplace_nuts_answers():
    everybody = {("0", CONTROL), ("1", MEN), ("2", WOMEN)}
    cells = {
        (str(s), a): of_counts(5000, 5000 if (str(s), a) in everybody else 0)
        for s in range(8)
        for a in ARMS
    }
    found = segment_effects(cells, CONTROL, "rate", 0.9, draws=1000, seed=1)
    assert found.k_hat > 0.7
    assert found.method == "nuts"
    assert found.cells["1", MEN].absolute.lower > 0.9
    insisted = segment_effects(cells, CONTROL, "rate", 0.9, "laplace", 1000, seed=1)
    assert insisted.problems == ("k_hat",)


def test_one_segment_and_amounts_with_returns_are_read_too():
    cells = {("all", "control"): Moments(200, 300, 90_000, 20, 900, 60.0)}
    cells["all", "mail"] = Moments(220, 900, 99_000, 30, 1500, 95.0)
    found = segment_effects(cells, "control", "amount", 0.9)
    assert found.model == "mean"
    assert set(found.cells) == {("all", "mail")}
    assert found.totals["mail"].absolute.value == found.cells["all", "mail"].absolute.value


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        ({}, "rate"),
        ({("a", "control"): of_counts(5, 1)}, "rate"),
        ({("a", "mail"): of_counts(5, 1)}, "rate"),
        ({("a", arm): Moments(5) for arm in ("control", "mail")}, "amount"),
    ],
)
def test_what_cannot_be_compared_is_an_error(cells, outcome):
    with pytest.raises(JorenError):
        segment_effects(cells, "control", outcome, 0.9)


def test_effects_of_simulated_segments_are_held_as_often_as_intervals_say():
    rng, held, total = np.random.default_rng(3), 0, 0
    for _ in range(15):
        base, effect = rng.normal(-3, 0.5, 8), rng.normal(0.2, 0.2, (2, 8))
        p = 1 / (1 + np.exp(-np.stack([base, base + effect[0], base + effect[1]])))
        cells = {
            (str(s), a): of_counts(1500, int(rng.binomial(1500, p[k, s])))
            for s in range(8)
            for k, a in enumerate(ARMS)
        }
        found = segment_effects(cells, CONTROL, "rate", 0.9, draws=2000)
        for s in range(8):
            for k, a in enumerate(ARMS[1:], 1):
                interval = found.cells[str(s), a].absolute
                held += interval.lower <= p[k, s] - p[0, s] <= interval.upper
                total += 1
    assert 0.84 <= held / total <= 0.96
