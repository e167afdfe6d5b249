"""What to do, in money: roll out, leave it, or test first.

A campaign brings G = population × (value × effect − cost) − fixed cost, and what is known of the
effect is a normal. Expected gain, the chance and size of a loss, and what it would be worth to know
more then have closed forms (Raiffa & Schlaifer 1961, ch. 5): E max(G, 0) = m Φ(m/s) + s φ(m/s) for
G ~ N(m, s²).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from scipy.stats import norm

from joren.errors import JorenError


@dataclass(frozen=True)
class Stakes:
    """What an effect is worth and what contacting customers costs, in the client's currency.

    population : customers who would be contacted
    value : money per unit of the effect (1 where the effect is margin; margin of an order where it
        is a response rate)
    cost : of contacting one customer
    fixed_cost : of a roll-out, however many are contacted
    """

    population: int
    value: float = 1.0
    cost: float = 0.0
    fixed_cost: float = 0.0


@dataclass(frozen=True)
class Decision:
    """What a roll-out brings, in currency.

    expected_gain, lower, upper : of rolling out now
    p_loss : chance that it brings less than nothing
    expected_loss : mean of max(−G, 0): what is lost on average, the good cases counted as 0
    value_of_certainty : what knowing the effect exactly would be worth (EVPI): no test is worth
        more
    roll_out : whether the expected gain is above 0
    """

    expected_gain: float
    lower: float
    upper: float
    p_loss: float
    expected_loss: float
    value_of_certainty: float
    roll_out: bool


@dataclass(frozen=True)
class TestFirst:
    """What testing before a roll-out is worth, in currency.

    gross : expected gain of deciding about all after the test over deciding now (EVSI)
    net : what is gained if those in the test are contacted or held out before, less its cost
    """

    customers: int
    gross: float
    net: float


def decide(effect: float, se: float, stakes: Stakes, level: float) -> Decision:
    """Hold what is known of an effect against what it costs.

    Parameters
    ----------
    effect, se : mean and standard deviation of what is known of the effect per customer, after
        shrinking; se ≥ 0
    level : of the interval
    """
    mean, sd = _gain(effect, se, stakes)
    wins = _mean_above_zero(mean, sd)
    half = float(norm.ppf(0.5 + level / 2)) * sd
    return Decision(
        mean,
        mean - half,
        mean + half,
        float(norm.cdf(-mean / sd)) if sd else float(mean < 0),
        wins - mean,
        wins - max(mean, 0.0),
        mean > 0,
    )


def value_of_testing(
    effect: float,
    se: float,
    stakes: Stakes,
    outcome_sd: float,
    customers: int,
    holdout: float = 0.5,
    test_cost: float = 0.0,
) -> TestFirst:
    """What it is worth to test on some of the customers first and then decide about the others.

    Parameters
    ----------
    effect, se : what is known of the effect before the test
    outcome_sd : of the outcome between customers, in the unit of the effect
    customers : in the test, both arms; those contacted in it cost `stakes.cost` each and bring what
        they bring, so that the decision is about the rest
    holdout : share of the test that is not contacted
    test_cost : of the test besides, such as work or a delay

    Raises
    ------
    JorenError if the test needs more customers than there are, or has an empty arm
    """
    if not 0 < customers <= stakes.population:
        raise JorenError("a test needs some of the customers", f"{customers}", "give their number")
    if not 0 < holdout < 1:
        raise JorenError("a hold-out is a share between 0 and 1", f"{holdout}", "correct it")
    test_se = outcome_sd * sqrt(1 / (customers * (1 - holdout)) + 1 / (customers * holdout))
    # how far the posterior mean will move, as foreseen before the test
    moved = se**2 / sqrt(se**2 + test_se**2) if se else 0.0
    rest = Stakes(stakes.population - customers, stakes.value, stakes.cost, stakes.fixed_cost)
    now, _ = _gain(effect, se, stakes)
    mean, sd = _gain(effect, moved, rest)
    contacted = customers * (1 - holdout) * (stakes.value * effect - stakes.cost)
    later = _mean_above_zero(mean, sd) + contacted
    gross = _mean_above_zero(*_gain(effect, moved, stakes)) - max(now, 0.0)
    return TestFirst(customers, gross, later - test_cost - max(now, 0.0))


def best_test(
    effect: float,
    se: float,
    stakes: Stakes,
    outcome_sd: float,
    holdout: float = 0.5,
    test_cost: float = 0.0,
    steps: int = 60,
) -> TestFirst | None:
    """The test size with the largest net value, of `steps` sizes; None where no test pays."""
    smallest = min(100, stakes.population)
    ratio = (stakes.population / smallest) ** (1 / max(steps - 1, 1))
    sizes = sorted({min(round(smallest * ratio**i), stakes.population) for i in range(steps)})
    found = [value_of_testing(effect, se, stakes, outcome_sd, n, holdout, test_cost) for n in sizes]
    best = max(found, key=lambda test: test.net)
    return best if best.net > 0 else None


def _gain(effect: float, se: float, stakes: Stakes) -> tuple[float, float]:
    mean = stakes.population * (stakes.value * effect - stakes.cost) - stakes.fixed_cost
    return mean, stakes.population * abs(stakes.value) * se


def _mean_above_zero(mean: float, sd: float) -> float:
    if not sd:
        return max(mean, 0.0)
    return float(mean * norm.cdf(mean / sd) + sd * norm.pdf(mean / sd))
