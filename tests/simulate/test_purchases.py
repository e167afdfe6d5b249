"""Purchase timing and spend of simulated customers."""

from datetime import datetime
from random import Random
from statistics import mean

from joren.simulate.purchases import SPEND, P, Q, simulate_purchases

START, END = datetime(2024, 4, 1), datetime(2026, 4, 1)


def test_everybody_orders_at_least_once_within_the_period_in_time_order():
    rng = Random(1)
    for _ in range(200):
        times = [purchase.at for purchase in simulate_purchases(rng, START, END)]
        assert times
        assert all(START <= at < END for at in times)
        assert times == sorted(times, key=lambda at: at.date())


def test_mean_spend_is_that_of_the_gamma_gamma_model():
    rng = Random(2)
    amounts = [simulate_purchases(rng, START, END)[0].amount for _ in range(20_000)]
    assert abs(mean(amounts) / (P * SPEND / (Q - 1)) - 1) < 0.03
